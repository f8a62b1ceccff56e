#!/bin/sh
# Stands in front of the compiler in builds: finds headers and libraries of dependencies, and writes where they are into
# what is linked. The variables are those of a build in Spack; lists in them are joined by colons.
#
#   SPACK_CC, SPACK_CXX, SPACK_FC            the compilers
#   SPACK_CPPFLAGS, SPACK_CFLAGS, ...        flags that the spec asks for
#   SPACK_TARGET_ARGS_CC, ...                flags for the processor
#   SPACK_INCLUDE_DIRS, SPACK_LINK_DIRS, SPACK_RPATH_DIRS, and the same as SPACK_STORE_...
#   SPACK_CC_RPATH_ARG, ...                  how the compiler is told a path for run time
set -f

name=${0##*/}
case $name in
  cc | gcc | c89 | c99) language=CC real=$SPACK_CC flags="$SPACK_CPPFLAGS $SPACK_CFLAGS" ;;
  c++ | g++ | CC) language=CXX real=$SPACK_CXX flags="$SPACK_CPPFLAGS $SPACK_CXXFLAGS" ;;
  fc | gfortran | f77 | f90) language=FC real=$SPACK_FC flags="$SPACK_CPPFLAGS $SPACK_FFLAGS" ;;
  *) echo "$name: the wrapper knows no compiler of that name" >&2; exit 1 ;;
esac
if [ -z "$real" ]; then
  echo "$name: the build has no compiler for this: its recipe needs \`depends_on\` for the language" >&2
  exit 1
fi

# The wrapper must not find itself.
PATH=$(
  IFS=:
  kept=
  for folder in $PATH; do
    case :$SPACK_COMPILER_WRAPPER_PATH: in *":$folder:"*) ;; *) kept=$kept${kept:+:}$folder ;; esac
  done
  printf %s "$kept"
)
export PATH

# What the compiler is to do, by the first word that tells; asking for its version is nothing of ours.
mode=link
for word; do
  case $word in
    -c | -S) mode=compile; break ;;
    -E | -M | -MM) mode=preprocess; break ;;
    -v | -V | --version | -dumpversion | -dumpfullversion | -dumpmachine | -print-*) [ $# = 1 ] && mode=ask ;;
  esac
done
[ $mode = ask ] && exec "$real" "$@"

eval "target=\$SPACK_TARGET_ARGS_$language rpath=\${SPACK_${language}_RPATH_ARG:--Wl,-rpath,}"

# Dependencies come behind what the command line itself says.
IFS=:
for folder in $SPACK_INCLUDE_DIRS $SPACK_STORE_INCLUDE_DIRS; do set -- "$@" "-I$folder"; done
if [ $mode = link ]; then
  for folder in $SPACK_LINK_DIRS $SPACK_STORE_LINK_DIRS; do set -- "$@" "-L$folder"; done
  for folder in $SPACK_RPATH_DIRS $SPACK_STORE_RPATH_DIRS $SPACK_COMPILER_IMPLICIT_RPATHS; do set -- "$@" "$rpath$folder"; done
fi
IFS=' '
[ $mode = link ] && flags="$flags $SPACK_LDFLAGS"
libraries=
[ $mode = link ] && libraries=$SPACK_LDLIBS
# Flags of the spec come in front, so that a Makefile has the last word; $flags is meant to be split.
exec $SPACK_CCACHE_BINARY "$real" $target $flags "$@" $libraries

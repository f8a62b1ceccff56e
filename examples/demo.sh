#!/bin/sh
# The main job, end to end and offline, in a scratch folder: environment → lockfile → depfile → make → a program runs.
# usage: demo.sh   (npm run demo builds the tool first)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A world of its own: nothing of the user's configuration is read or written.
export SPACK_ROOT="$scratch/spack" SPACK_USER_CONFIG_PATH="$scratch/config" SPACK_USER_CACHE_PATH="$scratch/cache"
export SPACK_DISABLE_LOCAL_CONFIG=1 HOME="$scratch"
unset SPACK_ENV MAKEFLAGS MAKELEVEL || true
mkdir "$scratch/bin"
ln -s "$project/dist/spack.js" "$scratch/bin/spack"
PATH="$scratch/bin:$PATH"

run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

echo 'An environment whose recipes and sources are at hand, built from source:'
cp -r "$here/recipes" "$here/words" "$scratch"
(cd "$scratch/recipes" && python3 pack-sources.py mirror >/dev/null)
cd "$scratch/words"
run spack -e . external find gmake
run spack -e . add tally
run spack -e . concretize
run spack -e . env depfile -o Makefile
run make -j4
run view/bin/tally from manifest to program
run make

echo
echo 'Another machine compiled three small packages, and leaves a signed build cache and a lockfile:'
mkdir "$scratch/hello"
cd "$scratch/hello"
cp "$here/hello/spack.yaml" .
(cd "$project" && node --import tsx examples/hello/make-cache.ts "$scratch/hello")
run ls

echo
echo 'Here we install from them:'
run spack gpg trust key.pub
run spack -e . env depfile --use-buildcache only -o Makefile
run make -j4
run spack -e . find -ldp
run view/bin/greet demo
eval "$(spack env activate --sh .)"
run banner demo
echo
echo 'Once more: the stamps say that nothing is to be done.'
run make

# Makes `spack` an alias of csh and tcsh, so that `spack env activate`, `load` and `cd` can change the shell's variables:
#
#     source /path/to/templates/setup-env.csh
#
# csh does not say which file it reads. On Linux the open files of the process do; elsewhere set SPACK_SETUP_DIR to the
# folder of this file first.

if ( $?SPACK_SETUP_DIR ) then
    set _sp_setup="$SPACK_SETUP_DIR"
else
    set _sp_setup=`ls -l /proc/$$/fd |& sed -n 's|^.* -> \(/.*\)/setup-env\.csh$|\1|p' | head -n 1`
endif
set _sp_program=""
if ( $?SPACK_PROGRAM ) then
    set _sp_program="$SPACK_PROGRAM"
endif
if ( "$_sp_program" == "" && -x "$_sp_setup/../spack.js" ) set _sp_program="$_sp_setup/../spack.js"
if ( "$_sp_program" == "" && -x "$_sp_setup/../dist/spack.js" ) set _sp_program="$_sp_setup/../dist/spack.js"
if ( "$_sp_program" == "" ) set _sp_program=`which spack`
if ( -r "$_sp_setup/spack.csh" ) then
    alias spack 'set _sp_words=(\!*); source "$_sp_setup/spack.csh"'
else
    echo "setup-env.csh: cannot find spack.csh; set SPACK_SETUP_DIR to the folder of setup-env.csh"
endif

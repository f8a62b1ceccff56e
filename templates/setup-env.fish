# Makes `spack` a function of fish, so that `spack env activate`, `load` and `cd` can change the shell's variables:
#
#     source /path/to/templates/setup-env.fish

if set -q SPACK_PROGRAM
    set -g _sp_program $SPACK_PROGRAM
else
    set -l folder (dirname (status dirname | path resolve 2>/dev/null; or realpath (status dirname)))
    for candidate in $folder/spack.js $folder/dist/spack.js
        test -x $candidate; and set -g _sp_program $candidate
    end
    set -q _sp_program; or set -g _sp_program (command -v spack)
end
if test -z "$_sp_program"
    echo "setup-env.fish: cannot find the program spack; set SPACK_PROGRAM to its path" >&2
end

function spack --description 'Spack environments and packages'
    # The command is the first word that is neither a global flag nor its value; behind it is its subcommand.
    set -l names
    set -l skip no
    set -l plain no
    for word in $argv
        if contains -- $word -h --help --list --sh --csh --fish
            set plain yes
        end
        if test $skip = yes
            set skip no
        else if test (count $names) -eq 0; and contains -- $word -e -D -C -c --env --env-dir --config-scope --config --color
            set skip yes
        else if test (count $names) -gt 0; or not string match -q -- '-*' $word
            set -a names $word
        end
    end
    if test $plain = no; and test (count $names) -gt 0; and begin; contains -- $names[1] cd load unload; or begin; test (count $names) -gt 1; and test $names[1] = env; and contains -- $names[2] activate deactivate; end; end
        # Nothing is evaluated when the command fails; it has said why.
        set -l text ($_sp_program $argv --fish)
        set -l code $status
        test $code -eq 0; or return $code
        string join \n -- $text | source
    else
        $_sp_program $argv
    end
end

# Makes `spack` a function of this shell, so that `spack env activate`, `load` and `cd` can change the shell's variables.
# For bash, zsh and dash, in a start-up file or by hand:
#
#     . /path/to/templates/setup-env.sh
#
# dash does not say which file it reads: there, `spack` is looked for in PATH, or set SPACK_PROGRAM first.

if [ -n "${BASH_VERSION:-}" ]; then
    _sp_setup="${BASH_SOURCE:-}"
elif [ -n "${ZSH_VERSION:-}" ]; then
    eval '_sp_setup="${(%):-%x}"'
else
    _sp_setup=""
fi
_sp_program="${SPACK_PROGRAM:-}"
if [ -z "$_sp_program" ] && [ -n "$_sp_setup" ]; then
    _sp_folder="$(CDPATH= cd -- "$(dirname -- "$_sp_setup")/.." && pwd -P)"
    for _sp_candidate in "$_sp_folder/spack.js" "$_sp_folder/dist/spack.js"; do
        if [ -x "$_sp_candidate" ]; then _sp_program="$_sp_candidate"; fi
    done
    unset _sp_folder _sp_candidate
fi
if [ -z "$_sp_program" ]; then
    _sp_program="$(unset -f spack; unalias spack 2>/dev/null; command -v spack || true)"
fi
if [ -z "$_sp_program" ]; then
    echo "setup-env.sh: cannot find the program spack; set SPACK_PROGRAM to its path" >&2
fi
unset _sp_setup
unalias spack 2>/dev/null || true

spack() {
    # The command is the first word that is neither a global flag nor its value; behind it is its subcommand.
    _sp_command=""
    _sp_sub=""
    _sp_skip=""
    _sp_plain=""
    for _sp_word in "$@"; do
        case "$_sp_word" in
        -h | --help | --list | --sh | --csh | --fish) _sp_plain=yes ;;
        esac
        if [ -n "$_sp_skip" ]; then
            _sp_skip=""
        elif [ -z "$_sp_command" ]; then
            case "$_sp_word" in
            -e | -D | -C | -c | --env | --env-dir | --config-scope | --config | --color) _sp_skip=yes ;;
            -*) ;;
            *) _sp_command="$_sp_word" ;;
            esac
        elif [ -z "$_sp_sub" ]; then
            _sp_sub="$_sp_word"
        fi
    done
    case "$_sp_plain/$_sp_command/$_sp_sub" in
    /env/activate | /env/deactivate | /cd/* | /load/* | /unload/*)
        # Nothing is evaluated when the command fails; it has said why.
        _sp_text="$("$_sp_program" "$@" --sh)" || return $?
        eval "$_sp_text"
        ;;
    *)
        "$_sp_program" "$@"
        ;;
    esac
}

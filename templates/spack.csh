# What the alias `spack` of setup-env.csh does. The words of the command are in _sp_words.

# The command is the first word that is neither a global flag nor its value; behind it is its subcommand.
set _sp_command=""
set _sp_sub=""
set _sp_skip=0
set _sp_plain=0
foreach _sp_word ( $_sp_words:q )
    switch ( "$_sp_word" )
    case "-h":
    case "--help":
    case "--list":
    case "--sh":
    case "--csh":
    case "--fish":
        set _sp_plain=1
        breaksw
    endsw
    if ( $_sp_skip ) then
        set _sp_skip=0
    else if ( "$_sp_command" == "" ) then
        switch ( "$_sp_word" )
        case "-e":
        case "-D":
        case "-C":
        case "-c":
        case "--env":
        case "--env-dir":
        case "--config-scope":
        case "--config":
        case "--color":
            set _sp_skip=1
            breaksw
        case "-*":
            breaksw
        default:
            set _sp_command="$_sp_word"
            breaksw
        endsw
    else if ( "$_sp_sub" == "" ) then
        set _sp_sub="$_sp_word"
    endif
end

set _sp_status=0
if ( $_sp_plain == 0 && ( "$_sp_command" == "cd" || "$_sp_command" == "load" || "$_sp_command" == "unload" || ( "$_sp_command" == "env" && ( "$_sp_sub" == "activate" || "$_sp_sub" == "deactivate" ) ) ) ) then
    # Nothing is evaluated when the command fails; it has said why.
    set _sp_file=`mktemp`
    "$_sp_program" $_sp_words:q --csh >"$_sp_file"
    set _sp_status=$status
    if ( $_sp_status == 0 ) source "$_sp_file"
    rm -f "$_sp_file"
else
    "$_sp_program" $_sp_words:q
    set _sp_status=$status
endif
# The status of the last command is that of the alias.
( exit $_sp_status )

# Cowshed's shell integration for bash 4.4 and later, read in place of ~/.bashrc (see shell_integration.py).
# It tells Cowshed's terminal when a command begins and ends, in escape sequences that carry this session's secret.
# Nothing is written to any file.

if [ -r /etc/profile ]; then . /etc/profile; fi
if [ -r ~/.bash_profile ]; then . ~/.bash_profile
elif [ -r ~/.bash_login ]; then . ~/.bash_login
elif [ -r ~/.profile ]; then . ~/.profile
fi

__cowshed_secret=@SECRET@
__cowshed_number=

# Escape what a terminal or the pseudo-terminal would change on its way; the result is in __cowshed_text.
__cowshed_escape() {
    __cowshed_text=${1//\\/\\\\}
    __cowshed_text=${__cowshed_text//$'\n'/\\n}
    __cowshed_text=${__cowshed_text//$'\r'/\\r}
    __cowshed_text=${__cowshed_text//$'\t'/\\t}
    __cowshed_text=${__cowshed_text//$'\e'/\\e}
    __cowshed_text=${__cowshed_text//$'\a'/\\a}
    __cowshed_text=${__cowshed_text//;/\\s}
}

# First thing at a prompt: the last command is over. Leaves its status as it was for the person's own prompt commands.
__cowshed_prompt() {
    local status=$? number='\!' __cowshed_text
    __cowshed_number=${number@P}
    # An empty history and one entry both have the number 1.
    [ "$__cowshed_number" = 1 ] && [ -z "$(builtin history 1)" ] && __cowshed_number=0
    __cowshed_escape "$PWD"
    builtin printf '\e]133;D;%s;%s;%s\a\e]133;A;%s\a' \
        "$__cowshed_secret" "$status" "$__cowshed_text" "$__cowshed_secret"
    return "$status"
}

# Part of PS0, in a subshell: a command begins. What it is, the history knows, unless it was told to ignore the line;
# then its newest entry has the number it had at the prompt, and the terminal has to compare it with the screen.
__cowshed_started() {
    local number='\!' entry doubt=0 __cowshed_text
    [ "${number@P}" = "$__cowshed_number" ] && doubt=1
    entry=$(HISTTIMEFORMAT='' builtin history 1)
    if [[ $entry =~ ^[[:space:]]*[0-9]+[*\ ]\ (.*)$ ]]; then entry=${BASH_REMATCH[1]}; else entry=''; fi
    __cowshed_escape "${entry:0:16384}"
    entry=$__cowshed_text
    __cowshed_escape "$PWD"
    builtin printf '\e]133;C;%s;%s;%s;%s\a' "$__cowshed_secret" "$doubt" "$entry" "$__cowshed_text"
}

if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    PROMPT_COMMAND=(__cowshed_prompt "${PROMPT_COMMAND[@]}")
else
    PROMPT_COMMAND=__cowshed_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
fi
PS0=${PS0-}'$(__cowshed_started)'

"""Environment modules, which some externals need: `module load` in a shell, whose environment is taken over."""

import os
import re
import subprocess

_changes = ("load", "swap", "unload", "purge", "use", "unuse")
#: The environment with a NUL after each variable; not every `env` can do that.
_print_environment = "awk 'BEGIN{for(name in ENVIRON) printf(\"%s=%s%c\", name, ENVIRON[name], 0)}'"


def module_command(*args, module_template=None, module_src_cmd=None, environb=None):
    """Runs `module`. Commands that change the environment change this process's; others give what was printed."""
    environ = os.environb if environb is None else environb
    command = module_template or "module " + " ".join(args)
    if b"MODULESHOME" in environ:
        command = module_src_cmd or "source $MODULESHOME/init/bash; " + command
    if args[0] not in _changes:
        return _in_shell(command, environ).decode("utf-8", "replace")
    printed = _in_shell(command + " >/dev/null 2>&1; " + _print_environment, environ)
    pairs = [entry.split(b"=", 1) for entry in printed.strip(b"\0").split(b"\0") if b"=" in entry]
    environ.clear()
    environ.update(pairs)
    return None


def _in_shell(command, environ):
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "shell": True, "executable": "/bin/bash"}
    return subprocess.run(command, env=dict(environ), **how).stdout


def load_module(name):
    """Loads a module, after those that it conflicts with are gone."""
    words = module_command("show", name).split()
    for word, next_word in zip(words, words[1:]):
        if word == "conflict":
            module_command("unload", next_word)
    module_command("load", name)


def get_path_args_from_module_line(line):
    """The paths in a line of a module file, in Tcl or Lua."""
    if "(" in line and ")" in line:
        quoted = re.findall("\"([^\"]*)\"|'([^']*)'", line[line.index(",") :])
        if not quoted:
            raise ValueError("No lua quote symbol found in lmod module line.")
        text = quoted[-1][0] or quoted[-1][1]
    else:
        words = line.split()
        if len(words) < 3:
            return []
        text = words[2]
    return text.split(":")

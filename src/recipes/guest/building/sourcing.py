"""What a shell script changes in the environment of whoever sources it.

Follows `EnvironmentModifications.from_sourcing_file` of Spack 1.2.
"""

import json
import os
import re
import subprocess
import sys

#: Of shells themselves, and of the commands for modules.
_never = """
    SHLVL _ PWD OLDPWD PS1 PS2 ENV LOADEDMODULES _LMFILES_ MODULEPATH MODULERCFILE BASH_FUNC_ml() BASH_FUNC_module()
    MODULESHOME BASH_FUNC__module_raw() MODULES_(.*) __MODULES_(.*) (\\w*)_mod(quar|share) LMOD_(.*)
""".split()

_print_environment = "import json, os; print(json.dumps(dict(os.environ)))"


def add_changes_of_sourcing(changes, filename, arguments, exclude=(), include=(), clean=False, **shell):
    """Adds what sourcing a file with these arguments changes; `exclude` and `include` name variables, also by patterns."""
    if not os.path.isfile(filename):
        raise RuntimeError("there is no file `{}` to source".format(filename))
    unwanted = list(exclude) + _never
    before, after = (
        {name: value for name, value in found.items() if not _matches(name, unwanted) or _matches(name, include)}
        for found in (_after_sourcing([os.devnull], **shell), _after_sourcing([filename] + list(arguments), **shell))
    )
    for name in sorted(set(after) - set(before)):
        separator = _separator_in(after[name])
        if separator or "PATH" in name:
            changes.prepend_path(name, after[name], separator or ":")
        else:
            changes.set(name, after[name])
    for name in sorted(set(before) - set(after)):
        changes.unset(name)
    for name in sorted(name for name in set(before) & set(after) if before[name] != after[name]):
        _add_change(changes, name, before[name], after[name], clean)


def _matches(name, patterns):
    return any(name == each or (re.search(r"[][$()*?^{|}]", each) and re.match(each, name)) for each in patterns)


def _after_sourcing(
    words,
    env=None,
    shell="/bin/bash",
    shell_options="-c",
    source_command="source",
    suppress_output="&> /dev/null",
    concatenate_on_success="&&",
):
    show = "'{}' -I -S -c '{}'".format(sys.executable, _print_environment)
    line = " ".join([source_command] + [str(word) for word in words] + [suppress_output, concatenate_on_success, show])
    command = [shell] + shell_options.split() + [line]
    done = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True
    )
    output, errors = done.communicate()
    try:
        return json.loads(output)
    except ValueError:
        raise RuntimeError("sourcing `{}` with {} failed: {}".format(words[0], shell, errors.strip() or "it says nothing"))


def _separator_in(*values):
    return next((each for each in ":;" if any(each in value for value in values)), None)


def _add_change(changes, name, before, after, clean):
    """As additions at both ends of what was there, where that is all that happened."""
    separator = _separator_in(before, after)
    if not separator:
        changes.set(name, after)
        return
    old, new = ([part for part in value.split(separator) if part] for value in (before, after))
    if clean:
        old, new = list(dict.fromkeys(old)), list(dict.fromkeys(new))
        before, after = separator.join(old), separator.join(new)
    kept = [part for part in old if part in new]
    first, last = (new.index(kept[0]), new.index(kept[-1])) if kept else (0, -1)
    if not kept or separator.join(new[first : last + 1]) not in before:
        changes.prepend_path(name, after)
        return
    for part in old:
        if part not in new:
            changes.remove_path(name, part)
    for part in new[last + 1 :]:
        changes.append_path(name, part)
    for part in reversed(new[:first]):
        changes.prepend_path(name, part)

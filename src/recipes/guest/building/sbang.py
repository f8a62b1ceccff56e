"""First lines of scripts that are too long for the system, which then go through `sbang`."""

import os
import re
import stat

from building import job

_system_limit = 127
_own_limit = 4096
_interpreter = re.compile(b"#![ \t]*?([^ \t\0\n]+)")
#: How the second line begins and ends, by the end of the interpreter's path; others read `#!`.
_second_lines = (
    ((b"/lua", b"/luajit"), b"--!", b""),
    ((b"/node",), b"//!", b""),
    ((b"/php",), b"<?php #!", b" ?>"),
)


def sbang_install_path():
    return job.current.settings["sbang"]


def sbang_shebang_line():
    return "#!/bin/sh " + sbang_install_path()


def filter_shebang(path):
    """Puts `sbang` in front of a first line that is too long; whether it did."""
    with open(path, "rb") as file:
        first = file.readline(_own_limit)
        if not first.startswith(b"#!") or len(first) <= _system_limit or not first.endswith(b"\n"):
            return False
        rest = file.read()
    found = _interpreter.match(first)
    if found is None:
        return False
    start, end = b"#!", b""
    for suffixes, own_start, own_end in _second_lines:
        if found.group(1).endswith(suffixes):
            start, end = own_start, own_end
    mode = os.stat(path).st_mode
    os.chmod(path, mode | stat.S_IWUSR)
    with open(path, "wb") as file:
        file.write(sbang_shebang_line().encode() + b"\n" + start + first[2:] + end + rest)
    os.chmod(path, mode)
    return True

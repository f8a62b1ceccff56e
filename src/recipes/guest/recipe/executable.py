"""Programs on the search path, which a few recipes look for or ask while they are loaded."""

import os
import subprocess

from recipe.errors import ProcessError


class Executable:
    """A program that is called like a function."""

    def __init__(self, name):
        self.exe = [str(name)]

    path = property(lambda self: self.exe[0])
    name = property(lambda self: os.path.basename(self.exe[0]))

    def add_default_arg(self, *arguments):
        self.exe += arguments

    def __call__(self, *arguments, output=None, error=None, fail_on_error=True, env=None, timeout=60, **_options):
        """Runs the program; with `output=str` returns what it printed. Raises ProcessError when it fails."""
        command = self.exe + [str(argument) for argument in arguments]
        streams = {
            "stdout": subprocess.PIPE if output is str else subprocess.DEVNULL,
            "stderr": subprocess.STDOUT if error is str else subprocess.DEVNULL,
        }
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, env=env, timeout=timeout, **streams)
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise ProcessError("{}: {}".format(command[0], failure))
        if fail_on_error and done.returncode != 0:
            raise ProcessError("`{}` failed with exit code {}".format(" ".join(command), done.returncode))
        return (done.stdout or b"").decode("utf-8", "replace") if str in (output, error) else None


def which_string(*names, path=None, required=False):
    """The path of the first of these programs that is found, or None."""
    folders = path if path is not None else os.environ.get("PATH", "")
    folders = folders.split(os.pathsep) if isinstance(folders, str) else folders
    for name in names:
        candidates = [name] if os.path.dirname(name) else [os.path.join(str(folder), name) for folder in folders]
        for candidate in candidates:
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return candidate
    if required:
        raise ProcessError("none of these programs is on the search path: {}".format(", ".join(names)))
    return None


def which(*names, path=None, required=False):
    found = which_string(*names, path=path, required=required)
    return Executable(found) if found else None

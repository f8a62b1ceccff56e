"""Programs that are called like functions, and how they are found."""

import os
import re
import subprocess
import sys

from building import output as log
from building.environment import EnvironmentModifications
from recipe.errors import CommandNotFoundError, ProcessError, ProcessTimeoutError


class Executable:
    """A program that is called like a function."""

    def __init__(self, name):
        text = str(name)
        path = os.path.normpath(text)
        self.exe = [os.path.join(".", path) if isinstance(name, str) and text.startswith(".") else path]
        self.default_env = {}
        self.default_envmod = EnvironmentModifications()
        #: Of the last call; 1 before the first.
        self.returncode = 1
        self.ignore_quotes = False

    path = property(lambda self: self.exe[0])
    name = property(lambda self: os.path.basename(self.exe[0]))
    command = property(lambda self: " ".join(self.exe))

    def add_default_arg(self, *arguments):
        self.exe.extend(str(argument) for argument in arguments)

    def with_default_args(self, *arguments):
        other = self.copy()
        other.add_default_arg(*arguments)
        return other

    def copy(self):
        other = Executable(self.exe[0])
        other.exe = list(self.exe)
        other.default_env = dict(self.default_env)
        other.default_envmod = EnvironmentModifications(self.default_envmod)
        return other

    def add_default_env(self, key, value):
        self.default_env[key] = value

    def add_default_envmod(self, envmod):
        self.default_envmod.extend(envmod)

    def environ_for(self, env, extra_env):
        """The variables that a call gets."""
        environ = dict(os.environ) if env is None else {}
        self.default_envmod.apply_modifications(environ)
        environ.update(self.default_env)
        for given in (env, extra_env):
            if isinstance(given, EnvironmentModifications):
                given.apply_modifications(environ)
            elif given:
                environ.update({key: str(value) for key, value in given.items()})
        return environ

    def __call__(
        self,
        *args,
        fail_on_error=True,
        ignore_errors=(),
        ignore_quotes=None,
        timeout=None,
        env=None,
        extra_env=None,
        input=None,
        output=None,
        error=None,
        _dump_env=None
    ):
        """Runs the program and waits. `output` and `error` are None (the log), `str` (to be returned), `str.split` (both),
        a file or its name. Raises ProcessError when it fails."""
        environ = self.environ_for(env, extra_env)
        if _dump_env is not None:
            _dump_env.clear()
            _dump_env.update(environ)
        command = self.exe + [str(argument) for argument in args]
        shown = " ".join("'" + word.replace("'", "'\"'\"'") + "'" for word in command)
        self._warn_of_quotes(args, self.ignore_quotes if ignore_quotes is None else ignore_quotes)
        log.note(shown)
        log.flush()
        ignored = (ignore_errors,) if isinstance(ignore_errors, int) else ignore_errors
        # Not at the top: that module is about programs of this one.
        from building.jobserver import bounded

        with bounded(command, environ):
            said = self._run(command, shown, environ, timeout, input, output, error)
        if fail_on_error and self.returncode != 0 and self.returncode not in ignored:
            how = "was killed by signal {}".format(-self.returncode) if self.returncode < 0 else None
            message = "Command {}".format(how or "exited with status {}".format(self.returncode))
            raise ProcessError(message, shown + ("\n" + said if said else ""))
        return said

    @staticmethod
    def _warn_of_quotes(args, ignored):
        quoted = [str(arg) for arg in args if re.search("^\".*\"$|^'.*'$", str(arg))]
        if quoted and not ignored:
            log.tty.warn("these arguments reach the program with their quotes, as no shell takes them away:", *quoted)

    def _run(self, command, shown, environ, timeout, input, output, error):
        opened = []

        def stream(given, mode):
            if given in (str, str.split):
                return subprocess.PIPE
            if isinstance(given, str):
                opened.append(open(given, mode))
                return opened[-1]
            return given

        try:
            process = subprocess.Popen(
                command,
                stdin=stream(input, "rb"),
                stdout=stream(output, "wb"),
                stderr=stream(error, "wb"),
                env=environ,
                close_fds=False,
            )
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                said = _captured(output, out, sys.stdout) + _captured(error, err, sys.stderr)
                raise ProcessTimeoutError("took longer than {} s".format(timeout), shown + "\n" + said)
        except OSError as failure:
            reason = failure.strerror or str(failure)
            raise ProcessError("{}: {}".format(command[0], reason), "Command: " + shown) from failure
        finally:
            for file in opened:
                file.close()
        self.returncode = process.returncode
        captured = [stream for stream in (output, error) if stream in (str, str.split)]
        return _captured(output, out, sys.stdout) + _captured(error, err, sys.stderr) if captured else None

    def __eq__(self, other):
        return hasattr(other, "exe") and self.exe == other.exe

    def __hash__(self):
        return hash((type(self),) + tuple(self.exe))

    def __repr__(self):
        return "<exe: {}>".format(self.exe)

    def __str__(self):
        return " ".join(self.exe)


def _captured(wanted, data, echo):
    if wanted not in (str, str.split):
        return ""
    text = (data or b"").decode("utf-8", "replace")
    if wanted is str.split:
        echo.write(text)
    return text


def which_string(*args, path=None, required=False):
    """The path of the first of these programs that is found, or None."""
    given = os.environ.get("PATH", "") if path is None else path
    folders = given.split(os.pathsep) if isinstance(given, str) else [str(folder) for folder in given]
    for name in args:
        for folder in ([os.getcwd()] if str(name).startswith(".") else []) + folders:
            candidate = os.path.join(folder, os.path.normpath(str(name)))
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return candidate
    if required:
        names = ", ".join("`{}`".format(name) for name in args)
        raise CommandNotFoundError("none of these programs is on the search path: {}".format(names))
    return None


def which(*args, path=None, required=False):
    """The first of these programs that is found, or None."""
    found = which_string(*args, path=path, required=required)
    return Executable(found) if found else None

"""Programs on the search path, which a few recipes look for or ask while they are loaded, and all that detect them."""

import os
import selectors
import signal
import subprocess
import time

from recipe.errors import ProcessError

#: Seconds that a program may take when the recipe does not say, and bytes of its output that are read.
limits = {"seconds": 60, "bytes": 16 << 20}


class Executable:
    """A program that is called like a function."""

    def __init__(self, name):
        self.exe = [str(name)]
        self.returncode = None

    path = property(lambda self: self.exe[0])
    name = property(lambda self: os.path.basename(self.exe[0]))
    command = property(lambda self: " ".join(self.exe))

    def add_default_arg(self, *arguments):
        self.exe += [str(argument) for argument in arguments]

    def __call__(
        self,
        *arguments,
        input=None,
        output=None,
        error=None,
        fail_on_error=True,
        ignore_errors=(),
        env=None,
        timeout=None,
        **_options
    ):
        """Runs the program; gives what it wrote to the streams that are `str`. Raises ProcessError when it fails."""
        command = self.exe + [str(argument) for argument in arguments]
        streams = {
            "stdout": subprocess.PIPE if output in (str, str.split) else subprocess.DEVNULL,
            "stderr": subprocess.PIPE if error in (str, str.split) else subprocess.DEVNULL,
        }
        seconds = min(timeout or limits["seconds"], limits["seconds"])
        self.returncode, written = _run(command, env, seconds, input, streams)
        ignored = [ignore_errors] if isinstance(ignore_errors, int) else ignore_errors
        if fail_on_error and self.returncode != 0 and self.returncode not in ignored:
            raise ProcessError("`{}` failed with exit code {}".format(" ".join(command), self.returncode))
        return written if str in (output, error) or str.split in (output, error) else None


#: Programs that took too long: whoever asks for them again need not wait.
_slow = set()


def _run(command, env, seconds, given, streams):
    """The exit code of a program and what it wrote, standard output first. It is killed with all that it started when
    it takes too long or writes too much."""
    if command[0] in _slow:
        raise ProcessError("`{}` took too long before".format(command[0]))
    try:
        with open(given if isinstance(given, str) else os.devnull, "rb") as stdin:
            program = subprocess.Popen(command, stdin=stdin, env=env, start_new_session=True, **streams)
    except (OSError, ValueError) as failure:
        raise ProcessError("{}: {}".format(command[0], failure))
    try:
        written = _read([pipe for pipe in (program.stdout, program.stderr) if pipe], time.time() + seconds, command[0])
        program.wait(timeout=max(0.1, seconds))
    except (_TooSlow, subprocess.TimeoutExpired):
        _slow.add(command[0])
        raise ProcessError("`{}` did not end within {} s".format(" ".join(command), seconds))
    finally:
        if program.poll() is None:
            _kill(program)
        for pipe in (program.stdout, program.stderr):
            if pipe:
                pipe.close()
    return program.returncode, b"".join(written).decode("utf-8", "replace")


class _TooSlow(Exception):
    """The time is over."""


def _read(pipes, deadline, name):
    """What is written to each of the pipes until all are closed."""
    texts, count = [[] for _ in pipes], 0
    with selectors.DefaultSelector() as selector:
        for index, pipe in enumerate(pipes):
            selector.register(pipe, selectors.EVENT_READ, index)
        while selector.get_map():
            ready = selector.select(timeout=max(0, deadline - time.time()))
            if not ready:
                raise _TooSlow()
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    selector.unregister(key.fileobj)
                count += len(chunk)
                if count > limits["bytes"]:
                    raise ProcessError("`{}` wrote more than {} MB".format(name, limits["bytes"] >> 20))
                texts[key.data].append(chunk)
    return [b"".join(text) for text in texts]


def _kill(program):
    try:
        os.killpg(program.pid, signal.SIGKILL)
    except OSError:
        program.kill()
    program.wait()


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

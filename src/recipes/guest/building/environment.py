"""Changes of environment variables, kept as a list until they are applied."""

import os
import shlex
from contextlib import contextmanager

#: Folders in which systems keep things, with which paths are never extended.
_system_roots = ("/", "/usr", "/usr/local")
system_folders = tuple(
    [os.path.join(root, name) for name in ("bin", "bin64", "include", "lib", "lib64") for root in _system_roots]
) + _system_roots


def is_system_path(path):
    return bool(path) and os.path.normpath(path) in system_folders


def filter_system_paths(paths):
    return [path for path in paths if not is_system_path(path)]


def _set(old, change):
    return change.value


def _unset(_old, _change):
    return None


def _append_flags(old, change):
    return old + change.separator + change.value if old else change.value


def _remove_flags(old, change):
    return _joined([flag for flag in _parts(old, change) if flag != change.value], change)


def _append_path(old, change):
    return _joined(_parts(old, change) + [os.path.normpath(change.value)], change)


def _prepend_path(old, change):
    return _joined([os.path.normpath(change.value)] + _parts(old, change), change)


def _remove_path(old, change):
    return _joined([path for path in _parts(old, change) if path != os.path.normpath(change.value)], change)


def _remove_first_path(old, change):
    paths = [os.path.normpath(path) for path in _parts(old, change)]
    if os.path.normpath(change.value) in paths:
        paths.remove(os.path.normpath(change.value))
    return _joined(paths, change)


def _remove_last_path(old, change):
    paths = [os.path.normpath(path) for path in _parts(old, change)][::-1]
    if os.path.normpath(change.value) in paths:
        paths.remove(os.path.normpath(change.value))
    return _joined(paths[::-1], change)


def _deprioritize_system_paths(old, change):
    return _joined(sorted((os.path.normpath(path) for path in _parts(old, change)), key=is_system_path), change)


def _prune_duplicate_paths(old, change):
    return _joined(list(dict.fromkeys(os.path.normpath(path) for path in _parts(old, change))), change)


def _parts(old, change):
    return old.split(change.separator) if old else []


def _joined(parts, change):
    return change.separator.join(parts)


class Change:
    """One change of one variable."""

    __slots__ = ("name", "value", "separator", "compute")

    def __init__(self, name, value, separator, compute):
        self.name = name
        self.value = value
        self.separator = separator
        self.compute = compute

    @property
    def kind(self):
        """The name of the method that made it."""
        return self.compute.__name__[1:]

    def execute(self, environ):
        new = self.compute(environ.get(self.name, ""), self)
        if new is None:
            environ.pop(self.name, None)
        else:
            environ[self.name] = new


class EnvironmentModifications:
    """A list of changes of environment variables."""

    def __init__(self, other=None, traced=None):
        self.env_modifications = []
        if other is not None:
            self.extend(other)

    def __iter__(self):
        return iter(self.env_modifications)

    def __len__(self):
        return len(self.env_modifications)

    def _add(self, compute, name, value="", separator=os.pathsep):
        self.env_modifications.append(Change(name, str(value), separator, compute))

    def extend(self, other):
        if not isinstance(other, EnvironmentModifications):
            raise TypeError("only other modifications of an environment can be added")
        self.env_modifications.extend(other.env_modifications)

    def set(self, name, value, force=False, raw=False):
        self._add(_set, name, value)

    def unset(self, name):
        self._add(_unset, name)

    def append_flags(self, name, value, sep=" "):
        self._add(_append_flags, name, value, sep)

    def remove_flags(self, name, value, sep=" "):
        self._add(_remove_flags, name, value, sep)

    def set_path(self, name, elements, separator=os.pathsep):
        self._add(_set, name, separator.join(str(each) for each in elements), separator)

    def append_path(self, name, path, separator=os.pathsep):
        self._add(_append_path, name, path, separator)

    def prepend_path(self, name, path, separator=os.pathsep):
        self._add(_prepend_path, name, path, separator)

    def remove_path(self, name, path, separator=os.pathsep):
        self._add(_remove_path, name, path, separator)

    def remove_first_path(self, name, path, separator=os.pathsep):
        self._add(_remove_first_path, name, path, separator)

    def remove_last_path(self, name, path, separator=os.pathsep):
        self._add(_remove_last_path, name, path, separator)

    def deprioritize_system_paths(self, name, separator=os.pathsep):
        self._add(_deprioritize_system_paths, name, separator=separator)

    def prune_duplicate_paths(self, name, separator=os.pathsep):
        self._add(_prune_duplicate_paths, name, separator=separator)

    def group_by_name(self):
        groups = {}
        for change in self.env_modifications:
            groups.setdefault(change.name, []).append(change)
        return groups

    def drop(self, *names):
        """Forgets all changes of these variables; whether there were any."""
        kept = [change for change in self.env_modifications if change.name not in names]
        dropped = len(kept) != len(self.env_modifications)
        self.env_modifications = kept
        return dropped

    def is_unset(self, name):
        """Whether the last change of a variable takes it away."""
        changes = self.group_by_name().get(name)
        return bool(changes) and changes[-1].compute is _unset

    def clear(self):
        self.env_modifications = []

    @staticmethod
    def from_sourcing_file(filename, *arguments, **how):
        """What sourcing a file in a shell, bash unless another is named, changes."""
        from building.sourcing import add_changes_of_sourcing

        changes = EnvironmentModifications()
        add_changes_of_sourcing(changes, filename, arguments, **how)
        return changes

    def reversed(self):
        """What takes these changes back, as far as that can be."""
        back = EnvironmentModifications()
        undo = {
            _append_path: back.remove_last_path,
            _prepend_path: back.remove_first_path,
            _append_flags: lambda name, value, separator: back.remove_flags(name, value, separator),
            _set: lambda name, _value, _separator: back.unset(name),
        }
        for change in reversed(self.env_modifications):
            if change.compute in undo:
                undo[change.compute](change.name, change.value, change.separator)
        return back

    def apply_modifications(self, env=None):
        environ = os.environ if env is None else env
        for change in self.env_modifications:
            change.execute(environ)

    def shell_modifications(self, shell="sh", explicit=False, env=None):
        """Lines for a Bourne shell; with `explicit` also those that change nothing."""
        old = dict(os.environ if env is None else env)
        new = dict(old)
        self.apply_modifications(new)
        if "MANPATH" in new and not new["MANPATH"].endswith(os.pathsep):
            new["MANPATH"] += os.pathsep
        lines = []
        for name in sorted(self.group_by_name()):
            if name not in new:
                if explicit or name in old:
                    lines.append("unset {};\n".format(name))
            elif explicit or new[name] != old.get(name):
                lines.append("export {}={};\n".format(name, shlex.quote(new[name])))
        return "".join(lines)


@contextmanager
def set_env(**variables):
    """Sets variables of this process for a while; None takes one away."""
    saved = {name: os.environ.get(name) for name in variables}
    _put(variables)
    try:
        yield
    finally:
        _put(saved)


def _put(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def parse_configured(configured):
    """The changes that an `environment:` of `packages.yaml` asks for."""
    changes = EnvironmentModifications()
    for kind, variables in (configured or {}).items():
        if kind == "unset":
            for name in variables:
                changes.unset(name)
        else:
            for name, value in variables.items():
                getattr(changes, kind)(name, str(value))
    return changes


def source_line(name, value):
    """A line that sets a variable when a shell reads it."""
    if name.startswith("BASH_FUNC_"):
        function = name[len("BASH_FUNC_") :].split("%%")[0].split("()")[0]
        return "function {0}{1}; export -f {0}".format(function, value)
    return "{}={}; export {}".format(name, shlex.quote(value), name)


_hidden = ("PS1", "PWD", "OLDPWD", "TERM_SESSION_ID")


def dump_environment(path, environ=None):
    """Writes the environment to a file that a shell can read, for the owner's eyes only."""
    environ = os.environ if environ is None else environ
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        for name in sorted(environ):
            file.write(("#" if name in _hidden else "") + source_line(name, environ[name]) + "\n")

"""Imports repositories: `spack_repo.<namespace>.…` from the folders that the host named.

For each module it is kept which files of repositories it is made of, so that a change of any of them tells the host
whose facts are old.
"""

import ast
import builtins
import hashlib
import importlib.machinery
import importlib.util
import io
import os
import sys

from recipe import callbacks, directives, host

_PREFIX = "spack_repo."


class RepositoryFinder:
    """Finds modules of repositories. A package's folder needs no `__init__.py`."""

    def __init__(self, roots):
        self.roots = roots

    def find_spec(self, name, _path=None, _target=None):
        if name == "spack_repo":
            return importlib.machinery.ModuleSpec(name, None, is_package=True)
        if not name.startswith(_PREFIX):
            return None
        rest = name[len(_PREFIX) :]
        for namespace, root in self.roots.items():
            if rest == namespace or rest.startswith(namespace + "."):
                return _find(name, os.path.join(root, *rest[len(namespace) :].split(".")[1:]))
            if namespace.startswith(rest + "."):
                return importlib.machinery.ModuleSpec(name, None, is_package=True)
        return None


def _find(name, path):
    if not host.is_loading:
        return _find_plain(name, path)
    if os.path.isfile(path + ".py"):
        return importlib.machinery.ModuleSpec(name, ModuleLoader(path + ".py"), origin=path + ".py")
    if not os.path.isdir(path):
        return None
    init = os.path.join(path, "__init__.py")
    loader = ModuleLoader(init if os.path.isfile(init) else None)
    spec = importlib.machinery.ModuleSpec(name, loader, origin=init, is_package=True)
    spec.submodule_search_locations = [path]
    return spec


def _find_plain(name, path):
    """For builds, which do not ask what a module is made of: Python keeps the compiled code of plain modules."""
    source_loader = importlib.machinery.SourceFileLoader
    if os.path.isfile(path + ".py"):
        return importlib.util.spec_from_file_location(name, path + ".py", loader=source_loader(name, path + ".py"))
    if not os.path.isdir(path):
        return None
    init = os.path.join(path, "__init__.py")
    if os.path.isfile(init):
        return importlib.util.spec_from_file_location(
            name, init, loader=source_loader(name, init), submodule_search_locations=[path]
        )
    found = importlib.machinery.ModuleSpec(name, None, is_package=True)
    found.submodule_search_locations = [path]
    return found


class ModuleLoader:
    """Runs one file of a repository."""

    def __init__(self, path):
        self.path = path

    def create_module(self, _spec):
        return None

    def exec_module(self, module):
        traces[module.__name__] = trace = Trace(self.path)
        if self.path is None:
            return
        module.__file__ = self.path
        trace.source = read_file(self.path)
        trace.tree = ast.parse(trace.source, self.path)
        code = compile(trace.tree, self.path, "exec", dont_inherit=True)
        module.__dict__["__builtins__"] = _builtins_for(trace)
        exec(code, module.__dict__)


class Trace:
    """What a module is made of: its file and source, the modules that it imports, data files it opened."""

    __slots__ = ("path", "source", "tree", "imports", "opened")

    def __init__(self, path):
        self.path = path
        self.source = b""
        self.tree = None
        self.imports = set()
        self.opened = set()

    def take_tree(self):
        """The syntax tree, which the caller may change."""
        tree, self.tree = self.tree, None
        return tree or ast.parse(self.source, self.path)


traces = {}
_digests = {}


def read_file(path):
    """The bytes of a file of a repository, whose digest is kept."""
    with io.open(path, "rb") as file:
        content = file.read()
    _digests[path] = hashlib.sha256(content).hexdigest()
    return content


def digest_of(path):
    """The sha256 of a file as it was when it was read, or None when it cannot be read."""
    if path not in _digests:
        try:
            read_file(path)
        except OSError:
            _digests[path] = None
    return _digests[path]


def files_of(module):
    """All files of repositories that a module is made of, its own first."""
    seen, waiting, files = set(), [module], []
    while waiting:
        name = waiting.pop()
        trace = traces.get(name)
        if name in seen or trace is None:
            continue
        seen.add(name)
        files += ([trace.path] if trace.path else []) + sorted(trace.opened)
        waiting += sorted(trace.imports)
    return files


def forget_failed(module):
    """Leaves nothing behind of a module that could not be loaded."""
    sys.modules.pop(module, None)
    directives.drop_waiting()
    callbacks.drop_waiting()


def _builtins_for(trace):
    """The builtins of a module, in which imports and opened files are traced."""
    own = dict(builtins.__dict__)
    plain_import = builtins.__import__

    def traced_import(imported, globals=None, locals=None, fromlist=(), level=0):
        module = plain_import(imported, globals, locals, fromlist, level)
        if level or imported.startswith(_PREFIX):
            full = module.__name__ if fromlist else imported
            trace.imports.add(full)
            for each in fromlist or ():
                if "{}.{}".format(full, each) in traces:
                    trace.imports.add("{}.{}".format(full, each))
        elif not host.is_loading:
            return module
        elif imported in host.modules or (not fromlist and imported.split(".")[0] in host.modules):
            return host.modules[imported.split(".")[0]]
        return module

    def traced_open(file, *args, **kwargs):
        if isinstance(file, str):
            trace.opened.add(os.path.abspath(file))
        return builtins.open(file, *args, **kwargs)

    own["__import__"] = traced_import
    own["open"] = traced_open
    return own

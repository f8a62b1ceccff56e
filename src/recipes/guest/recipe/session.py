"""Serves the host's requests: first the repositories and the host's facts, then lists of package folders to load, or
files on the machine in which to detect a package."""

import importlib
import sys
import traceback

from recipe import channel, detection, facts, loader, runtimes, sources
from recipe.package import PackageBase, class_name
from recipe.spec import Spec

_setup = {}


def serve():
    channel.send({"started": True})
    while True:
        request = channel.receive()
        if request is None:
            return
        if "repositories" in request:
            _setup.update(request)
            sys.meta_path.insert(0, loader.RepositoryFinder(request["repositories"]))
        elif "groups" in request:
            channel.send(detect(request))
        elif "sources_of" in request:
            channel.send(sources_of(request))
        elif "runtimes_of" in request:
            channel.send(runtimes_of(request))
        else:
            for folder in request["folders"]:
                channel.send(answer(request["namespace"], folder))


def detect(request):
    """What is installed of one package, as its recipe sees it."""
    work = lambda cls: detection.detect(cls, request["groups"], request["seconds"], request["threads"])  # noqa: E731
    return _with_class(request["namespace"], request["folder"], work)


def sources_of(request):
    """What the recipe says of the sources of one spec."""
    work = lambda cls: sources.answers_about(cls, Spec(request["sources_of"]))  # noqa: E731
    return _with_class(request["namespace"], request["folder"], work)


def runtimes_of(request):
    """What the recipe of a compiler asks of all nodes that use this one."""
    work = lambda cls: {"calls": runtimes.calls_of(cls, request["runtimes_of"])}  # noqa: E731
    return _with_class(request["namespace"], request["folder"], work)


def answer(namespace, folder):
    """The facts of one package, or where and why its recipe failed."""
    return _with_class(namespace, folder, lambda cls: facts.facts_of(cls, _setup["host"]))


def _with_class(namespace, folder, work):
    module_name = "spack_repo.{}.packages.{}.package".format(namespace, folder)
    try:
        module = importlib.import_module(module_name)
        return work(_package_class(module, folder))
    except BaseException as error:  # Whatever a recipe raises, exits included, is an answer about this recipe.
        loader.forget_failed(module_name)
        files = [[path, loader.digest_of(path)] for path in loader.files_of(module_name)]
        return {"failed": folder, "message": _describe(error), "where": _place(error), "files": files}


def _package_class(module, folder):
    name = class_name(folder)
    found = getattr(module, name, None)
    if not isinstance(found, type) or not issubclass(found, PackageBase):
        raise AttributeError("no class `{}` that is a package".format(name))
    return found


def _describe(error):
    if isinstance(error, SyntaxError):
        return "{}: {}".format(type(error).__name__, error.msg)
    return "{}: {}".format(type(error).__name__, error)


def _place(error):
    """File and line in a repository where an error came up."""
    if isinstance(error, SyntaxError) and error.filename:
        return "{}:{}".format(error.filename, error.lineno)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame[0].endswith(".py") and "/recipe/" not in frame[0]]
    repository = [frame for frame in own if "spack_repo" in frame[0]]
    frame = (repository or own or [None])[-1]
    return "{}:{}".format(frame[0], frame[1]) if frame else None

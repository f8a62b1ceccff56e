"""Runs a build: sets up the environment, runs the phases, writes down how it went. The host does what comes before and
after; what is said between the two is at the top of its `build-protocol.ts`."""

import importlib
import os
import sys
import threading
import time
import traceback

from building import job, output
from building.builder import create_builder
from building.environment import dump_environment
from building.files import install_tree
from building.package_half import Stage
from building.provenance import archive_files, keep_recipe, write_configure_args
from building.setup import set_up_build
from building.spec import Graph
from recipe import channel, loader
from recipe.errors import InstallError, SpackError, StopPhase
from recipe.package import class_name

log_name = "spack-build-out.txt"
environment_name = "spack-build-env.txt"
arguments_name = "spack-configure-args.txt"


def serve():
    """Answers the one request with the one result."""
    request = channel.receive()
    if request is None:
        return
    output.listening = True
    sys.meta_path.insert(0, loader.RepositoryFinder(request["repositories"]))
    try:
        result = _answers[request["build"]](_start(request))
    except StopPhase as stop:
        result = {"stopped": {"where": stop.args[0], "phase": stop.args[1]}}
    except BaseException as error:  # Whatever a recipe raises, exits included, is the result of this build.
        result = {"failed": _describe(error)}
    output.flush()
    channel.send(result)


def _start(request):
    graph = Graph(request["nodes"], _package_of)
    started = job.Job(request, graph)
    job.start(started)
    return started


def _package_of(spec):
    name = "spack_repo.{}.packages.{}.package".format(spec.namespace, spec._node["folder"])
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise
        message = "there is no recipe of {} in the configured repositories, namespace {}"
        raise SpackError(message.format(spec.name, spec.namespace)) from error
    return getattr(module, class_name(spec._node["folder"]))(spec)


def _prepare(started):
    """The package with its stage, in a process that has the environment of its build."""
    pkg = started.spec.package
    stage = started.stage
    pkg._stage = Stage(stage["path"], stage["source_path"], stage["archive_file"])
    pkg.path = stage["path"]
    pkg.run_tests = started.options["tests"]
    pkg.last_phase = started.options["until"]
    pkg.stop_before_phase = started.options["stop_before"]
    unmodified = dict(os.environ)
    changes = set_up_build(pkg, started.options["dirty"])
    return pkg, changes.shell_modifications(explicit=True, env=unmodified)


def build(started):
    pkg, modifications = _prepare(started)
    stage, options = pkg.stage, started.options
    _write(os.path.join(stage.path, environment_name), modifications)
    dump_environment(os.path.join(stage.path, "spack-build-env-vars.txt"))
    os.chdir(stage.source_path)
    if options["patch"] and hasattr(pkg, "patch"):
        output.tty.msg("{}: patching by the recipe".format(pkg.name))
        pkg.patch()
    if options["install_source"]:
        install_tree(stage.source_path, os.path.join(pkg.prefix, "share", pkg.name, "src"))
    builder = create_builder(pkg)
    _check_phases(builder, options)
    write_configure_args(pkg, os.path.join(stage.path, arguments_name))
    seconds = _run_phases(pkg, builder)
    if options["until"] is None:
        _keep(pkg, builder, started)
    return {"done": {"phases": seconds, "log_files": [], "unresolved_libraries": list(pkg.unresolved_libraries)}}


def _run_phases(pkg, builder):
    seconds = []
    for phase in builder:
        channel.send({"phase": phase.name})
        output.tty.msg("{}: Executing phase: '{}'".format(pkg.name, phase.name))
        start = time.time()
        phase.execute()
        seconds.append([phase.name, time.time() - start])
    return seconds


def _check_phases(builder, options):
    for flag in ("until", "stop_before"):
        if options[flag] is not None and options[flag] not in builder.phases:
            message = "{} has no phase `{}`; its phases are {}"
            raise InstallError(message.format(builder.pkg.name, options[flag], ", ".join(builder.phases)))


def _keep(pkg, builder, started):
    metadata = pkg.metadata_dir
    for name in (environment_name, arguments_name):
        source = os.path.join(pkg.stage.path, name)
        if os.path.exists(source):
            with open(source, encoding="utf-8") as file:
                _write(os.path.join(metadata, name), file.read())
    os.chdir(pkg.stage.path)
    archive_files(builder, pkg.stage.path, metadata)
    pkg.archive_install_test_log()
    keep_recipe(pkg, started.settings["repository"], metadata)


def _write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def environment(started):
    """Only the environment of the build, as variables."""
    _, modifications = _prepare(started)
    return {"done": {"environment": dict(os.environ), "modifications": modifications}}


_answers = {"build": build, "environment": environment}


def _describe(error):
    frames = traceback.extract_tb(error.__traceback__)
    recipes = [frame for frame in frames if "spack_repo" in frame[0]]
    place = "{}:{}".format(recipes[-1][0], recipes[-1][1]) if recipes else None
    if isinstance(error, SyntaxError) and error.filename:
        place = "{}:{}".format(error.filename, error.lineno)
    return {
        "kind": type(error).__name__,
        "message": _message(error),
        "detail": getattr(error, "long_message", None),
        "where": place,
        "is_expected": isinstance(error, SpackError),
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }


def _message(error):
    text = str(error)
    if isinstance(error, SpackError):
        return text
    if isinstance(error, SystemExit):
        return "the recipe ended the process with exit code {}".format(error.code)
    return "{}: {}".format(type(error).__name__, text) if text else type(error).__name__


def watch_for_the_host():
    """Ends with all children when the host is gone: nobody is left who would take the result."""
    lifeline = int(os.environ.pop("SPACK_GUEST_LIFELINE", "-1"))
    if lifeline < 0:
        return
    os.set_inheritable(lifeline, False)

    def watch():
        while os.read(lifeline, 1):
            pass
        os.killpg(os.getpgrp(), 9)

    threading.Thread(target=watch, daemon=True).start()

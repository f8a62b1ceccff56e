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
from building.setup import environment_modifications_for_specs, set_up_build
from building.spec import Graph
from recipe import channel, loader
from recipe.errors import InstallError, NoSuchMethodError, SpackError, StopPhase
from recipe.package import class_name

log_name = "spack-build-out.txt"
environment_name = "spack-build-env.txt"
arguments_name = "spack-configure-args.txt"


def serve():
    """Prepares the build that the first line describes, then does what it is told to."""
    request = channel.receive()
    if request is None:
        return
    output.listening = True
    started = {}
    channel.send(_answer(lambda: _begin(request, started)))
    while True:
        request = channel.receive()
        if request is None:
            return
        channel.send(_answer(lambda: {"done": _deeds[request["do"]](**started)}))


def _answer(deed):
    try:
        result = deed()
    except StopPhase as stop:
        result = {"stopped": {"where": stop.args[0], "phase": stop.args[1]}}
    except BaseException as error:  # Whatever a recipe raises, exits included, is the result of this build.
        result = {"failed": _describe(error)}
    try:
        output.flush()
    except OSError as error:  # The disk of the log is full.
        if "failed" not in result:
            result = {"failed": _describe(error)}
    return result


def _begin(request, started):
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.meta_path.insert(0, loader.RepositoryFinder(request["repositories"]))
    job_started = _start(request)
    if request.get("run") is not None:
        started.update(roots=[job_started.graph.specs[hash] for hash in request["run"]])
        return {"ready": {"name": job_started.spec.name}}
    pkg, modifications = _prepare(job_started)
    started.update(pkg=pkg, modifications=modifications)
    return {"ready": {"name": pkg.name}}


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


def patch(pkg, modifications):
    """The recipe's own changes of the sources."""
    os.chdir(pkg.stage.source_path)
    if not hasattr(pkg, "patch"):
        return {"ran": False}
    output.tty.msg("{}: patching by the recipe".format(pkg.name))
    try:
        pkg.patch()
    except NoSuchMethodError:
        # Patches for other specs than this one.
        return {"ran": False}
    return {"ran": True}


def build(pkg, modifications):
    stage, options = pkg.stage, job.current.options
    _write(os.path.join(stage.path, environment_name), modifications)
    dump_environment(os.path.join(stage.path, "spack-build-env-vars.txt"))
    os.chdir(stage.source_path)
    if options["install_source"]:
        install_tree(stage.source_path, os.path.join(pkg.prefix, "share", pkg.name, "src"))
    builder = create_builder(pkg)
    _check_phases(builder, options)
    write_configure_args(pkg, builder, os.path.join(stage.path, arguments_name))
    phases = _run_phases(pkg, builder)
    _keep(pkg, builder)
    return {
        "phases": phases,
        "unresolved_libraries": list(pkg.unresolved_libraries),
        "non_bindable_shared_objects": list(pkg.non_bindable_shared_objects),
        "license_links": {path: pkg.global_license_file for path in pkg.license_files} if pkg.license_required else {},
    }


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


def _keep(pkg, builder):
    metadata = pkg.metadata_dir
    for name in (environment_name, arguments_name):
        source = os.path.join(pkg.stage.path, name)
        if os.path.exists(source):
            with open(source, encoding="utf-8") as file:
                _write(os.path.join(metadata, name), file.read())
    os.chdir(pkg.stage.path)
    archive_files(builder, pkg.stage.path, metadata)
    pkg.archive_install_test_log()
    keep_recipe(pkg, job.current.settings["repository"], metadata)


def _write(path, text):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


def environment(pkg, modifications):
    """Only the environment of the build, as variables."""
    directory = getattr(create_builder(pkg), "build_directory", None) or pkg.stage.source_path
    return {"environment": dict(os.environ), "modifications": modifications, "build_directory": str(directory)}


def run_environment(roots):
    """What has to change so that the roots can be run, in order."""
    changes = environment_modifications_for_specs(*roots)
    return {"changes": [[change.kind, change.name, _value_of(change), change.separator] for change in changes]}


def _value_of(change):
    return os.path.normpath(change.value) if change.kind.endswith("_path") else change.value


_deeds = {"patch": patch, "build": build, "environment": environment, "run-environment": run_environment}


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
        "line": recipes[-1][3] if recipes else None,
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

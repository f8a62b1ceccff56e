"""The environment of a build: what is cleared, what the wrappers are told, what dependencies add; in Spack's order.

Follows `build_environment.py` of Spack 1.2.
"""

import os

from building import job
from building.builder import create_builder
from building.compilers import CompilerPropertyDetector, compiler_spec, without_default_paths
from building.environment import EnvironmentModifications, filter_system_paths, is_system_path, parse_configured
from building.environment import system_folders
from building.executable import which_string
from building.globals import ModuleChangePropagator, set_package_globals
from building.module_command import load_module
from building.package_half import ways_of_flags
from building.spec import FlagMap
from building.traversal import BUILD, LINK, RUN, TEST, RootEdge, build_and_link_specs, sorted_edges, topological_edges
from recipe.errors import NoHeadersError, NoLibrariesError

#: How a spec is used by what is built or run.
ROOT, RUNTIME, RUNTIME_EXECUTABLE, BUILDTIME_DIRECT, BUILDTIME = 1, 2, 4, 8, 16

_cleared = """
    LD_LIBRARY_PATH LD_RUN_PATH DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH LIBRARY_PATH CPATH C_INCLUDE_PATH
    CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH CMAKE_PREFIX_PATH PYTHONPATH R_HOME R_ENVIRON LUA_PATH LUA_CPATH LD_PRELOAD
    DYLD_INSERT_LIBRARIES CC CFLAGS CPP CPPFLAGS CXX CCC CXXFLAGS CXXCPP F77 FFLAGS FLIBS FC FCFLAGS FCLIBS LDFLAGS LIBS
    MPICC MPICXX MPIFC MPIF77 MPIF90
""".split()


def set_up_build(pkg, dirty=False):
    """Makes this process the one in which a package is built; returns all changes of its environment."""
    context = SetupContext(pkg.spec, "build")
    context.set_all_globals()
    base = EnvironmentModifications() if dirty else clean_environment()
    changes = EnvironmentModifications()
    set_wrapper_variables(pkg, changes)
    changes.extend(context.environment_modifications())
    _add_wrappers_to_path(changes)
    _choose_dtags(changes)
    base.apply_modifications()
    for spec, _ in context.external:
        for module in spec.external_modules or ():
            load_module(module)
    changes.apply_modifications()
    base.extend(changes)
    return base


def clean_environment():
    """Without what would lead a build to other libraries, headers or compilers."""
    changes = EnvironmentModifications()
    for name in _cleared:
        changes.unset(name)
    changes.set("CONFIG_SITE", os.devnull)
    # `<PackageName>_ROOT` leads CMake elsewhere.
    for name in os.environ:
        if name.endswith("_ROOT") and name != "SPACK_ROOT":
            changes.unset(name)
    language = job.current.settings["build_language"]
    if language:
        changes.set("LC_ALL", language)
    for path in os.environ.get("PATH", "").split(os.pathsep):
        if "/macports/" in path:
            changes.remove_path("PATH", path)
    return changes


def set_wrapper_variables(pkg, changes):
    """Tells the compiler wrappers where dependencies are and which flags to add."""
    settings = job.current.settings
    _set_flags(pkg, changes)
    if settings["debug"]:
        changes.set("SPACK_DEBUG", "TRUE")
    changes.set("SPACK_SHORT_SPEC", pkg.spec.short_spec)
    changes.set("SPACK_DEBUG_LOG_ID", "{}-{}".format(pkg.name, pkg.spec.dag_hash(7)))
    changes.set("SPACK_DEBUG_LOG_DIR", settings["debug_log_dir"])
    if settings["ccache"]:
        changes.set("SPACK_CCACHE_BINARY", which_string("ccache", required=True))
    else:
        changes.set("CCACHE_DISABLE", "1")
    link, include, rpath = _search_folders(pkg)
    managed = settings["managed_dirs"]
    changes.set("SPACK_MANAGED_DIRS", "|".join('"{}/"*'.format(path) for path in managed))
    for name, folders in (("LINK", link), ("INCLUDE", include), ("RPATH", rpath)):
        inside = [path for path in folders if path.startswith(tuple(managed))]
        outside = [path for path in folders if not path.startswith(tuple(managed))]
        changes.set("SPACK_{}_DIRS".format(name), ":".join(outside))
        changes.set("SPACK_STORE_{}_DIRS".format(name), ":".join(inside))


def _search_folders(pkg):
    """Folders for `-L`, `-I` and rpaths."""
    rpath_specs = {spec.dag_hash() for spec in _rpath_specs(pkg)}
    linked = list(pkg.spec.traverse(root=False, order="topo", deptype="link"))
    link, include, rpath = [], [], []
    for spec in [each for each in linked if each.external] + [each for each in linked if not each.external]:
        if is_system_path(spec.prefix):
            continue
        queried = pkg.spec[spec.name]
        folders = _library_folders(queried)
        folders += [folder for folder in (spec.prefix.lib, spec.prefix.lib64) if os.path.isdir(folder)]
        link[:0] = folders
        if spec.dag_hash() in rpath_specs:
            rpath[:0] = folders
        include[:0] = _header_folders(queried)
    rpath[:0] = [os.path.join(pkg.prefix, "lib"), os.path.join(pkg.prefix, "lib64")]
    rpath = _distinct(rpath)
    compiler = compiler_spec(pkg.spec)
    if compiler is not None:
        rpath = without_default_paths(rpath, CompilerPropertyDetector(compiler).default_dynamic_linker())
    return _distinct(link), _distinct(include), rpath


def _distinct(folders):
    return list(dict.fromkeys(filter_system_paths(folders)))


def _library_folders(queried):
    try:
        return list(queried.libs.directories)
    except NoLibrariesError:
        return []


def _header_folders(queried):
    try:
        return list(queried.headers.directories)
    except NoHeadersError:
        return []


def _rpath_specs(pkg):
    """Whose libraries must be found when the package runs; of several versions the newest."""
    if not pkg.transitive_rpaths:
        return pkg.spec.dependencies(deptype="link")
    newest = {}
    for spec in pkg.spec.traverse(root=False, deptype="link"):
        if spec.name not in newest or newest[spec.name].version < spec.version:
            newest[spec.name] = spec
    return list(newest.values())


def _set_flags(pkg, changes):
    keep_werror = pkg.keep_werror
    if keep_werror is None:
        keep_werror = job.current.settings["keep_werror"]
    kept = {"all": "-Werror*", "specific": "-Werror-*|-Werror=*"}.get(keep_werror, "")
    changes.set("SPACK_COMPILER_FLAGS_KEEP", kept)
    replaced = "" if keep_werror == "all" else "-Werror-|-Wno-error= -Werror|-Wno-error"
    changes.set("SPACK_COMPILER_FLAGS_REPLACE", replaced)
    for_build_system = {}
    for kind in FlagMap.valid_compiler_flags():
        injected, in_environment, for_build_system[kind] = ways_of_flags(pkg, kind, pkg.spec.compiler_flags.get(kind, ()))
        if injected:
            changes.set("SPACK_" + kind.upper(), " ".join(injected))
        if in_environment:
            changes.set(kind.upper(), " ".join(in_environment))
    pkg.flags_to_build_system_args(for_build_system)
    folders = sorted('"{}{}"'.format(folder, end) for folder in system_folders for end in ("", "/"))
    changes.set("SPACK_SYSTEM_DIRS", "|".join(folders))


def _add_wrappers_to_path(changes):
    for change in changes.group_by_name().get("SPACK_COMPILER_WRAPPER_PATH", ()):
        changes.prepend_path("PATH", change.value)


def _choose_dtags(changes):
    """Whether folders of libraries go to RPATH or to RUNPATH."""
    groups = changes.group_by_name()
    if "SPACK_ENABLE_NEW_DTAGS" not in groups or "SPACK_DISABLE_NEW_DTAGS" not in groups:
        return
    enable, disable = (groups["SPACK_{}_NEW_DTAGS".format(word)][0].value for word in ("ENABLE", "DISABLE"))
    wants_rpath = job.current.settings["shared_linking"] == "rpath"
    changes.set("SPACK_DTAGS_TO_STRIP", enable if wants_rpath else disable)
    changes.set("SPACK_DTAGS_TO_ADD", disable if wants_rpath else enable)


def get_cmake_prefix_path(pkg):
    """Where CMake looks for packages; externals come last, so that they hide nothing."""
    specs = build_and_link_specs(pkg.spec)
    ordered = [spec for spec in specs if not spec.external] + [spec for spec in specs if spec.external]
    return filter_system_paths(path for spec in ordered for path in spec.package.cmake_prefix_paths)


class SetupContext:
    """All specs that have a say in the environment of one that is built, or of those that are run, and in which way."""

    def __init__(self, specs, context):
        self.roots = specs if isinstance(specs, (list, tuple)) else [specs]
        self.context = context
        used = list(reversed(_used_specs(self.roots, context)))
        self.inside = {spec.dag_hash() for spec, _ in used}
        self.external = [each for each in used if each[0].external]
        self.nonexternal = [each for each in used if not each[0].external]
        runs = ROOT if context != "build" else 0
        self.runnable = BUILDTIME_DIRECT | RUNTIME_EXECUTABLE | runs
        self.with_run_environment = BUILDTIME_DIRECT | RUNTIME | RUNTIME_EXECUTABLE | runs
        self.for_dependents = BUILDTIME | BUILDTIME_DIRECT
        self.with_build_environment = ROOT if context == "build" else 0

    def set_all_globals(self):
        """First everybody's own names, then what dependencies put into the modules of their dependents."""
        used = self.external + self.nonexternal
        for spec, mode in used:
            if mode & (self.for_dependents | self.with_run_environment | ROOT):
                set_package_globals(spec.package)
        for spec, _ in used:
            for dependent in spec.dependents():
                if dependent.dag_hash() not in self.inside:
                    continue
                module = ModuleChangePropagator(dependent.package)
                spec.package.setup_dependent_package(module, dependent)
                module.propagate_changes_to_mro()

    def environment_modifications(self):
        """Externals come first and dependents last, so that nothing hides what is nearer."""
        changes = EnvironmentModifications()
        for spec, mode in self.external + self.nonexternal:
            if mode & self.for_dependents:
                _make_detectable(spec, changes)
                for root in self.roots:
                    create_builder(spec.package).setup_dependent_build_environment(changes, root)
            if mode & self.with_build_environment:
                create_builder(spec.package).setup_build_environment(changes)
            if mode & self.runnable:
                _add_programs(spec, changes)
            if mode & self.with_run_environment:
                changes.extend(self._run_environment(spec))
        return changes

    def _run_environment(self, spec):
        changes = EnvironmentModifications()
        for dependent in spec.dependents(deptype=("link", "run")):
            if dependent.dag_hash() in self.inside:
                spec.package.setup_dependent_run_environment(changes, dependent)
        spec.package.setup_run_environment(changes)
        changes.extend(parse_configured(spec.extra_attributes.get("environment")))
        if self.context == "build":
            # A compiler that is run must not become the one that builds.
            changes.drop("CC", "CXX", "F77", "FC")
        return changes


_root_types = {"build": BUILD | TEST | LINK, "test": TEST | RUN | LINK, "run": RUN | LINK}


def _used_specs(roots, context):
    """Specs with their modes, in topological order."""
    root_hashes = {spec.dag_hash() for spec in roots}

    def neighbors(edge):
        depflag = _root_types[context] if edge.spec.dag_hash() in root_hashes else LINK | RUN
        return sorted_edges(edge.spec.edges_to_dependencies(depflag=depflag))

    modes, used, done = {}, [], set()
    for edge in topological_edges([RootEdge(spec) for spec in roots], neighbors, all_edges=True):
        child = edge.spec.dag_hash()
        if edge.parent is None:
            modes[child] = (edge.spec, ROOT)
            continue
        parent_hash = edge.parent.dag_hash()
        parent, mode = modes.get(parent_hash, (edge.parent, 0))
        if not mode:
            continue
        modes[child] = (edge.spec, modes.get(child, (None, 0))[1] | _child_mode(mode, edge.depflag, context))
        # All edges to the parent came before.
        if parent_hash not in done:
            done.add(parent_hash)
            used.append((parent, mode))
    return used + [(spec, mode) for node, (spec, mode) in modes.items() if mode and node not in done]


def _child_mode(mode, depflag, context):
    child = 0
    if mode & ROOT:
        if context == "build":
            child |= BUILDTIME_DIRECT if depflag & (BUILD | TEST) else 0
            child |= BUILDTIME if depflag & LINK else 0
        elif depflag & (RUN | (TEST if context == "test" else 0)):
            child |= RUNTIME_EXECUTABLE
        elif depflag & LINK:
            child |= RUNTIME
    if mode & (RUNTIME | RUNTIME_EXECUTABLE | BUILDTIME_DIRECT):
        child |= RUNTIME if depflag & LINK else 0
        child |= RUNTIME_EXECUTABLE if depflag & RUN else 0
    if mode & BUILDTIME:
        child |= BUILDTIME if depflag & LINK else 0
    return child


def _make_detectable(spec, changes):
    if is_system_path(spec.prefix) or not spec.prefix:
        return
    changes.prepend_path("CMAKE_PREFIX_PATH", spec.prefix)
    for folder in ("lib", "lib64", "share"):
        found = os.path.join(spec.prefix, folder, "pkgconfig")
        if os.path.isdir(found):
            changes.prepend_path("PKG_CONFIG_PATH", found)


def _add_programs(spec, changes):
    if is_system_path(spec.prefix) or not spec.prefix:
        return
    for folder in ("bin", "bin64"):
        found = os.path.join(spec.prefix, folder)
        if os.path.isdir(found):
            changes.prepend_path("PATH", found)


def environment_modifications_for_specs(*specs, view=None, set_package_py_globals=True):
    """What has to change for specs to be run."""
    context = SetupContext(list(specs), "run")
    if set_package_py_globals:
        context.set_all_globals()
    return context.environment_modifications()

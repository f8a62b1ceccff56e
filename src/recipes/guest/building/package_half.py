"""What a package object has while it is built, beside what its recipe declares."""

import os

from building import job
from building.compiler_adaptor import CompilerAdaptor
from building.executable import Executable
from building.files import is_exe
from building.make_targets import has_make_target, has_ninja_target
from recipe.declared import extendee_of, holds, provided_by, records_of, variant_definitions
from recipe.errors import SpackError
from recipe.spec import Spec


class FlagHandler:
    """Sends compiler flags one way: through the wrappers, through the environment, or to the build system."""

    def __init__(self, name, place):
        self.__name__ = name
        self.place = place

    def __call__(self, *given):
        """Is called with `name, flags`, as a method or not."""
        ways = [None, None, None]
        ways[self.place] = given[-1]
        return tuple(ways)


inject_flags = FlagHandler("inject_flags", 0)
env_flags = FlagHandler("env_flags", 1)
build_system_flags = FlagHandler("build_system_flags", 2)


class Stage:
    """Where the sources of a package are."""

    def __init__(self, path, source_path, archive_file):
        self.path = path
        self.source_path = source_path
        self.archive_file = archive_file
        self.expanded = True

    def __iter__(self):
        return iter([self])

    def __getitem__(self, index):
        return [self][index]


class Resource:
    """What was unpacked beside the sources; `resource.fetcher.stage.source_path` is how recipes ask where."""

    def __init__(self, name, stage):
        self.name = name
        self.stage = stage

    @property
    def fetcher(self):
        return self


class BuildablePackage:
    """The half of every package that builds need."""

    run_tests = False
    #: Where `--stop-at` and `--until` end the phases.
    stop_before_phase = None
    last_phase = None
    test_suite = None
    builder = None
    flag_handler = inject_flags
    inject_flags = inject_flags
    env_flags = env_flags
    build_system_flags = build_system_flags
    _stage = None
    _tester = None

    prefix = property(lambda self: self.spec.prefix)
    home = property(lambda self: self.prefix)
    metadata_dir = property(lambda self: os.path.join(self.prefix, ".spack"))
    # Where files of the stage are once the package is installed.
    install_log_path = property(lambda self: os.path.join(self.metadata_dir, "spack-build-out.txt.gz"))
    install_env_path = property(lambda self: os.path.join(self.metadata_dir, "spack-build-env.txt"))
    install_configure_args_path = property(lambda self: os.path.join(self.metadata_dir, "spack-configure-args.txt"))
    times_log_path = property(lambda self: os.path.join(self.metadata_dir, "install_times.json"))
    log_path = property(lambda self: os.path.join(self.stage.path, "spack-build-out.txt"))
    env_path = property(lambda self: os.path.join(self.stage.path, "spack-build-env.txt"))
    env_mods_path = property(lambda self: os.path.join(self.stage.path, "spack-build-env-mods.txt"))
    configure_args_path = property(lambda self: os.path.join(self.stage.path, "spack-configure-args.txt"))
    cmake_prefix_paths = property(lambda self: [self.prefix])
    compiler = property(lambda self: CompilerAdaptor(self.spec))
    extendee_spec = property(lambda self: extendee_of(self))
    is_extension = property(lambda self: extendee_of(self) is not None)
    virtuals_provided = property(lambda self: provided_by(self))
    redistribute_binary = True

    @property
    def stage(self):
        if self._stage is None:
            raise SpackError("{} is not being built, so it has no stage".format(self.name))
        return self._stage

    @property
    def resources(self):
        """The resources of this build by the conditions under which recipes declare them."""
        stages = {each["name"]: each for each in job.current.stage["resources"]}
        found = {}
        for record in records_of(type(self), "resource"):
            name = record.arguments["name"]
            if name in stages and holds(record.conditions, self.spec):
                stage = Stage(stages[name]["path"], stages[name]["source_path"], stages[name]["archive_file"])
                found.setdefault(Spec(" ".join(record.conditions)), []).append(Resource(name, stage))
        return found

    def _get_needed_resources(self):
        return [resource for listed in self.resources.values() for resource in listed]

    @property
    def tester(self):
        from building.install_tests import Tester

        if self._tester is None:
            self._tester = Tester(self)
        return self._tester

    @property
    def command(self):
        path = os.path.join(self.home.bin, self.spec.name)
        if is_exe(path):
            return Executable(path)
        raise RuntimeError("Unable to locate {} command in {}".format(self.spec.name, self.home.bin))

    @property
    def rpath(self):
        """The folders in which what this package builds looks for libraries."""
        linked = [spec.prefix for spec in self.spec.dependencies(deptype="link")]
        found = [prefix.lib for prefix in linked if os.path.isdir(prefix.lib)]
        found += [prefix.lib64 for prefix in linked if os.path.isdir(prefix.lib64)]
        return [self.prefix.lib, self.prefix.lib64] + found

    @property
    def rpath_args(self):
        return " ".join("-Wl,-rpath,{}".format(path) for path in self.rpath)

    @property
    def keep_werror(self):
        """None leaves it to the configuration. NVIDIA's older compilers do not know `-Wno-error`."""
        if self.spec.satisfies("%nvhpc@:23.3"):
            return "all"
        return "specific" if self.spec.satisfies("%nvhpc@23.4:") else None

    @property
    def global_license_dir(self):
        return job.current.settings["license_dir"]

    @property
    def global_license_file(self):
        """Where the site keeps the license of this package, or None when it has no file."""
        if not self.license_files:
            return None
        return os.path.join(self.global_license_dir, self.name, os.path.basename(self.license_files[0]))

    def extends(self, spec):
        extendee = extendee_of(self)
        return extendee is not None and extendee.name == spec.name and spec.satisfies(extendee)

    def provides(self, virtual):
        return any(spec.name == virtual for spec in provided_by(self))

    @classmethod
    def has_variant(cls, name):
        return any(record.arguments["name"] == name for record in variant_definitions(cls))

    @classmethod
    def variant_names(cls):
        return list(dict.fromkeys(record.arguments["name"] for record in variant_definitions(cls)))

    def get_variant(self, name):
        """The definition of a variant that holds for this spec. Raises ValueError when there is none."""
        from recipe.declared import variant_of

        return variant_of(self, name)

    def flags_to_build_system_args(self, flags):
        if any(flags.values()):
            message = "The {} build system cannot take command line arguments for compiler flags"
            raise NotImplementedError(message.format(type(self).__name__))

    def _has_make_target(self, target):
        return has_make_target(self.module.make, target)

    def _if_make_target_execute(self, target, *args, **kwargs):
        if self._has_make_target(target):
            self.module.make(target, *args, **kwargs)

    def _has_ninja_target(self, target):
        return has_ninja_target(self.module.ninja, target)

    def _if_ninja_target_execute(self, target, *args, **kwargs):
        if self._has_ninja_target(target):
            self.module.ninja(target, *args, **kwargs)

    def view_source(self):
        return self.spec.prefix

    def setup_run_environment(self, env):
        pass

    def setup_dependent_run_environment(self, env, dependent_spec):
        pass

    def setup_dependent_package(self, module, dependent_spec):
        pass

    def archive_install_test_log(self):
        if self._tester is not None:
            self._tester.archive()


def ways_of_flags(pkg, kind, flags):
    """How a package wants flags of a kind to be passed: through wrappers, environment, build system."""
    handler = pkg.flag_handler
    if isinstance(handler, FlagHandler) or getattr(handler, "__self__", None) is not None:
        ways = handler(kind, list(flags))
    else:
        ways = handler(pkg, kind, list(flags))
    return [list(way or []) for way in ways]



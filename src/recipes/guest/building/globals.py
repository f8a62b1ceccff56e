"""Names that appear in the modules of recipes while they build: `make`, `configure`, `prefix`, `make_jobs`…"""

import os
import sys

from building import job
from building.executable import Executable
from building.jobserver import MakeExecutable
from recipe.errors import UndeclaredDependencyError

#: Suffix of shared libraries on this machine.
dso_suffix = "dylib" if sys.platform == "darwin" else "so"


def shared_library_suffix(spec):
    return "dylib" if spec.platform == "darwin" else "so"


def static_library_suffix(_spec):
    return "a"


def determine_number_of_jobs(parallel=False, max_cpus=None, config=None):
    """How many jobs one build may run, or 1 when the recipe cannot build in parallel."""
    return job.current.jobs["count"] if parallel and job.current else 1


class UndeclaredExecutable:
    """Stands for a program of a package that the recipe does not depend on."""

    def __init__(self, package, program, provider):
        self.package = package
        self.program = program
        self.provider = provider

    def __call__(self, *_args, **_kwargs):
        message = "{} uses {} without declaring a dependency on {}"
        raise UndeclaredDependencyError(message.format(self.package, self.program, self.provider))

    def add_default_env(self, *_args):
        self()

    def copy(self):
        return self


class ModuleChangePropagator:
    """The module of a recipe, whose changes also reach the modules of the classes that it derives from."""

    def __init__(self, package):
        modules = [sys.modules[cls.__module__] for cls in type(package).__mro__ if hasattr(cls, "module")]
        current = package.module
        others = [module for module in modules if module is not current and _is_recipe(module)]
        self.__dict__.update(package=package, current_module=current, modules_in_mro=others, changes={})

    def __getattr__(self, name):
        return getattr(self.current_module, name)

    def __setattr__(self, name, value):
        setattr(self.current_module, name, value)
        self.changes[name] = value

    def propagate_changes_to_mro(self):
        for module in self.modules_in_mro:
            module.__dict__.update(self.changes)


def _is_recipe(module):
    return module.__name__.startswith("spack_repo.")


def set_package_globals(pkg):
    module = ModuleChangePropagator(pkg)
    module.make_jobs = determine_number_of_jobs(parallel=pkg.parallel)
    module.make = UndeclaredExecutable(pkg.name, "make", "gmake")
    module.gmake = UndeclaredExecutable(pkg.name, "gmake", "gmake")
    module.ninja = UndeclaredExecutable(pkg.name, "ninja", "ninja")
    module.configure = Executable("./configure")
    module.prefix = pkg.prefix
    module.dso_suffix = dso_suffix

    def static_to_shared_library(static_lib, shared_lib=None, **options):
        compiler = Executable(options.pop("compiler", None) or module.spack_cc)
        return _static_to_shared(pkg.spec.platform, compiler, static_lib, shared_lib, **options)

    module.static_to_shared_library = static_to_shared_library
    module.propagate_changes_to_mro()


def _static_to_shared(
    platform, compiler, static_lib, shared_lib=None, compiler_output=None, arguments=(), version=None, compat_version=None
):
    """Links all of a static library to a shared one, with links for its versions."""
    compat_version = compat_version or version
    plain = shared_lib or "{}.{}".format(os.path.splitext(static_lib)[0], dso_suffix)
    whole = "{}.{}".format(plain, version or compat_version) if version or compat_version else plain
    named = "{}.{}".format(plain, compat_version) if compat_version else plain
    if platform == "darwin":
        flags = ["-dynamiclib", "-install_name", named, "-Wl,-force_load," + static_lib]
        flags += ["-compatibility_version", str(compat_version)] if compat_version else []
        flags += ["-current_version", str(version)] if version else []
    else:
        soname = "-Wl,-soname," + os.path.basename(named)
        flags = ["-shared", soname, "-Wl,--whole-archive", static_lib, "-Wl,--no-whole-archive"]
    said = compiler(*(flags + list(arguments) + ["-o", whole]), output=compiler_output)
    for link in dict.fromkeys((plain, named)):
        if link != whole:
            os.symlink(os.path.basename(whole), link)
    return said


#: What recipes get as `make` and `ninja`.
__all__ = ["MakeExecutable", "ModuleChangePropagator", "determine_number_of_jobs", "set_package_globals"]

"""The base classes of packages and builders, with the attributes that recipes find on them."""

import os
import sys
from collections.abc import Sequence

from recipe.callbacks import PhaseCallbacksMeta, run_after
from recipe.channel import ask
from recipe.directives import DirectiveMeta, build_system
from recipe.multimethod import MultiMethodMeta
from recipe.version import Version


class _Subscriptable(type):
    """Lets annotations name the type of a class property: `ClassProperty[str]`."""

    def __getitem__(cls, _type):
        return cls


class ClassProperty(metaclass=_Subscriptable):
    """A property of a class."""

    def __init__(self, function):
        self.function = function

    def __get__(self, _instance, owner):
        return self.function(owner)


def classproperty(function):
    return ClassProperty(function)


class DetectableMeta(type):
    """Tags classes that say how an installation outside of the store is found."""

    def __init__(cls, name, bases, namespace):
        if hasattr(cls, "executables") or hasattr(cls, "libraries"):
            if hasattr(cls, "executables") and hasattr(cls, "libraries"):
                raise TypeError("{} has both `executables` and `libraries`".format(name))
            cls.tags = getattr(cls, "tags", []) + ["detectable"]
        super(DetectableMeta, cls).__init__(name, bases, namespace)


class PackageMeta(PhaseCallbacksMeta, DetectableMeta, DirectiveMeta, MultiMethodMeta):
    """Directives, phase callbacks, detection and multimethods in one."""


class BuilderMeta(PhaseCallbacksMeta, MultiMethodMeta, type(Sequence)):
    """Phase callbacks and multimethods."""


class PackageBase(metaclass=PackageMeta):
    """What every package is. A recipe's class attributes win over these defaults."""

    build_system_class = "PackageBase"
    virtual = False
    has_code = True
    parallel = True
    run_tests = False
    extendable = False
    transitive_rpaths = True
    non_bindable_shared_objects = []
    unresolved_libraries = []
    sanity_check_is_file = []
    sanity_check_is_dir = []
    manual_download = False
    fetch_options = {}
    license_required = False
    license_comment = "#"
    license_files = []
    license_vars = []
    license_url = ""
    homepage = None
    list_url = None
    list_depth = 0
    maintainers = []
    test_requires_compiler = False
    keep_werror = None

    def __init__(self, spec):
        self.spec = spec

    @classproperty
    def module(cls):
        return sys.modules[cls.__module__]

    @classproperty
    def package_dir(cls):
        return os.path.dirname(os.path.abspath(cls.module.__file__))

    @classproperty
    def namespace(cls):
        return namespace_of(cls.__module__)

    @classproperty
    def name(cls):
        return package_name(cls.__module__)

    @classproperty
    def fullname(cls):
        return "{}.{}".format(cls.namespace, cls.name)

    @classproperty
    def versions(cls):
        """The declared versions with their arguments, in order of declaration."""
        return {Version(version): arguments for version, arguments in declared_versions(cls)}

    @property
    def version(self):
        return self.spec.version

    def __getitem__(self, name):
        return self.spec[name].package

    def url_version(self, version):
        """The text that stands for a version in URLs."""
        return str(version)

    def url_for_version(self, version):
        """The first URL that the package's own URLs give for a version. Raises ValueError when they give none."""
        return ask("url-for-version", url_facts(self), str(version), self.url_version(version))

    @classmethod
    def version_urls(cls):
        return {version: arguments["url"] for version, arguments in declared_versions(cls) if "url" in arguments}

    @staticmethod
    def inject_flags(name, flags):
        return flags, None, None

    @staticmethod
    def env_flags(name, flags):
        return None, flags, None

    @staticmethod
    def build_system_flags(name, flags):
        return None, None, flags

    def setup_build_environment(self, env):
        pass

    def setup_run_environment(self, env):
        pass

    def setup_dependent_build_environment(self, env, dependent_spec):
        pass

    def setup_dependent_run_environment(self, env, dependent_spec):
        pass

    def setup_dependent_package(self, module, dependent_spec):
        pass


def declared_versions(cls):
    """The declared versions of a class with their arguments; a later declaration wins, at the place of the first."""
    declared = {}
    for record in cls._records:
        if record.name == "version":
            declared[record.arguments["version"]] = record.arguments["arguments"]
    return list(declared.items())


def url_facts(package):
    """The URLs that a package object has: its versions' own, and those in which a version is replaced."""
    return {
        "own": [[version, arguments["url"]] for version, arguments in declared_versions(type(package)) if "url" in arguments],
        "url": getattr(package, "url", None),
        "urls": list(getattr(package, "urls", None) or []),
        "list_url": package.list_url,
    }


def is_package_module(module):
    return module.startswith("spack_repo.") and ".packages." in module


def namespace_of(module):
    """`builtin` for `spack_repo.builtin.packages.zlib.package`."""
    return module[len("spack_repo.") :].split(".packages.")[0]


def package_name(module):
    """`7zip` for `spack_repo.builtin.packages._7zip.package`."""
    folder = module.rsplit(".", 2)[-2]
    return (folder[1:] if folder.startswith("_") else folder).replace("_", "-")


class BaseBuilder(metaclass=BuilderMeta):
    """What builders share: the package that they build."""

    def __init__(self, pkg):
        self.pkg = pkg

    spec = property(lambda self: self.pkg.spec)
    stage = property(lambda self: self.pkg.stage)
    prefix = property(lambda self: self.pkg.prefix)

    def setup_build_environment(self, env):
        pass

    def setup_dependent_build_environment(self, env, dependent_spec):
        pass


class Builder(BaseBuilder, Sequence):
    """A sequence of phases that build a package."""

    phases = ()
    build_system = None
    package_methods = ()
    package_long_methods = ()
    package_attributes = ()
    archive_files = []

    def __getitem__(self, index):
        return self.phases[index]

    def __len__(self):
        return len(self.phases)


class BuilderWithDefaults(Builder):
    """A builder whose prefix is checked after each build."""


builders = {}


def register_builder(name):
    """Makes a class the builder of a build system."""

    def register(cls):
        cls.build_system = name
        builders[name] = cls
        return cls

    return register


class Package(PackageBase):
    """A package without a build system of its own."""

    build_system_class = "Package"
    default_buildsystem = "generic"

    build_system("generic")


@register_builder("generic")
class GenericBuilder(BuilderWithDefaults):
    """One phase, which the recipe defines."""

    phases = ("install",)
    package_attributes = ("archive_files", "install_time_test_callbacks")
    install_time_test_callbacks = []


def on_package_attributes(**wanted):
    """Lets a method run only on objects whose attributes have these values."""

    def restrict(method):
        def run(instance, *args, **kwargs):
            missing = object()
            if all(getattr(instance, name, missing) == value for name, value in wanted.items()):
                method(instance, *args, **kwargs)

        run.__name__ = method.__name__
        return run

    return restrict


def filter_compiler_wrappers(*files, **options):
    """After a phase, replaces the compiler wrappers in files by the compilers."""

    def replace(builder):
        builder.pkg.filter_compiler_wrappers(files, options)

    run_after(options.get("after", "install"))(replace)

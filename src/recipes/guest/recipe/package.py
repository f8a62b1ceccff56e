"""The base classes of packages and builders, with the attributes that recipes find on them."""

import os
import re
import sys

from building.package_half import BuildablePackage
from recipe.callbacks import PhaseCallbacksMeta
from recipe.channel import ask
from recipe.directives import DirectiveMeta
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


class PackageBase(BuildablePackage, metaclass=PackageMeta):
    """What every package is. A recipe's class attributes win over these defaults."""

    build_system_class = "PackageBase"
    virtual = False
    has_code = True
    parallel = True
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


def class_name(folder):
    """`PyNumpy` for `py_numpy`, `_7zip` for `_7zip`."""
    plain = folder[1:] if folder.startswith("_") else folder
    name = "".join(part[:1].upper() + part[1:] for part in re.split("[_-]+", plain))
    return "_" + name if name[:1].isdigit() else name


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

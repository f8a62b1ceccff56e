"""Texts of a loaded package, for people and not for the solver: what it is, who looks after it, how it is built and tested."""

import types

from building.builder import builders
from recipe.package import is_package_module


def texts_of(cls):
    """What is shown of a package besides its facts. Values that go without saying are left out."""
    texts = {
        "description": cls.__doc__,
        "homepage": _text(_computed(cls, "homepage")),
        "maintainers": _maintainers(cls),
        "phases": _phases(cls),
        "detects": _detects(cls),
        "tests": _tests(cls),
    }
    return {name: value for name, value in texts.items() if value}


def _text(value):
    return None if value is None else str(value)


def _computed(cls, name):
    """A class attribute; where it is a property, that of an object without a spec."""
    value = getattr(cls, name, None)
    if not isinstance(value, property):
        return value
    package = cls.__new__(cls)
    package.spec = None
    try:
        return getattr(package, name)
    except Exception:  # It takes a spec, which nobody has who only reads about the package.
        return None


def _detects(cls):
    """What is found out about an installation that has the package's executables or libraries."""
    if not hasattr(cls, "executables") and not hasattr(cls, "libraries"):
        return []
    has_version = hasattr(cls, "determine_version")
    # Unless a recipe looks itself, the variants of what has a version are taken to be the default ones.
    has_variants = hasattr(cls, "determine_variants") or not hasattr(cls, "determine_spec_details")
    return ["version"] * has_version + ["variants"] * has_variants


def _maintainers(cls):
    own = getattr(cls, "maintainers", None)
    names = set(own) if isinstance(own, (list, tuple)) else set()
    for record in cls._records:
        if record.name == "maintainers":
            names.update(record.arguments["names"])
    return sorted(str(name) for name in names)


def _phases(cls):
    """The phases of each build system that the package may be built with."""
    phases = {}
    for record in cls._records:
        if record.name == "variant" and record.arguments["name"] == "build_system":
            for value in record.arguments["values"]:
                name = str(getattr(value, "value", value))
                builder = _builder(cls, name)
                if builder is not None:
                    phases[name] = [str(phase) for phase in _own_phases(cls, builder)]
    return phases


def _builder(cls, build_system):
    """The builder's class: the recipe's own, or one that a base class has as an attribute, or the common one."""
    common = builders.get(build_system)
    if common is None:
        return None
    own = getattr(cls.module, common.__name__, None)
    if isinstance(own, type) and is_package_module(own.__module__):
        return own
    return getattr(cls, common.__name__, common)


def _own_phases(cls, builder):
    if is_package_module(builder.__module__):
        return builder.phases
    return getattr(cls, "phases", builder.phases)


def _tests(cls):
    tests = {
        "build": _callbacks(cls, "build_time_test_callbacks"),
        "install": _callbacks(cls, "install_time_test_callbacks"),
        "alone": sorted("{}.{}".format(cls.__name__, name) for name in _methods(cls) if name.startswith("test_")),
    }
    return {kind: names for kind, names in tests.items() if names}


def _callbacks(cls, attribute):
    names = getattr(cls, attribute, None)
    return sorted(name for name in names if getattr(cls, name, False)) if isinstance(names, (list, tuple)) else []


def _methods(cls):
    found = {}
    for base in reversed(cls.__mro__):
        found.update(vars(base))
    return [name for name, value in found.items() if isinstance(value, types.FunctionType)]

"""Builders: sequences of phases. Recipes that define phases in the package get a builder that forwards to them."""

import functools
import os
from collections.abc import Sequence

from building import output
from recipe.callbacks import PhaseCallbacksMeta, run_after
from recipe.errors import InstallError, SpackError, StopPhase
from recipe.multimethod import MultiMethodMeta
from recipe.package import PackageBase, is_package_module
from recipe.directives import build_system

#: Classes by the name of their build system.
builders = {}

_callback_lists = ("_run_before_callbacks", "_run_after_callbacks")


class BuilderMeta(PhaseCallbacksMeta, MultiMethodMeta, type(Sequence)):
    """Phase callbacks and multimethods."""


class BaseBuilder(metaclass=BuilderMeta):
    """What builders share: the package that they build."""

    def __init__(self, pkg):
        self.pkg = pkg

    spec = property(lambda self: self.pkg.spec)
    stage = property(lambda self: self.pkg.stage)
    prefix = property(lambda self: self.pkg.prefix)

    def setup_build_environment(self, env):
        inherited = getattr(super(BaseBuilder, self), "setup_build_environment", None)
        if inherited:
            inherited(env)

    def setup_dependent_build_environment(self, env, dependent_spec):
        inherited = getattr(super(BaseBuilder, self), "setup_dependent_build_environment", None)
        if inherited:
            inherited(env, dependent_spec)

    def __str__(self):
        return '"{}" builder for "{}"'.format(type(self).__name__, self.spec.format("{name}{/hash:7}"))


class Builder(BaseBuilder, Sequence):
    """A sequence of phases that build a package."""

    phases = ()
    build_system = None
    build_time_test_callbacks = []
    install_time_test_callbacks = []

    @property
    def archive_files(self):
        return []

    def __init__(self, pkg):
        super(Builder, self).__init__(pkg)
        self.callbacks = {name: Phase(name, self) for name in self.phases}

    def __getitem__(self, index):
        return self.callbacks[self.phases[index]]

    def __len__(self):
        return len(self.phases)


class Phase:
    """One phase of a builder with what runs before and after it."""

    def __init__(self, name, builder):
        self.name = name
        self.builder = builder
        self.function = getattr(builder, name, None)
        if not self.function:
            message = "the package {} has no phase `{}`, which the build system `{}` has"
            raise InstallError(message.format(builder.pkg.name, name, builder.build_system))
        self.run_before = self._callbacks("_run_before_callbacks")
        self.run_after = self._callbacks("_run_after_callbacks")

    def _callbacks(self, attribute):
        spec = self.builder.pkg.spec
        return [
            function
            for (phase, condition), function in getattr(self.builder, attribute, ())
            if phase == self.name and (condition is None or spec.satisfies(condition))
        ]

    def execute(self):
        pkg = self.builder.pkg
        if pkg.stop_before_phase == self.name:
            raise StopPhase("before", self.name)
        for callback in self.run_before:
            callback(self.builder)
        self.function(pkg, pkg.spec, pkg.prefix)
        for callback in self.run_after:
            callback(self.builder)
        if pkg.last_phase == self.name:
            raise StopPhase("after", self.name)


def sanity_check_prefix(builder):
    """Files and folders that the recipe promised must be there, and something must be."""
    pkg = builder.pkg
    checks = (("file", pkg.sanity_check_is_file, os.path.isfile), ("directory", pkg.sanity_check_is_dir, os.path.isdir))
    for kind, paths, is_there in checks:
        for path in [paths] if isinstance(paths, str) else paths:
            if not is_there(os.path.join(pkg.prefix, path)):
                message = "Install failed for {}. No such {} in prefix: {}"
                raise InstallError(message.format(pkg.name, kind, path))
    if set(os.listdir(pkg.prefix)) <= {".spack"}:
        raise InstallError("Install failed for {}. Nothing was installed!".format(pkg.name))


class BuilderWithDefaults(Builder):
    """A builder whose prefix is checked after each build."""

    run_after("install")(sanity_check_prefix)


def apply_macos_rpath_fixups(builder):
    """On macOS, libraries name themselves by their paths. Elsewhere there is nothing to do."""
    if builder.spec.platform == "darwin":
        output.tty.warn("rpaths of libraries are left as the build made them")


def execute_install_time_tests(builder):
    if builder.pkg.run_tests and builder.install_time_test_callbacks:
        builder.pkg.tester.phase_tests(builder, "install", builder.install_time_test_callbacks)


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
    package_methods = ()
    package_attributes = ("archive_files", "install_time_test_callbacks")
    install_time_test_callbacks = []

    run_after("install", when="platform=darwin")(apply_macos_rpath_fixups)
    run_after("install")(execute_install_time_tests)

    def install(self, pkg, spec, prefix):
        raise NotImplementedError("the recipe of {} does not say how to install it".format(pkg.name))


def create_builder(pkg):
    """The builder of a package, always the same one."""
    if pkg.builder is None:
        pkg.builder = _make_builder(pkg)
    return pkg.builder


def _make_builder(pkg):
    default = builders[_build_system_of(pkg)]
    own = getattr(pkg.module, default.__name__, None)
    if own is not None and is_package_module(own.__module__):
        return own(pkg)
    # A class in between may bring a builder of its own, as `AspellDictPackage` does.
    return _adapt(getattr(pkg, default.__name__, default), pkg)


def _build_system_of(pkg):
    if "build_system" in pkg.spec.variants:
        return pkg.spec.variants["build_system"].value
    for attribute in ("default_buildsystem", "legacy_buildsystem"):
        if hasattr(pkg, attribute):
            return getattr(pkg, attribute)
    raise SpackError("the package {} has no build system".format(pkg.name))


def _names(builder, kind):
    """Names of methods or attributes that packages may define in the builder's place."""
    return tuple(getattr(builder, "package_" + kind, None) or getattr(builder, "legacy_" + kind, ()))


def _adapt(base, pkg):
    """A builder whose phases, methods and attributes are those of the package, where it has them."""
    methods, long_methods, attributes = (_names(base, kind) for kind in ("methods", "long_methods", "attributes"))
    phases = tuple(getattr(pkg, "phases", base.phases))
    body = {"phases": phases}
    body.update((name, _phase_of_package(name)) for name in phases + base.phases)
    body.update((name, _method_of_package(name)) for name in methods + long_methods + _environment_methods)
    body.update((name, property(_from_package(name))) for name in attributes)
    body.update((name, property(_callbacks_of_both(name))) for name in _callback_lists)
    forwarded = base.phases + methods + long_methods + _environment_methods
    fallback = type("_Fallback", (_Fallback,), _fallbacks(forwarded, attributes))

    def start(self, package):
        self.dispatcher = _dispatcher(package, self, fallback)
        base.__init__(self, package)

    body["__init__"] = start
    body["base_phases"] = base.phases
    return type(base)("Adapter", (base,), body)(pkg)


_environment_methods = ("setup_build_environment", "setup_dependent_build_environment")


def _phase_of_package(name):
    return lambda self, _pkg, spec, prefix: getattr(self.dispatcher, name)(spec, prefix)


def _method_of_package(name):
    return lambda self, *arguments, **options: getattr(self.dispatcher, name)(*arguments, **options)


def _from_package(name):
    return lambda self: getattr(self.dispatcher, name)


def _callbacks_of_both(attribute):
    def combined(self):
        def on_package(function):
            return functools.wraps(function)(lambda builder: function(builder.dispatcher))

        own = [(key, on_package(function)) for key, function in getattr(self.pkg, attribute, ())]
        return own + getattr(super(type(self), self), attribute, [])

    return combined


class _Fallback:
    """The last base of a dispatcher: what the package does not define comes from the builder."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        builder = self.__dict__["root_builder"]
        found = getattr(super(type(builder), builder), name)
        if name in builder.base_phases:
            return lambda spec, prefix: found(builder.pkg, spec, prefix)
        return found


def _fallbacks(methods, attributes):
    body = {name: _fallback_method(name) for name in methods}
    body.update((name, property(_fallback_attribute(name))) for name in attributes)
    return body


def _fallback_method(name):
    return lambda self, *arguments, **options: _Fallback.__getattr__(self, name)(*arguments, **options)


def _fallback_attribute(name):
    return lambda self: _Fallback.__getattr__(self, name)


_forwarded_state = ("run_tests", "test_requires_compiler", "test_suite", "tester")


def _dispatcher(pkg, builder, fallback):
    """The package as its own methods see it: `super()` leads from them to the builder."""
    cls = type(pkg)
    body = {name: property(_of_wrapped(name)) for name in _forwarded_state}
    body["__module__"] = cls.__module__
    wrapper = type(cls)(cls.__name__ + "Wrapper", (cls, fallback), body)
    dispatcher = wrapper.__new__(wrapper)
    dispatcher.__dict__.update(pkg.__dict__)
    dispatcher.__dict__.update(wrapped_package=pkg, root_builder=builder)
    return dispatcher


def _of_wrapped(name):
    return lambda self: getattr(self.__dict__["wrapped_package"], name)

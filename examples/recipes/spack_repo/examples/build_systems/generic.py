"""Packages that say themselves how they are installed."""

from spack.package import BuilderWithDefaults, PackageBase, build_system, register_builder


class Package(PackageBase):
    """A package without a build system of its own."""

    build_system_class = "Package"
    default_buildsystem = "generic"

    build_system("generic")


@register_builder("generic")
class GenericBuilder(BuilderWithDefaults):
    """One phase, which the recipe defines."""

    phases = ("install",)

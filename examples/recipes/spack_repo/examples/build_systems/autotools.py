"""Packages that come with a `configure` script."""

import os

from spack.package import (
    BuilderWithDefaults,
    Executable,
    PackageBase,
    build_system,
    depends_on,
    register_builder,
    when,
    working_dir,
)


class AutotoolsPackage(PackageBase):
    """A package with a `configure` script."""

    build_system_class = "AutotoolsPackage"
    default_buildsystem = "autotools"

    build_system("autotools")

    with when("build_system=autotools"):
        depends_on("gmake", type="build")


@register_builder("autotools")
class AutotoolsBuilder(BuilderWithDefaults):
    """`configure`, `make`, `make install`."""

    phases = ("configure", "build", "install")
    package_methods = ("configure_args",)

    def configure_args(self):
        return []

    def configure(self, pkg, spec, prefix):
        with working_dir(pkg.stage.source_path):
            script = Executable(os.path.join(pkg.stage.source_path, "configure"))
            script("--prefix={}".format(prefix), *self.configure_args())

    def build(self, pkg, spec, prefix):
        with working_dir(pkg.stage.source_path):
            pkg.module.make()

    def install(self, pkg, spec, prefix):
        with working_dir(pkg.stage.source_path):
            pkg.module.make("install")

"""Packages that come with a Makefile."""

from spack.package import BuilderWithDefaults, PackageBase, build_system, depends_on, register_builder, when, working_dir


class MakefilePackage(PackageBase):
    """A package with a Makefile whose variable PREFIX says where to install."""

    build_system_class = "MakefilePackage"
    default_buildsystem = "makefile"

    build_system("makefile")

    with when("build_system=makefile"):
        depends_on("gmake", type="build")


@register_builder("makefile")
class MakefileBuilder(BuilderWithDefaults):
    """`make`, then `make install`."""

    phases = ("build", "install")

    def build(self, pkg, spec, prefix):
        with working_dir(pkg.stage.source_path):
            pkg.module.make()

    def install(self, pkg, spec, prefix):
        with working_dir(pkg.stage.source_path):
            pkg.module.make("install", "PREFIX={}".format(prefix))

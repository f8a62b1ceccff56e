"""Packages that are built by CMake."""

import os

from spack.package import BuilderWithDefaults, PackageBase, build_system, depends_on, register_builder, variant, when, working_dir


class CMakePackage(PackageBase):
    """A package with a CMakeLists.txt."""

    build_system_class = "CMakePackage"
    default_buildsystem = "cmake"

    build_system("cmake")

    with when("build_system=cmake"):
        variant("build_type", default="Release", values=("Debug", "Release"), description="CMake build type")
        depends_on("cmake", type="build")
        depends_on("gmake", type="build")

    @staticmethod
    def define(name, value):
        """The argument that sets a variable of CMake."""
        if isinstance(value, bool):
            return "-D{}:BOOL={}".format(name, "ON" if value else "OFF")
        return "-D{}:STRING={}".format(name, value)

    def define_from_variant(self, name, variant):
        return self.define(name, self.spec.variants[variant].value)


@register_builder("cmake")
class CMakeBuilder(BuilderWithDefaults):
    """`cmake`, `cmake --build`, `cmake --install`."""

    phases = ("cmake", "build", "install")
    package_methods = ("cmake_args",)

    def cmake_args(self):
        return []

    @property
    def build_directory(self):
        return os.path.join(self.pkg.stage.path, "build")

    def cmake(self, pkg, spec, prefix):
        arguments = [
            "-S",
            pkg.stage.source_path,
            "-B",
            self.build_directory,
            "-DCMAKE_INSTALL_PREFIX={}".format(prefix),
            "-DCMAKE_BUILD_TYPE={}".format(spec.variants["build_type"].value),
            "-DCMAKE_INSTALL_RPATH_USE_LINK_PATH=ON",
        ]
        pkg.module.cmake(*(arguments + self.cmake_args()))

    def build(self, pkg, spec, prefix):
        with working_dir(self.build_directory):
            pkg.module.make()

    def install(self, pkg, spec, prefix):
        with working_dir(self.build_directory):
            pkg.module.make("install")

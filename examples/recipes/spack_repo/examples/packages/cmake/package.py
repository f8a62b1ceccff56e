import re

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class Cmake(Package):
    """CMake, as it is on the machine."""

    homepage = "https://cmake.org"
    has_code = False
    tags = ["build-tools"]
    executables = [r"^cmake$"]

    def setup_dependent_package(self, module, dependent_spec):
        module.cmake = Executable(self.spec.prefix.bin.cmake)

    @classmethod
    def determine_version(cls, exe):
        output = Executable(exe)("--version", output=str, error=str, fail_on_error=False)
        match = re.search(r"cmake version (\S+)", output)
        return match.group(1) if match else None

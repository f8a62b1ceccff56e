import re

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class Gmake(Package):
    """GNU Make, as it is on the machine."""

    homepage = "https://www.gnu.org/software/make"
    has_code = False
    tags = ["build-tools"]
    executables = [r"^g?make$"]

    def setup_dependent_package(self, module, dependent_spec):
        module.make = MakeExecutable(self.spec.prefix.bin.make, jobs=determine_number_of_jobs(parallel=dependent_spec.package.parallel))

    @classmethod
    def determine_version(cls, exe):
        output = Executable(exe)("--version", output=str, error=str, fail_on_error=False)
        match = re.search(r"GNU Make (\S+)", output)
        return match.group(1) if match else None

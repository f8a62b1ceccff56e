import re

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class Python(Package):
    """The language Python, as it is on the machine."""

    homepage = "https://www.python.org"
    has_code = False
    tags = ["build-tools"]
    executables = [r"^python3$"]
    extendable = True

    @classmethod
    def determine_version(cls, exe):
        output = Executable(exe)("--version", output=str, error=str, fail_on_error=False)
        match = re.search(r"Python (\S+)", output)
        return match.group(1) if match else None

import re

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class Glibc(Package):
    """The C library of the machine, which is never built."""

    homepage = "https://www.gnu.org/software/libc/"
    has_code = False
    tags = ["runtime"]
    executables = [r"^ldd$"]

    license("LGPL-2.1-or-later")

    provides("libc")

    @classmethod
    def determine_version(cls, exe):
        output = Executable(exe)("--version", output=str, error=str, fail_on_error=False)
        match = re.search(r"GNU libc.*\s(\d+\.\d+)|GLIBC.*\s(\d+\.\d+)", output)
        return match and (match.group(1) or match.group(2))

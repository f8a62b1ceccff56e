import os

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class GccRuntime(Package):
    """The shared libraries that programs made by GCC need when they run."""

    homepage = "https://gcc.gnu.org"
    has_code = False

    license("GPL-3.0-or-later WITH GCC-exception-3.1")

    # Its versions are those of the compilers.
    tags = ["runtime"]

    provides("fortran-rt", "libgfortran")

    depends_on("libc", type="link", when="platform=linux")
    depends_on("gcc", type="build")

    def install(self, spec, prefix):
        compiler = Executable(self["gcc"].cc)
        mkdirp(prefix.lib)
        for name in ("libgcc_s.so.1", "libstdc++.so.6", "libgomp.so.1", "libatomic.so.1"):
            path = compiler("-print-file-name=" + name, output=str).strip()
            if os.path.isabs(path):
                install(os.path.realpath(path), os.path.join(prefix.lib, name))

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class PythonVenv(Package):
    """Stands between Python and its extensions, as a virtual environment does."""

    homepage = "https://docs.python.org/3/library/venv.html"
    has_code = False

    version("1.0")

    extends("python")

    def install(self, spec, prefix):
        python = Executable(spec["python"].prefix.bin.python3)
        python("-m", "venv", "--without-pip", prefix)

from spack.package import *


class PyParallel(Package):
    """Passes messages in Python."""

    url = "https://example.com/py-parallel-4.0.1.tar.gz"

    version("4.0.1", sha256="0" * 64)
    version("3.1.6", sha256="1" * 64)

    extends("python")
    depends_on("c", type="build")
    depends_on("python-venv", type=("build", "run"))
    depends_on("py-setuptools@:44", type="build", when="@:3")
    depends_on("py-setuptools@40.9:", type="build")
    depends_on("py-cythons@:0.29", type="build", when="@:3.1")
    depends_on("py-pip", type="build")
    depends_on("py-arrays", type=("build", "run"))
    depends_on("mpi")

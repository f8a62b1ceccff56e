from spack.package import *


class PyArrays(Package):
    """Arrays."""

    url = "https://example.com/py-arrays-2.1.2.tar.gz"

    version("2.1.2", sha256="0" * 64)
    version("1.26.4", sha256="1" * 64)

    extends("python")
    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("python-venv", type=("build", "run"))
    depends_on("python@3.10:3.13", type=("build", "link", "run"), when="@2:")
    depends_on("py-cythons@3.0.6:", type="build", when="@2.0:")
    depends_on("py-cythons@0.29:3.0", type="build", when="@:1")
    depends_on("py-setuptools@:59", type="build", when="@:1.22")
    depends_on("py-setuptools", type="build")
    depends_on("py-pip", type="build")
    depends_on("ninja@1.8.2:", type="build")
    depends_on("blas")
    depends_on("lapack")

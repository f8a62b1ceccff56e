from spack.package import *


class PyCythons(Package):
    """Compiles Python."""

    url = "https://example.com/py-cythons-3.0.11.tar.gz"

    version("3.0.11", sha256="0" * 64)
    version("0.29.36", sha256="1" * 64)

    tags = ["build-tools"]

    extends("python")
    depends_on("c", type="build")
    depends_on("python-venv", type=("build", "run"))
    depends_on("python@:3.12", type=("build", "run"), when="@:0.29")
    depends_on("py-setuptools", type=("build", "run"))
    depends_on("py-pip", type="build")

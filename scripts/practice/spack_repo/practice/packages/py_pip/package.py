from spack.package import *


class PyPip(Package):
    """A package of Python."""

    url = "https://example.com/py-pip-75.tar.gz"

    version("75.0", sha256="0" * 64)
    version("59.4", sha256="1" * 64)
    version("44.1", sha256="2" * 64)

    tags = ["build-tools"]

    extends("python")
    depends_on("python-venv", type=("build", "run"))
    depends_on("python@3.9:", type=("build", "run"))

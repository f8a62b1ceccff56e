from spack.package import *


class Ninja(Package):
    """Runs builds, too."""

    url = "https://example.com/ninja-1.12.1.tar.gz"

    tags = ["build-tools"]

    version("1.12.1", sha256="0" * 64)
    version("1.11.0", sha256="1" * 64)

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("python", type="build")

from spack.package import *


class Zipper(Package):
    """Compresses."""

    url = "https://example.com/zipper-1.3.1.tar.gz"

    version("1.3.1", sha256="0" * 64)
    version("1.3", sha256="1" * 64)
    version("1.2.11", sha256="2" * 64, deprecated=True)

    build_system("makefile", "cmake", default="makefile")
    variant("shared", default=True, description="Shared libraries")
    variant("pic", default=True, description="Position independent")
    variant("optimize", default=True, description="Optimizes")

    provides("zlib-api")

    depends_on("c", type="build")
    depends_on("gmake", type="build", when="build_system=makefile")
    depends_on("cmake@3.10:", type="build", when="build_system=cmake")

    conflicts("~shared~pic")
    patch("shared.patch", when="@1.2.11")

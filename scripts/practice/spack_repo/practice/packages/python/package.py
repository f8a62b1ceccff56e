from spack.package import *


class Python(Package):
    """Another language."""

    url = "https://example.com/python-3.13.0.tar.gz"

    extendable = True
    tags = ["build-tools"]

    version("3.13.0", sha256="0" * 64)
    version("3.12.7", sha256="1" * 64)
    version("3.11.9", sha256="2" * 64)
    version("3.8.19", sha256="3" * 64, deprecated=True)

    variant("shared", default=True, description="Shared libraries")
    variant("ssl", default=True, description="Encrypts")
    variant("zlib", default=True, description="Compresses")
    variant("bz2", default=True, description="Compresses, too")
    variant("tkinter", default=False, description="Windows")
    variant("optimizations", default=False, description="Optimizes")
    variant("pythoncmd", default=True, description="A short name")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("openssls", when="+ssl")
    depends_on("openssls@1.1.1:", when="@3.10:+ssl")
    depends_on("zlib-api", when="+zlib")

    conflicts("+tkinter", when="~shared")
    conflicts("%gcc@:4.6")

from spack.package import *


class Cmake(Package):
    """Writes the builds of others."""

    url = "https://example.com/cmake-3.31.2.tar.gz"

    tags = ["build-tools", "windows"]

    version("3.31.2", sha256="0" * 64)
    version("3.30.0", sha256="1" * 64)
    version("3.27.9", sha256="2" * 64)
    version("3.18.1", sha256="3" * 64)
    version("3.9.2", sha256="4" * 64, deprecated=True)

    variant("build_type", default="Release", values=("Release", "Debug"), description="What is built")
    variant("ownlibs", default=True, description="Brings its own libraries")
    variant("doc", default=False, description="Manual")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("gmake", type="build")

    with when("~ownlibs"):
        depends_on("zlib-api")
        depends_on("openssls@3:", when="@3.20:")

    conflicts("+doc", when="@:3.20", msg="the manual came later")
    patch("fix.patch", when="@3.18")

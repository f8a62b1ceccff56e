from spack.package import *


class ZipperNg(Package):
    """Compresses sooner."""

    url = "https://example.com/zipper-ng-2.2.3.tar.gz"

    version("2.2.3", sha256="0" * 64)
    version("2.1.6", sha256="1" * 64)
    version("2.0.0", sha256="2" * 64)

    build_system("autotools", "cmake", default="autotools")
    variant("compat", default=True, description="Takes the place of the other")
    variant("opt", default=True, description="Optimizes")
    variant("shared", default=True, description="Shared libraries")
    variant("pic", default=True, description="Position independent")
    variant("new_strategies", default=True, when="@2.1:", description="New ways")

    provides("zlib-api", when="+compat")

    depends_on("c", type="build")
    depends_on("cxx", type="build")

    with when("build_system=cmake"):
        variant("build_type", default="Release", values=("Release", "Debug", "MinSizeRel"), description="What is built")
        variant("generator", default="make", values=("make", "ninja"), description="Who runs the build")
        depends_on("cmake@3.5.1:", type="build")
        depends_on("gmake", type="build", when="generator=make")
        depends_on("ninja", type="build", when="generator=ninja")

    depends_on("gmake", type="build", when="build_system=autotools")
    conflicts("%gcc@:4.8", when="@2.2:")

from spack.package import *


class Hdfive(Package):
    """Arrays in files."""

    url = "https://example.com/hdfive-1.14.5.tar.gz"
    maintainers("somebody")
    license("BSD-3-Clause", checked_by="somebody")

    version("1.14.5", sha256="0" * 64)
    version("1.12.3", sha256="1" * 64)
    version("1.10.11", sha256="2" * 64)
    version("1.8.23", sha256="3" * 64)

    build_system("cmake", "autotools", default="cmake")
    variant("mpi", default=True, description="In parallel")
    variant("cxx", default=False, description="C++")
    variant("fortran", default=False, description="Fortran")
    variant("hl", default=False, description="High level")
    variant("szip", default=False, description="Compresses")
    variant("shared", default=True, description="Shared libraries")
    variant("threadsafe", default=False, description="Threads")
    variant("java", when="@1.10:1.12", default=False, description="Java")
    variant("java", when="@1.13:", default=True, description="Java, as it became later")
    variant("map", when="@1.14:", default=False, description="Maps")
    variant(
        "api",
        default="default",
        values=(
            "default",
            "v16",
            "v18",
            conditional("v110", when="@1.10:"),
            conditional("v112", when="@1.12:"),
            conditional("v114", when="@1.14:"),
        ),
        description="Which interface",
        multi=False,
    )

    depends_on("c", type="build")
    depends_on("cxx", type="build", when="+cxx")
    depends_on("fortran", type="build", when="+fortran")
    depends_on("mpi", when="+mpi")
    depends_on("zlib-api")
    depends_on("zipper@1.2.5:", when="^[virtuals=zlib-api] zipper")
    depends_on("blasters symbol_suffix=_64", when="+map")

    with when("build_system=cmake"):
        variant("build_type", default="Release", values=("Release", "Debug", "MinSizeRel"), description="What is built")
        variant("generator", default="make", values=("make", "ninja"), description="Who runs the build")
        variant("ipo", default=False, when="^cmake@3.9:", description="Optimizes across files")
        depends_on("cmake@3.12:", type="build")
        depends_on("cmake@3.18:", type="build", when="@1.13:")
        depends_on("gmake", type="build", when="generator=make")
        depends_on("ninja", type="build", when="generator=ninja")

    with when("build_system=autotools"):
        depends_on("gmake", type="build")

    conflicts("+threadsafe", when="+cxx", msg="C++ has no threads here")
    conflicts("api=v114", when="@1.6:1.12")
    conflicts("+szip", when="@1.8.0:1.8.20,1.10.0:1.10.5,1.12")
    conflicts("^blasters@:0.2", when="%gcc@10: ^mpi@3:")
    conflicts("+mpi", when="^openmpis@:2", msg="too old")
    requires("+mpi", when="+map")
    patch("h5.patch", when="@1.8.10:1.10,1.14:%gcc@:13 ^mpi ^zipper+shared", level=0)
    patch("https://example.com/h5.patch", sha256="9" * 64, when="@1.14.5+mpi")

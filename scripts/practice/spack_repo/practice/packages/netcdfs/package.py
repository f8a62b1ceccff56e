from spack.package import *


class Netcdfs(Package):
    """More arrays in files."""

    url = "https://example.com/netcdfs-4.9.2.tar.gz"

    version("4.9.2", sha256="0" * 64)
    version("4.8.1", sha256="1" * 64)

    build_system("cmake", "autotools", default="autotools")
    variant("mpi", default=True, description="In parallel")
    variant("dap", default=False, description="Fetches")
    variant("shared", default=True, description="Shared libraries")
    variant("zstd", default=True, when="@4.9:", description="Compresses")

    depends_on("c", type="build")
    depends_on("cmake@3:", type="build", when="build_system=cmake")
    depends_on("hdfive@:1.8", when="@:4.4")
    depends_on("hdfive+hl")
    depends_on("hdfive~mpi", when="~mpi")
    depends_on("hdfive+mpi", when="+mpi")
    depends_on("mpi", when="+mpi")
    for _shared in ("+shared", "~shared"):
        depends_on("hdfive" + _shared, when=_shared)

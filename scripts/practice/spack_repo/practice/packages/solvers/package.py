from spack.package import *


class Solvers(Package):
    """Solves."""

    url = "https://example.com/solvers-3.22.1.tar.gz"
    git = "https://example.com/solvers.git"

    version("main", branch="main")
    version("3.22.1", sha256="0" * 64)
    version("3.21.6", sha256="1" * 64)
    version("3.20.0", sha256="2" * 64)

    variant("mpi", default=True, description="In parallel")
    variant("shared", default=True, description="Shared libraries")
    variant("hdfive", default=True, description="Arrays in files")
    variant("openmp", default=False, description="Threads")
    variant("cuda", default=False, sticky=True, description="Devices")
    variant("cuda_arch", values=any_combination_of("70", "80", "90"), when="+cuda", description="Which")
    variant("clanguage", default="C", values=("C", "C++"), multi=False, description="Which language")
    variant("memalign", default="none", values=("none", "4", "8", "16"), description="Where numbers begin")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("fortran", type="build")
    depends_on("blas")
    depends_on("lapack")
    depends_on("gmake", type="build")
    depends_on("python@3.4:", type="build", when="@3.18:")
    depends_on("mpi", when="+mpi")
    depends_on("zlib-api", when="+hdfive")
    depends_on("hdfive@:1.14.3", type=("build", "link"), when="@:3.20+hdfive+mpi")
    depends_on("hdfive+mpi", when="+hdfive+mpi")
    depends_on("hdfive+fortran+hl", when="+hdfive")

    conflicts("+hdfive", when="~mpi")

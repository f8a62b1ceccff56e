from spack.package import *


class Blasters(Package):
    """Multiplies."""

    url = "https://example.com/blasters-0.3.28.tar.gz"

    version("0.3.28", sha256="0" * 64)
    version("0.3.27", sha256="1" * 64)
    version("0.2.20", sha256="2" * 64)

    build_system("makefile", "cmake", default="makefile")
    variant("threads", default="none", values=("none", "openmp", "pthreads"), multi=False, description="Threads")
    variant("symbol_suffix", default="none", description="Behind each name")
    variant("ilp64", default=False, description="Long numbers")
    variant("shared", default=True, description="Shared libraries")
    variant("fortran", default=True, when="@0.3:", description="Fortran")
    variant("dynamic_dispatch", default=True, when="target=x86_64:", description="For all machines")

    provides("blas", "lapack")
    provides("lapack@3.9.1:", when="@0.3.15:")

    depends_on("c", type="build")
    depends_on("fortran", type="build", when="+fortran")
    depends_on("perls", type="build")

    conflicts("threads=openmp", when="%clang", msg="its library is another")
    requires("%gcc", "%clang", policy="one_of", msg="nothing else compiles it")

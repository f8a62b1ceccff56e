from spack.package import *


class Fftws(Package):
    """Transforms."""

    url = "https://example.com/fftws-3.3.10.tar.gz"

    version("3.3.10", sha256="0" * 64)
    version("3.3.9", sha256="1" * 64)
    version("2.1.5", sha256="2" * 64)

    variant("mpi", default=True, description="In parallel")
    variant("openmp", default=False, description="Threads")
    variant("shared", default=True, description="Shared libraries")
    variant(
        "precision",
        values=any_combination_of("float", "double", "long_double", "quad").with_default("float,double"),
        description="How exact",
    )


    depends_on("c", type="build")
    depends_on("fortran", type="build")
    depends_on("mpi", when="+mpi")
    conflicts("precision=quad", when="+mpi", msg="not that exact in parallel")

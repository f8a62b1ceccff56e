from spack.package import *


class Simulation(Package):
    """Simulates."""

    url = "https://example.com/simulation-20240829.tar.gz"

    version("20240829.1", sha256="0" * 64)
    version("20230802", sha256="1" * 64)

    variant("mpi", default=True, description="In parallel")
    variant("python", default=True, description="For Python")
    variant("openmp", default=True, description="Threads")
    variant("lib", default=True, description="A library")
    variant("fft", default="fftws", values=("fftws", "mkls", "own"), multi=False, description="Who transforms")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.16:", type="build")
    depends_on("mpi", when="+mpi")
    depends_on("fftws~mpi precision=double", when="fft=fftws")
    depends_on("solvers+mpi", when="+mpi+lib")
    depends_on("netcdfs")
    depends_on("py-parallel", type=("build", "run"), when="+python+mpi")
    depends_on("py-arrays", type=("build", "run"), when="+python")
    extends("python", when="+python")
    requires("+lib", when="+python", msg="Python needs the library")

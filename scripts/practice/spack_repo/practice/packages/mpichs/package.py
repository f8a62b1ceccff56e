from spack.package import *


class Mpichs(Package):
    """Passes messages, too."""

    url = "https://example.com/mpichs-4.2.3.tar.gz"

    version("4.2.3", sha256="0" * 64)
    version("4.1.2", sha256="1" * 64)

    variant("device", default="ch4", values=("ch3", "ch4"), multi=False, description="Which")
    variant("netmod", default="ofi", values=("ofi", "ucx", "tcp"), multi=False, description="Networks")
    variant("fortran", default=True, description="Fortran")
    variant("wrapperrpath", default=True, description="Where libraries are")

    provides("mpi@:4.0", when="@4:")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("fortran", type="build", when="+fortran")
    depends_on("hwlocs@2:", when="@3.3:")

    conflicts("device=ch3", when="netmod=ofi")
    requires("netmod=tcp", when="device=ch3")

from spack.package import *


class Hwlocs(Package):
    """What a machine has."""

    git = "https://example.com/hwlocs.git"
    url = "https://example.com/hwlocs-2.11.1.tar.gz"

    version("master", branch="master")
    version("2.11.1", sha256="0" * 64)
    version("2.10.0", sha256="1" * 64)
    version("1.11.13", sha256="2" * 64)

    variant("cuda", default=False, description="Devices")
    variant("libxml", default=True, description="Trees")
    variant("pci", default=True, description="Buses")
    variant("cuda_arch", values=any_combination_of("70", "80", "90"), when="+cuda", description="Which")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("zlib-api", when="+libxml")

    conflicts("cuda_arch=none", when="+cuda", msg="say which devices")

from spack_repo.examples.build_systems.makefile import MakefilePackage

from spack.package import *


class Banner(MakefilePackage):
    """Prints words with a frame around them."""

    homepage = "https://example.com/banner"
    url = "https://example.com/banner-1.0.tar"

    license("MIT")

    version("1.0", sha256="19bd4bdc9a451bc17966a152d13becf39f02b5060dca7eff378e88b1479732fe")

    depends_on("cxx", type="build")
    depends_on("frame")

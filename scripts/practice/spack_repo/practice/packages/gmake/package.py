from spack.package import *


class Gmake(Package):
    """Runs the other builds."""

    homepage = "https://example.com/gmake"
    url = "https://example.com/gmake-4.4.1.tar.gz"

    tags = ["build-tools"]

    version("4.4.1", sha256="0" * 64)
    version("4.3", sha256="1" * 64)
    version("4.0", sha256="2" * 64)

    variant("guile", default=False, description="Extended by a language")

    depends_on("c", type="build")

    conflicts("guile@:1", when="+guile")

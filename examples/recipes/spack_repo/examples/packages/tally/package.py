from spack_repo.examples.build_systems.autotools import AutotoolsPackage

from spack.package import *


class Tally(AutotoolsPackage):
    """Counts words."""

    homepage = "https://example.com/tally"
    url = "https://example.com/tally-1.0.tar"

    license("MIT")

    version("1.0", sha256="24abb5e0b6ca74230fd522d8b7fb1fb93dde78c9efd551fe6b081a9ea608036d")

    variant("quiet", default=False, description="Prints the number without a frame")

    depends_on("c", type="build")
    depends_on("frame")

    def configure_args(self):
        return ["--enable-quiet" if self.spec.satisfies("+quiet") else "--disable-quiet"]

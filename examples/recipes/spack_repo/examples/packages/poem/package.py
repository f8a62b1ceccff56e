from spack_repo.examples.build_systems.cmake import CMakePackage

from spack.package import *


class Poem(CMakePackage):
    """Says a poem."""

    homepage = "https://example.com/poem"
    url = "https://example.com/poem-1.0.tar"

    license("MIT")

    version("1.0", sha256="17799e46d5530a2b0de01794044b40ded318c1cda83aea5b21675088a44b8589")

    variant("long", default=True, description="Says both lines")

    depends_on("c", type="build")
    depends_on("frame")

    def cmake_args(self):
        return [self.define_from_variant("POEM_LONG", "long")]

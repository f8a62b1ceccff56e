from spack_repo.examples.build_systems.makefile import MakefilePackage

from spack.package import *


class Frame(MakefilePackage):
    """A library that prints texts with a frame around them."""

    homepage = "https://example.com/frame"
    url = "https://example.com/frame-1.0.tar"

    license("MIT")

    version("1.0", sha256="19b5d8e89c51072e9321fe37a01a5cf8017e88b15ee6893ded65445c506e3d20")

    depends_on("c", type="build")

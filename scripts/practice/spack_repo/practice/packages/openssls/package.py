from spack.package import *


class Openssls(Package):
    """Encrypts."""

    url = "https://example.com/openssls-3.4.0.tar.gz"

    tags = ["core-packages"]

    version("3.4.0", sha256="0" * 64)
    version("3.3.2", sha256="1" * 64)
    version("1.1.1w", sha256="2" * 64)

    variant("certs", default="mozilla", values=("mozilla", "system", "none"), multi=False, description="Whom to trust")
    variant("docs", default=False, description="Manual")
    variant("shared", default=True, description="Shared libraries")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("zlib-api")
    depends_on("perls@5.14.0:", type=("build", "test"))

    conflicts("certs=system", when="target=aarch64:", msg="nobody keeps them there")

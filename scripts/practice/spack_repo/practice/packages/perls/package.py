from spack.package import *


class Perls(Package):
    """A language."""

    url = "https://example.com/perls-5.40.0.tar.gz"

    extendable = True

    version("5.40.0", sha256="0" * 64, preferred=True)
    version("5.39.8", sha256="1" * 64)
    version("5.36.0", sha256="2" * 64)

    variant("shared", default=True, description="Shared libraries")
    variant("threads", default=True, description="Threads")
    variant("cpanm", default=True, description="Brings an installer")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("zlib-api")
    depends_on("zipper +shared +pic", when="^[virtuals=zlib-api] zipper")

    resource(
        name="cpanm",
        url="https://example.com/cpanm-1.tar.gz",
        sha256="3" * 64,
        destination="cpanm",
        placement="cpanm",
        when="+cpanm",
    )

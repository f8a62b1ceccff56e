from spack.package import *


class ZlibApi(Package):
    """Compression, as a virtual."""

    virtual = True

from spack.package import *


class Blas(Package):
    """Linear algebra, as a virtual."""

    virtual = True

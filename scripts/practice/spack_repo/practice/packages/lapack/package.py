from spack.package import *


class Lapack(Package):
    """More of it."""

    virtual = True

from spack.package import *


class Fortran(Package):
    """The language Fortran, as a virtual: a compiler provides it."""

    virtual = True

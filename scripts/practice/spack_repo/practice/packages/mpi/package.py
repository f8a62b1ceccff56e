from spack.package import *


class Mpi(Package):
    """Message passing, as a virtual."""

    virtual = True

from spack.package import *


class Cxx(Package):
    """The language C++, as a virtual: a compiler provides it."""

    virtual = True

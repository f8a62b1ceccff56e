from spack.package import *


class C(Package):
    """The language C, as a virtual: a compiler provides it."""

    virtual = True

from spack.package import *


class PythonVenv(Package):
    """What packages of Python are built in."""

    has_code = False

    version("1.0")

    extends("python")

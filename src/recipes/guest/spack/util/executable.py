"""What recipes import of `spack.util.executable`."""

from recipe.errors import ProcessError
from recipe.executable import Executable, which, which_string

__all__ = ["Executable", "ProcessError", "which", "which_string"]

"""What recipes import of `spack.util.executable`."""

from building.executable import Executable, which, which_string
from recipe.errors import ProcessError

__all__ = ["Executable", "ProcessError", "which", "which_string"]

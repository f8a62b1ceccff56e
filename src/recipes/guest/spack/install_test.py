"""What recipes import of `spack.install_test`."""

from recipe.errors import SkipTest

__all__ = ["SkipTest"]

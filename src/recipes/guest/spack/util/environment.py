"""What recipes import of `spack.util.environment`."""

from recipe.buildtime import values

EnvironmentModifications = values["EnvironmentModifications"]
set_env = values["set_env"]

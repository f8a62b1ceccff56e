"""What recipes import of `spack.util.environment`."""

from building.environment import EnvironmentModifications, filter_system_paths, is_system_path, set_env

__all__ = ["EnvironmentModifications", "filter_system_paths", "is_system_path", "set_env"]

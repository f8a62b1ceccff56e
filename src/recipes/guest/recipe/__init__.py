"""The machinery below the package API: what recipes import is in the package `spack` beside this one."""

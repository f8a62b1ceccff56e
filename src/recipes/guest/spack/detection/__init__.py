"""Parts of `spack.detection` that recipes import."""

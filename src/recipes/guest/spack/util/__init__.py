"""Parts of `spack.util` that recipes import."""

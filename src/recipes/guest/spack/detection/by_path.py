"""What recipes import of `spack.detection`: finding packages by paths, which only detection does."""

"""The package API that recipes import, and of the rest what the builtin repository imports besides."""

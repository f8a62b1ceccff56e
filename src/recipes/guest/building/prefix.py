"""Prefixes: texts that grow by attributes, `prefix.share.man` for `PREFIX/share/man`."""

import os


class Prefix(str):
    """A path whose attributes are the paths below it."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Prefix(os.path.join(self, name))

    def join(self, below):
        """The path below this one, for names that are no identifiers."""
        return Prefix(os.path.join(self, below))

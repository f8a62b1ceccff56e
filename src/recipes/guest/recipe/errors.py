"""Errors that recipes raise and catch."""


class SpackError(Exception):
    """The base of all of them."""

    def __init__(self, message="", long_message=None):
        super(SpackError, self).__init__(message)
        self.message = str(message)
        self.long_message = long_message


class InstallError(SpackError):
    """A package cannot be installed."""

    def __init__(self, message="", long_msg=None, pkg=None):
        super(InstallError, self).__init__(message, long_msg)
        self.pkg = pkg


class CompilerError(SpackError):
    """A compiler cannot do what is asked of it."""


class NoLibrariesError(SpackError):
    """A package has no libraries where they were looked for."""


class NoHeadersError(SpackError):
    """A package has no headers where they were looked for."""


class ProcessError(SpackError):
    """A command failed."""


class SkipTest(Exception):
    """A test does not apply."""

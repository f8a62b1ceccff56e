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
    """A package has no libraries where they were looked for: a message, or a name and the prefix."""

    def __init__(self, message_or_name="", prefix=None):
        if prefix is not None:
            message_or_name = "there are no libraries of {} in {}".format(message_or_name, prefix)
        super(NoLibrariesError, self).__init__(message_or_name)


class NoHeadersError(SpackError):
    """A package has no headers where they were looked for."""


class ProcessError(SpackError):
    """A command failed."""


class ProcessTimeoutError(ProcessError):
    """A command took too long."""


class CommandNotFoundError(SpackError):
    """A program is not there."""


class UndeclaredDependencyError(SpackError):
    """A recipe calls a program of a package that it does not depend on."""


class UnsupportedTarget(ValueError):
    """A compiler cannot optimize for a target."""


class TestFailure(SpackError):
    """Tests at the time of installation failed."""


class NoSuchMethodError(SpackError):
    """No condition of a multimethod holds, and it has no default."""


class StopPhase(Exception):
    """The build ends here because that was asked for."""


class SkipTest(Exception):
    """A test does not apply."""

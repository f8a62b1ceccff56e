"""What is written to the log of a build, and `tty`, by which recipes talk."""

import sys
from datetime import datetime

#: Whether there is a log: while recipes are loaded nobody listens.
listening = False


def note(text):
    """A line with the time, about something that is done on behalf of the recipe."""
    if listening:
        print("==> [{}] {}".format(datetime.now().strftime("%Y-%m-%d-%H:%M:%S.%f"), text), flush=True)


def _say(start, message, *details):
    if not listening:
        return
    lines = [start + str(message)] + ["  " + str(detail) for detail in details]
    print("\n".join(lines), flush=True)


class tty:
    """Talk to the user, which goes to the log."""

    @staticmethod
    def msg(message, *details, **_options):
        _say("==> ", message, *details)

    @staticmethod
    def info(message, *details, **_options):
        _say("==> ", message, *details)

    @staticmethod
    def warn(message, *details, **_options):
        _say("==> Warning: ", message, *details)

    @staticmethod
    def error(message, *details, **_options):
        _say("==> Error: ", message, *details)

    @staticmethod
    def die(message, *details, **_options):
        tty.error(message, *details)
        raise SystemExit(1)

    @staticmethod
    def debug(message, *details, **_options):
        pass


def flush():
    sys.stdout.flush()
    sys.stderr.flush()

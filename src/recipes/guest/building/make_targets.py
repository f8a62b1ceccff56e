"""Whether a Makefile or a build.ninja has a target."""

import os

_complaints = (
    "No rule to make target `{}'.",
    "No rule to make target '{}'.",
    "don't know how to make {}.",
)


def has_make_target(make, target):
    """Asks make itself, in English, and without joining a jobserver."""
    if not any(os.path.exists(name) for name in ("GNUmakefile", "Makefile", "makefile")):
        return False
    said = make(
        "-n",
        target,
        fail_on_error=False,
        output=os.devnull,
        error=str,
        extra_env={"LC_ALL": "C", "MAKEFLAGS": ""},
    )
    return not any(complaint.format(target) in said for complaint in _complaints)


def has_ninja_target(ninja, target):
    if not os.path.exists("build.ninja"):
        return False
    listed = ninja("-t", "targets", "all", output=str).splitlines()
    return any(line.startswith(target + ":") for line in listed)

"""What recipes ask about the machine while they are loaded, and which of them ask.

Facts that depend on the machine are marked in the index. Whether a recipe looks at the machine is read off its source:
what it does not look at here it may look at elsewhere.
"""

import ast
import os
import platform
import re
import sys

from recipe.version import Version

#: Names that stand for the machine; with a module in front when they are found there.
_NAMES = ("macos_version", "host_platform", "IS_WINDOWS")
_ATTRIBUTES = (
    ("sys", "platform"),
    ("os", "environ"),
    ("os", "uname"),
    ("platform", "machine"),
    ("platform", "system"),
    ("platform", "processor"),
    ("platform", "architecture"),
    ("platform", "release"),
    ("platform", "uname"),
)
#: One of these is in every source in which the expression finds something; to look for them is much faster.
_WORDS = (b"macos_version", b"host_platform", b"IS_WINDOWS", b"environ", b"platform", b"uname")
_hint = re.compile("|".join(_NAMES + tuple(r"\b{}\s*\.\s*{}\b".format(*pair) for pair in _ATTRIBUTES)).encode())


def host_inputs(source):
    """The properties of the machine that the code outside of methods looks at."""
    if not any(word in source for word in _WORDS) or not _hint.search(source):
        return set()
    found = set()
    waiting = [(ast.parse(source), False)]
    while waiting:
        node, in_class = waiting.pop()
        if isinstance(node, ast.Name) and node.id in _NAMES:
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in _ATTRIBUTES:
                found.add("{}.{}".format(node.value.id, node.attr))
        in_class = in_class or isinstance(node, ast.ClassDef)
        for child in ast.iter_child_nodes(node):
            if not (in_class and isinstance(child, ast.FunctionDef)):
                waiting.append((child, in_class))
    return found


class HostPlatform:
    """The platform of this machine."""

    def __init__(self):
        self.name = {"darwin": "darwin", "win32": "windows"}.get(sys.platform, "linux")
        self.default_os = _operating_system()
        self.default = platform.machine()

    def __str__(self):
        return self.name


def host_platform():
    return HostPlatform()


def macos_version():
    return Version(platform.mac_ver()[0])


def kernel_version():
    return Version(platform.release().split("-")[0])


def _operating_system():
    """The operating system's name with the part of its version that tells releases apart: `debian12`."""
    facts = {}
    try:
        with open("/etc/os-release", encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.strip().partition("=")
                facts[key] = value.strip("\"'")
    except OSError:
        return "unknown"
    name, version = facts.get("ID", "unknown"), facts.get("VERSION_ID", "")
    return name + (version if name == "ubuntu" else version.split(".")[0])


#: Stands in URLs for the folder in which the user will be: facts must not depend on where they were computed.
working_folder = "/$working_folder"


#: Whether recipes are loaded for their facts, and not built.
is_loading = True


class _WithoutFolder:
    """The module `os` as recipes see it while they are loaded: their working folder has no name yet."""

    def __getattr__(self, name):
        return getattr(os, name)

    @staticmethod
    def getcwd():
        return working_folder


modules = {"os": _WithoutFolder()}

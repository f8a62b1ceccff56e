"""Names for macOS and Windows. Builds run on Linux; a recipe that gets here all the same learns why it cannot go on."""

import subprocess
import sys

from recipe.errors import SpackError

#: Number of a load command of Mach-O files.
LC_ID_DYLIB = 0xD


class MachO:
    """Files of macOS."""

    def __init__(self, filename):
        raise SpackError("Mach-O files cannot be read: {}".format(filename))


class HKEY:
    """Roots of the registry of Windows."""

    HKEY_CLASSES_ROOT = HKEY_CURRENT_USER = HKEY_USERS = HKEY_LOCAL_MACHINE = HKEY_CURRENT_CONFIG = None


class WindowsRegistryView:
    """The registry of Windows."""

    def __init__(self, *_args, **_kwargs):
        raise SpackError("there is a registry on Windows only")


def fix_darwin_install_name(path):
    """On macOS, lets libraries below a path name themselves by their paths."""
    from building.search import find_libraries

    if sys.platform != "darwin":
        return
    for library in find_libraries("*", path, shared=True, recursive=False):
        subprocess.run(["install_name_tool", "-id", library, library], check=True)

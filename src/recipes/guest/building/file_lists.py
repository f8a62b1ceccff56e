"""Lists of libraries and headers, and the flags with which compilers find them."""

import os
import re
from collections.abc import Sequence


def _distinct(texts):
    return list(dict.fromkeys(texts))


class FileList(Sequence):
    """Distinct paths of files."""

    def __init__(self, files):
        self.files = _distinct([files] if isinstance(files, str) else files)

    @property
    def directories(self):
        return _distinct(os.path.dirname(file) for file in self.files if os.path.dirname(file))

    @property
    def basenames(self):
        return _distinct(os.path.basename(file) for file in self.files)

    def __getitem__(self, item):
        return type(self)(self.files[item]) if isinstance(item, slice) else self.files[item]

    def __add__(self, other):
        return type(self)(self.files + list(other))

    def __radd__(self, other):
        return self.__add__(other)

    def __eq__(self, other):
        return self.files == getattr(other, "files", other)

    def __hash__(self):
        return hash(tuple(self.files))

    def __len__(self):
        return len(self.files)

    def joined(self, separator=" "):
        return separator.join(self.files)

    def __repr__(self):
        return "{}({!r})".format(type(self).__name__, self.files)

    def __str__(self):
        return self.joined()


def _without_extension(name, extensions):
    for extension in extensions:
        at = name.rfind(extension)
        if at >= 0:
            return name[:at]
    return name


class HeaderList(FileList):
    """Headers."""

    #: Up to the first folder that is called so; others may have it in their names.
    include_regex = re.compile(r"(.*?)(\binclude\b)(.*)")

    def __init__(self, files):
        super(HeaderList, self).__init__(files)
        self._macro_definitions = []
        self._directories = None

    @property
    def directories(self):
        """Where a compiler has to look: up to the folder `include`, if there is one."""
        if self._directories is not None:
            return _distinct(self._directories)
        matches = [(folder, self.include_regex.match(folder)) for folder in super(HeaderList, self).directories]
        return _distinct(os.path.join(*match.group(1, 2)) if match else folder for folder, match in matches)

    @directories.setter
    def directories(self, folders):
        listed = [folders] if isinstance(folders, str) else folders or []
        self._directories = [os.path.normpath(folder) for folder in listed]

    @property
    def headers(self):
        return self.files

    @property
    def names(self):
        return _distinct(_without_extension(name, (".cuh", ".hpp", ".hh", ".h")) for name in self.basenames)

    @property
    def include_flags(self):
        return " ".join("-I" + folder for folder in self.directories)

    @property
    def macro_definitions(self):
        return " ".join(self._macro_definitions)

    @property
    def cpp_flags(self):
        return " ".join(flags for flags in (self.include_flags, self.macro_definitions) if flags)

    def add_macro(self, macro):
        self._macro_definitions.append(macro)


class LibraryList(FileList):
    """Libraries."""

    @property
    def libraries(self):
        return self.files

    @property
    def names(self):
        bare = (name[3:] if name.startswith("lib") else name for name in self.basenames)
        return _distinct(_without_extension(name, (".dylib", ".so", ".a")) for name in bare)

    @property
    def search_flags(self):
        return " ".join("-L" + folder for folder in self.directories)

    @property
    def link_flags(self):
        return " ".join("-l" + name for name in self.names)

    @property
    def ld_flags(self):
        return self.search_flags + " " + self.link_flags

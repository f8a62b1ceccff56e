"""Finding files, libraries and headers by patterns."""

import collections
import fnmatch
import glob
import os
import re
import sys
from collections.abc import Sequence

from building.file_lists import HeaderList, LibraryList

library_extensions = ["a", "la", "so", "tbd", "dylib"]


def find(root, files, recursive=True, max_depth=None):
    """All files that match patterns, pattern by pattern and sorted. Links to folders are followed, each folder once."""
    roots = [root] if isinstance(root, (str, os.PathLike)) else root
    patterns = _listed(files)
    if max_depth and not recursive:
        raise ValueError("`max_depth` needs `recursive`")
    depth = 0 if not recursive else sys.maxsize if max_depth is None else max_depth
    found = [[] for _ in patterns]
    plain = [(index, re.compile(fnmatch.translate(text))) for index, text in enumerate(patterns) if "/" not in text]
    nested = [(index, text) for index, text in enumerate(patterns) if "/" in text]
    for folder, entries in _folders([os.path.abspath(str(each)) for each in roots], depth):
        for index, text in nested:
            found[index].extend(glob.glob(os.path.join(folder, text)))
        for entry in entries:
            for index, pattern in plain:
                if pattern.match(entry.name):
                    found[index].append(entry.path)
                    break
    paths = [path for each in found for path in sorted(each)]
    return _each_once(paths) if nested else paths


def _folders(roots, max_depth):
    """Folders with their entries, breadth first and each one once."""
    waiting, seen = collections.deque((root, 0) for root in roots), set()
    while waiting:
        folder, depth = waiting.popleft()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError:
            continue
        yield folder, entries
        if depth < max_depth:
            below = sorted((entry for entry in entries if _is_folder(entry)), key=lambda entry: entry.name)
            waiting.extend((entry.path, depth + 1) for entry in below)


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:
        return False


def _each_once(paths):
    seen, kept = set(), []
    for path in paths:
        try:
            status = os.lstat(path)
        except OSError:
            continue
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            kept.append(path)
    return kept


def find_first(root, files, bfs_depth=2):
    """The first file that matches one of the patterns, in the folders nearest to the root; None when there is none."""
    patterns = [re.compile(fnmatch.translate(text)) for text in _listed(files)]
    for folder, entries in _folders([os.path.abspath(str(root))], sys.maxsize):
        for entry in sorted(entries, key=lambda entry: entry.name):
            if any(pattern.match(entry.name) for pattern in patterns):
                return os.path.join(folder, entry.name)
    return None


def _listed(texts):
    if isinstance(texts, str):
        return [texts]
    if not isinstance(texts, Sequence):
        raise TypeError("a text or a list of texts is wanted, not {!r}".format(texts))
    return list(texts)


_header_suffixes = ("h", "hpp", "hxx", "hh", "H", "txx", "tcc", "icc", "mod", "inc")


def find_headers(headers, root, recursive=False):
    names = ["{}.{}".format(header, suffix) for header in _listed(headers) for suffix in _header_suffixes]
    return HeaderList(find(root, names, recursive))


def find_all_headers(root):
    return find_headers("*", root=root, recursive=True)


def find_libraries(libraries, root, shared=True, recursive=False, runtime=True, max_depth=None):
    """Libraries below a folder; `lib` and `lib64` come first, and what is found there is enough."""
    suffixes = ["a"] if not shared else ["so", "dylib"] if sys.platform == "darwin" else ["so"]
    names = ["{}.{}".format(library, suffix) for library in _listed(libraries) for suffix in suffixes]
    if not recursive:
        return LibraryList(find(root, names, recursive=False, max_depth=max_depth))
    for common in ("lib", "lib64"):
        folder = os.path.join(str(root), common)
        found = find(folder, names, recursive=False) if os.path.isdir(folder) else []
        if found:
            return LibraryList(found)
    return LibraryList(find(root, names, recursive=True, max_depth=max_depth))


def find_all_libraries(root, recursive=False):
    shared = find_libraries("*", root=root, shared=True, recursive=recursive)
    return shared + find_libraries("*", root=root, shared=False, recursive=recursive)


_system_library_folders = ("/lib64", "/lib", "/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib")


def find_system_libraries(libraries, shared=True):
    found = LibraryList([])
    for library in _listed(libraries):
        for root in _system_library_folders:
            here = find_libraries(library, root, shared, recursive=True)
            if here:
                found += here
                break
    return found


def folders_with_libraries(folders, names):
    """Those folders in which one of these libraries lies."""
    wanted = {"{}.{}".format(name, extension) for name in names for extension in library_extensions}
    return [folder for folder in folders if wanted & set(os.listdir(folder))]

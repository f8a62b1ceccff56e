"""Looking for files below folders."""

import glob
import os


def find(root, files, recursive=True, max_depth=None):
    """The paths below one folder or several that match one pattern of the shell or several, in order of the patterns."""
    roots = [root] if isinstance(root, (str, os.PathLike)) else list(root)
    patterns = [files] if isinstance(files, str) else list(files)
    depth = 0 if not recursive else max_depth
    folders = [folder for each in roots for folder in _folders(os.path.abspath(str(each)), depth)]
    found = []
    for pattern in patterns:
        for folder in folders:
            found += sorted(glob.glob(os.path.join(glob.escape(folder), pattern)))
    return list(dict.fromkeys(found))


def _folders(root, depth):
    """A folder and those below it, not through links, level by level."""
    level, distance = [root], 0
    while level:
        for folder in level:
            yield folder
        if distance == depth:
            return
        level, distance = [inner for folder in level for inner in _inner(folder)], distance + 1


def _inner(folder):
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    paths = [os.path.join(folder, name) for name in names]
    return [path for path in paths if os.path.isdir(path) and not os.path.islink(path)]

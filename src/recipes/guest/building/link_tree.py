"""Trees of links to the files of another tree."""

import os

from building.files import mkdirp


class LinkTree:
    """Links to all files below a folder."""

    def __init__(self, source_root):
        if not os.path.exists(source_root):
            raise OSError("No such file or directory: '{}'".format(source_root))
        self._root = str(source_root)

    def _files(self, ignore):
        for folder, _, names in os.walk(self._root):
            below = os.path.relpath(folder, self._root)
            for name in names:
                path = os.path.normpath(os.path.join(below, name))
                if ignore is None or not ignore(path):
                    yield path

    def find_conflict(self, dest_root, ignore=None, ignore_file_conflicts=False):
        """The first path that is taken in the other tree, or None."""
        for path in self._files(ignore):
            if not ignore_file_conflicts and os.path.lexists(os.path.join(dest_root, path)):
                return os.path.join(dest_root, path)
        return None

    def merge(self, dest_root, ignore_conflicts=False, ignore=None, link=os.symlink, relative=False):
        """Makes the links. Raises OSError when a path is taken, unless conflicts are to be ignored."""
        for path in self._files(ignore):
            source, target = os.path.join(self._root, path), os.path.join(dest_root, path)
            mkdirp(os.path.dirname(target))
            if os.path.lexists(target):
                if not ignore_conflicts:
                    raise OSError("File exists: '{}'".format(target))
                continue
            link(os.path.relpath(source, os.path.dirname(target)) if relative else source, target)

    def unmerge(self, dest_root, ignore=None, remove_file=os.remove):
        for path in self._files(ignore):
            target = os.path.join(dest_root, path)
            if os.path.islink(target) and os.path.realpath(target) == os.path.realpath(os.path.join(self._root, path)):
                remove_file(target)

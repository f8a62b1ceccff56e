"""Making, copying, filtering and removing files and folders."""

import glob
import os
import re
import shutil
import stat
import tempfile
from contextlib import contextmanager

from building.output import note


def filter_file(
    regex,
    repl,
    *filenames,
    string=False,
    backup=False,
    ignore_absent=False,
    start_at=None,
    stop_at=None,
    encoding="utf-8"
):
    """Replaces in each line of files, between the lines `start_at` and `stop_at`. Modes are kept."""
    pattern = re.compile(re.escape(regex) if string else regex)
    replacement = repl if callable(repl) else _sed_replacement(repl)
    for name in filenames:
        path = str(name)
        if ignore_absent and not os.path.exists(path):
            note('FILTER FILE: file "{}" not found. Skipping to next file.'.format(path))
            continue
        note('FILTER FILE: {} [replacing "{}"]'.format(path, regex))
        # Line ends stay as they are, and so does what is not in the encoding.
        how = {"errors": "surrogateescape", "newline": "", "encoding": encoding}
        with open(path, **how) as file:
            lines = file.readlines()
        filtered = _filtered(lines, pattern, replacement, start_at, stop_at)
        if backup:
            shutil.copy(path, path + "~")
        with open(path, "w", **how) as file:
            file.writelines(filtered)


def _filtered(lines, pattern, replacement, start_at, stop_at):
    active, over = start_at is None, False
    for line in lines:
        if active and not over:
            if stop_at is not None and stop_at == line.strip():
                over = True
            else:
                line = pattern.sub(replacement, line)
        elif not active and line.strip() == start_at:
            active = True
        yield line


def _sed_replacement(repl):
    """As sed: `\\1` to `\\9` are groups, everything else stands for itself."""
    template = repl.replace(r"\\", "\\")
    return lambda match: re.sub(r"\\([1-9])", lambda group: match.group(int(group.group(1))) or "", template)


class FileFilter:
    """Files that are filtered again and again."""

    def __init__(self, *filenames):
        self.filenames = filenames

    def filter(self, regex, repl, string=False, backup=False, ignore_absent=False, start_at=None, stop_at=None):
        options = dict(string=string, backup=backup, ignore_absent=ignore_absent, start_at=start_at, stop_at=stop_at)
        filter_file(regex, repl, *self.filenames, **options)


def change_sed_delimiter(old_delim, new_delim, *filenames):
    """Gives the `s///` commands in files another delimiter."""
    for delimiter in (old_delim, new_delim):
        if len(delimiter) != 1 or delimiter in "\"'":
            raise ValueError("a delimiter is one character and no quote, not {!r}".format(delimiter))
    searched = (
        ("^s@([^@]*)@(.*)@[gIp]$", "{}"),
        (r"'s@((?:\\'|[^@'])*)@((?:\\'|[^'])*)@[gIp]?'", "'{}'"),
        (r'"s@((?:\\"|[^@"])*)@((?:\\"|[^"])*)@[gIp]?"', '"{}"'),
    )
    command = r"s@\1@\2@g".replace("@", new_delim)
    for filename in filenames:
        for pattern, form in searched:
            filter_file(pattern.replace("@", old_delim), form.format(command), filename)


@contextmanager
def working_dir(dirname, create=False):
    """Works in another folder for a while."""
    if create:
        mkdirp(dirname)
    before = os.getcwd()
    os.chdir(str(dirname))
    try:
        yield
    finally:
        os.chdir(before)


def mkdirp(*paths, mode=None, group=None, default_perms=None):
    """Makes folders, and those above them. `mode` and `group` hold for all that are made."""
    for path in paths:
        path = str(path)
        if os.path.isdir(path):
            continue
        missing = [path]
        while os.path.dirname(missing[-1]) and not os.path.exists(os.path.dirname(missing[-1])):
            missing.append(os.path.dirname(missing[-1]))
        os.makedirs(path, exist_ok=True)
        for made in missing:
            if group is not None:
                shutil.chown(made, group=group)
            if mode is not None:
                os.chmod(made, mode)


def touch(path):
    """Makes an empty file, or gives a file the present time."""
    os.close(os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY))
    os.utime(str(path), None)


def join_path(prefix, *args):
    return os.path.join(str(prefix), *[str(arg) for arg in args])


def ancestor(dir, n=1):
    """The n-th folder above a folder."""
    parent = os.path.abspath(str(dir))
    for _ in range(n):
        parent = os.path.dirname(parent)
    return parent


def path_contains_subdirectory(path, root):
    """Whether a path is the folder `root` or below it, by its name."""
    slashed = [os.path.abspath(each).rstrip(os.sep) + os.sep for each in (path, root)]
    return slashed[0].startswith(slashed[1])


def copy(src, dest, _permissions=False):
    """Copies the files that match `src` to a file or folder."""
    note("{} {} to {}".format("Installing" if _permissions else "Copying", src, dest))
    files = glob.glob(str(src))
    if not files:
        raise OSError("No such file or directory: '{}'".format(src))
    if len(files) > 1 and not os.path.isdir(str(dest)):
        raise ValueError("'{}' matches multiple files but '{}' is not a directory".format(src, dest))
    for file in files:
        target = os.path.join(str(dest), os.path.basename(file)) if os.path.isdir(str(dest)) else str(dest)
        shutil.copy(file, target)
        if _permissions:
            _install_mode(file, target)


def install(src, dest):
    """As `copy`, with the modes of installed files."""
    copy(src, dest, _permissions=True)


def set_install_permissions(path):
    if not os.path.islink(path):
        os.chmod(path, 0o755 if os.path.isdir(path) else 0o644)


def _install_mode(source, target):
    """The mode of an installed file, with the x bits of its source."""
    if os.path.islink(target):
        return
    set_install_permissions(target)
    source_mode, mode = os.stat(source).st_mode, os.stat(target).st_mode
    os.chmod(target, mode | (source_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)))


def copy_tree(src, dest, symlinks=True, ignore=None, _permissions=False):
    """Copies the contents of the folders that match `src` into a folder. Links inside that are absolute follow."""
    note("{} {} to {}".format("Installing" if _permissions else "Copying", src, dest))
    target = os.path.abspath(str(dest)).rstrip(os.sep) + os.sep
    folders = glob.glob(str(src))
    if not folders:
        raise OSError("No such file or directory: '{}'".format(src))
    for folder in folders:
        source = os.path.abspath(folder).rstrip(os.sep) + os.sep
        if target.startswith(source):
            raise ValueError("Cannot copy ancestor directory {} into {}".format(source, target))
        mkdirp(target)
        links = []
        _copy_below(source, target, "", _TreeCopy(symlinks, ignore, _permissions, links))
        for link, text in links:
            inside = text.startswith(source)
            os.symlink(target + text[len(source) :] if inside else text, link)


class _TreeCopy:
    """How a tree is copied, and the links that come last."""

    def __init__(self, symlinks, ignore, permissions, links):
        self.symlinks = symlinks
        self.ignore = ignore or (lambda _path: False)
        self.permissions = permissions
        self.links = links


def _copy_below(source, target, below, how):
    for name in sorted(os.listdir(os.path.join(source, below))):
        path = os.path.join(below, name)
        if how.ignore(path):
            continue
        here, there = os.path.join(source, path), os.path.join(target, path)
        if os.path.islink(here) and how.symlinks:
            how.links.append((there, os.readlink(here)))
            continue
        if os.path.isdir(here):
            mkdirp(there)
            _copy_below(source, target, path, how)
        else:
            shutil.copy2(here, there)
        if how.permissions:
            _install_mode(here, there)


def install_tree(src, dest, symlinks=True, ignore=None):
    """As `copy_tree`, with the modes of installed files."""
    copy_tree(src, dest, symlinks=symlinks, ignore=ignore, _permissions=True)


def symlink(src, dst, target_is_directory=False, dir_fd=None):
    os.symlink(str(src), str(dst), target_is_directory=target_is_directory, dir_fd=dir_fd)


def force_symlink(src, dest):
    """Makes a link, in place of what is there."""
    try:
        os.symlink(str(src), str(dest))
    except OSError:
        os.remove(str(dest))
        os.symlink(str(src), str(dest))


def force_remove(*paths):
    """Removes files, if they can be removed."""
    for path in paths:
        try:
            os.remove(path)
        except OSError:
            pass


def remove_directory_contents(dir):
    if not os.path.exists(dir):
        return
    for name in os.listdir(dir):
        path = os.path.join(dir, name)
        if os.path.isfile(path) or os.path.islink(path):
            os.unlink(path)
        else:
            shutil.rmtree(path)


def remove_linked_tree(path):
    """Removes a folder; if it is a link, what it leads to as well."""
    if not os.path.exists(path):
        return
    if os.path.islink(path):
        shutil.rmtree(os.path.realpath(path), ignore_errors=True)
        os.unlink(path)
    else:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def safe_remove(*files_or_dirs):
    """Removes what matches, and puts it back when the block fails."""
    matches = sorted({os.path.abspath(path) for each in files_or_dirs for path in glob.glob(str(each))}, key=len)
    kept = tempfile.mkdtemp()
    removed = {}
    try:
        for number, path in enumerate(matches):
            # What lies in a folder of the list is gone with it.
            if not os.path.lexists(path):
                continue
            removed[path] = os.path.join(kept, "{}-{}".format(os.path.basename(path), number))
            shutil.move(path, removed[path])
        yield removed
    except BaseException:
        for path, place in removed.items():
            shutil.move(place, path)
        raise
    finally:
        shutil.rmtree(kept, ignore_errors=True)


@contextmanager
def keep_modification_time(*filenames):
    """Files that the block changes keep their times."""
    times = {name: os.path.getmtime(name) for name in filenames if os.path.exists(name)}
    yield
    for name, time in times.items():
        if os.path.exists(name):
            os.utime(name, (os.path.getatime(name), time))


def set_executable(path):
    """Who may read a file may also run it."""
    mode = os.stat(path).st_mode
    for may_read, may_run in ((stat.S_IRUSR, stat.S_IXUSR), (stat.S_IRGRP, stat.S_IXGRP), (stat.S_IROTH, stat.S_IXOTH)):
        if mode & may_read:
            mode |= may_run
    os.chmod(path, mode)


def is_exe(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def can_access(file_name):
    return os.access(file_name, os.R_OK | os.W_OK)


def has_shebang(path):
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def windows_sfn(path):
    """Short names exist on Windows only."""
    return path

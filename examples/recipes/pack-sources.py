#!/usr/bin/env python3
"""Packs each folder of `sources` as a source mirror has archives: MIRROR/_source-cache/archive/DI/DIGEST.tar, and a link to
it called MIRROR/NAME/NAME-VERSION.tar.

usage: pack-sources.py MIRROR

The same bytes come out wherever this runs: nothing is compressed, and owners, times and order are fixed.
"""

import hashlib
import io
import os
import sys
import tarfile


def members(folder):
    """Paths below a folder, sorted, with the folder's own name in front."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        found += [os.path.join(place, name) for name in files]
    return sorted(os.path.relpath(path, os.path.dirname(folder)) for path in found)


def plain(member):
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 1577836800
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member


def pack(folder):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in members(folder):
            tar.add(os.path.join(os.path.dirname(folder), path), path, recursive=False, filter=plain)
    return buffer.getvalue()


def main(mirror):
    sources = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources")
    for name in sorted(os.listdir(sources)):
        content = pack(os.path.join(sources, name))
        digest = hashlib.sha256(content).hexdigest()
        cached = os.path.join(mirror, "_source-cache", "archive", digest[:2], digest + ".tar")
        link = os.path.join(mirror, name.rsplit("-", 1)[0], name + ".tar")
        for path in (cached, link):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(cached, "wb") as file:
            file.write(content)
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(os.path.relpath(cached, os.path.dirname(link)), link)
        print(digest, os.path.relpath(link, mirror))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

"""Versions as recipes handle them: texts that can be cut and joined. How they compare is a question to the host."""

import re

from recipe.channel import ask

_SEGMENT = re.compile(r"([0-9]+|[a-zA-Z]+)([_.-]*)")
_PRERELEASES = ("alpha", "beta", "rc")
_DEVELOP = ("develop", "main", "master", "head", "trunk", "stable")


def _split(text):
    """The release components of a version, the separators behind all components, and the pre-release components."""
    found = _SEGMENT.findall(text)
    parts = [int(part) if part.isdigit() else part for part, _ in found]
    separators = [separator for _, separator in found]
    if len(parts) >= 3 and parts[-2] in _PRERELEASES and isinstance(parts[-1], int):
        return parts[:-2], separators, parts[-2:]
    if len(parts) >= 2 and parts[-1] in _PRERELEASES:
        return parts[:-1], separators, parts[-1:]
    return parts, separators, []


class Version:
    """One version."""

    def __init__(self, text):
        self.string = text.string if isinstance(text, Version) else str(text)
        self._parts = None

    def _part(self, index):
        if self._parts is None:
            self._parts = _split(self.string)
        return self._parts[index]

    _release = property(lambda self: self._part(0))
    separators = property(lambda self: self._part(1))
    _prerelease = property(lambda self: self._part(2))

    def __str__(self):
        return self.string

    def __repr__(self):
        return 'Version("{}")'.format(self.string)

    def __format__(self, form):
        return format(self.string, form)

    def __iter__(self):
        return iter(self._release)

    def __len__(self):
        return len(self._release)

    def __getitem__(self, index):
        if not isinstance(index, slice):
            return self._release[index]
        pairs = zip(self._release[index], self.separators[index])
        pieces = [text for part, separator in pairs for text in (str(part), separator)]
        return Version("".join(pieces[:-1]))

    def __hash__(self):
        return hash(tuple(self._release) + tuple(self._prerelease))

    def __eq__(self, other):
        if not isinstance(other, Version):
            return False
        return self._release == other._release and self._prerelease == other._prerelease

    def __lt__(self, other):
        return _compare(self, other) < 0

    def __le__(self, other):
        return _compare(self, other) <= 0

    def __gt__(self, other):
        return _compare(self, other) > 0

    def __ge__(self, other):
        return _compare(self, other) >= 0

    def __contains__(self, other):
        return other.satisfies(self)

    def satisfies(self, other):
        return ask("version-satisfies", _exact(self), _exact(other))

    def intersects(self, other):
        return ask("version-intersects", _exact(self), _exact(other))

    def isdevelop(self):
        return any(part in _DEVELOP for part in self._release)

    def is_prerelease(self):
        return bool(self._prerelease)

    def up_to(self, count):
        return self[:count]

    up_to_1 = property(lambda self: self.up_to(1))
    up_to_2 = property(lambda self: self.up_to(2))
    up_to_3 = property(lambda self: self.up_to(3))
    dotted = property(lambda self: Version(re.sub("[-_]", ".", self.string)))
    underscored = property(lambda self: Version(re.sub("[.-]", "_", self.string)))
    dashed = property(lambda self: Version(re.sub("[._]", "-", self.string)))
    joined = property(lambda self: Version(re.sub("[._-]", "", self.string)))

    @property
    def dotted_numeric_string(self):
        """The version with 0 in place of every word."""
        numbers = [part if isinstance(part, int) else 0 for part in self._release]
        if self._prerelease:
            numbers += [0] + self._prerelease[1:]
        return ".".join(str(number) for number in numbers)


class VersionRange:
    """A range or a list of versions, as written after `@`."""

    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text

    def __contains__(self, other):
        return other.satisfies(self)

    def satisfies(self, other):
        return ask("version-satisfies", self.text, _exact(other))

    def intersects(self, other):
        return ask("version-intersects", self.text, _exact(other))


def ver(value):
    """A version, a range or a list of both from its text, or from a list of such texts."""
    if isinstance(value, (Version, VersionRange)):
        return value
    if isinstance(value, (list, tuple)):
        return VersionRange(",".join(str(each) for each in value))
    text = str(value)
    if re.search("[:,]", text):
        return VersionRange(text)
    return Version(text[1:]) if text.startswith("=") else VersionRange(text)


def _compare(left, right):
    if not isinstance(right, Version):
        raise TypeError("a version cannot be compared with {!r}".format(right))
    return 0 if left == right else ask("compare-versions", left.string, right.string)


def _exact(version):
    return "=" + version.string if isinstance(version, Version) else str(version)

"""Targets (CPUs) and architectures of concrete specs. What runs on what is the host's knowledge."""

from recipe.channel import ask
from recipe.errors import UnsupportedTarget


class Target:
    """A microarchitecture."""

    def __init__(self, name):
        self.name = name

    def _facts(self):
        return ask("target-facts", self.name)

    vendor = property(lambda self: self._facts()["vendor"])
    features = property(lambda self: set(self._facts()["features"]))
    generation = property(lambda self: self._facts()["generation"])
    family = property(lambda self: Target(self._facts()["family"]))
    generic = property(lambda self: Target(self._facts()["generic"]))
    parents = property(lambda self: [Target(name) for name in self._facts()["parents"]])
    ancestors = property(lambda self: [Target(name) for name in self._facts()["ancestors"]])
    microarchitecture = property(lambda self: self)

    def optimization_flags(self, compiler, version):
        """With which flags a compiler optimizes for it. Raises UnsupportedTarget when it cannot."""
        answer = ask("target-flags", self.name, str(compiler), str(version))
        if "refusal" in answer:
            raise UnsupportedTarget(answer["refusal"])
        return answer["flags"]

    def __contains__(self, feature):
        return feature in self._facts()["features"]

    def __str__(self):
        return self.name

    def __repr__(self):
        return "Target({!r})".format(self.name)

    def __eq__(self, other):
        return self.name == str(other)

    def __hash__(self):
        return hash(self.name)

    def _descends_from(self, other):
        return str(other) in self._facts()["ancestors"]

    def __lt__(self, other):
        return Target(str(other))._descends_from(self)

    def __le__(self, other):
        return self == other or self < other

    def __gt__(self, other):
        return self._descends_from(other)

    def __ge__(self, other):
        return self == other or self > other


class Architecture:
    """Platform, operating system and target."""

    def __init__(self, platform, os, target):
        self.platform = platform
        self.os = os
        self.target = target

    def __str__(self):
        return "{}-{}-{}".format(self.platform, self.os, self.target)

    def __contains__(self, text):
        return text in str(self) or text in self.target

    def __eq__(self, other):
        return str(self) == str(other)

    def __hash__(self):
        return hash(str(self))

"""Specs as recipes see them while they are loaded: texts, whose meaning is a question to the host."""

from recipe.channel import ask
from recipe.version import Version, VersionRange


class Spec:
    """A spec that a recipe wrote. Its parts are asked of the host when they are looked at."""

    def __init__(self, text=""):
        self._text = text._text if isinstance(text, Spec) else text
        if not isinstance(self._text, str):
            raise TypeError("a spec is made from a text, not from {!r}".format(text))

    #: Of a spec that was detected outside of the store.
    external_path = None
    external_modules = None
    extra_attributes = {}

    @classmethod
    def from_detection(cls, spec_str, external_path=None, external_modules=None, extra_attributes=None):
        """A spec of an installation outside of the store."""
        spec = cls(spec_str)
        spec.external_path = external_path
        spec.external_modules = external_modules
        spec.extra_attributes = dict(extra_attributes or {})
        return spec

    def _part(self, name):
        return ask("spec-part", self._text, name)

    name = property(lambda self: self._part("name"))
    concrete = property(lambda self: False)

    @property
    def versions(self):
        return VersionRange(self._part("versions"))

    @property
    def version(self):
        return Version(self._part("version"))

    @property
    def variants(self):
        return {name: VariantValue(name, value) for name, value in self._part("variants").items()}

    def satisfies(self, other):
        return ask("spec-satisfies", self._text, _text(other))

    def intersects(self, other):
        return ask("spec-intersects", self._text, _text(other))

    def __contains__(self, other):
        return ask("spec-contains", self._text, _text(other))

    def format(self, form="{name}{@versions}{variants}"):
        return ask("spec-format", self._text, form)

    def copy(self):
        return Spec(self._text)

    def __str__(self):
        return ask("spec-print", self._text)

    def __repr__(self):
        return "Spec({!r})".format(self._text)

    def __eq__(self, other):
        return isinstance(other, Spec) and str(self) == str(other)

    def __hash__(self):
        return hash(str(self))


class VariantValue:
    """The value of a variant in a spec."""

    def __init__(self, name, value):
        self.name = name
        self.value = tuple(value) if isinstance(value, list) else value

    def __str__(self):
        return "{}={}".format(self.name, self.value)


class Target:
    """The CPU target for which facts are computed."""

    def __init__(self, name, family):
        self.name = name
        self.family = family

    def __str__(self):
        return self.name

    def __eq__(self, other):
        return self.name == str(other)

    def __hash__(self):
        return hash(self.name)


class VersionSpec(Spec):
    """What a recipe's own spec is while the facts of one version are computed: that version on the given host."""

    def __init__(self, name, version, host):
        self._name = name
        self._version = version
        self._host = host
        self._text = "{}@={} platform={} target={}".format(name, version, host["platform"], host["target"])

    name = property(lambda self: self._name)
    version = property(lambda self: self._version)
    platform = property(lambda self: self._host["platform"])
    target = property(lambda self: Target(self._host["target"], Target(self._host["family"], None)))
    variants = property(lambda self: {})

    def __str__(self):
        return self._text

    def __contains__(self, other):
        return ask("spec-satisfies", self._text, _text(other))


def _text(spec):
    return spec._text if isinstance(spec, Spec) else str(spec)

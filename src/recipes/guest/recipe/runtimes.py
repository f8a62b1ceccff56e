"""What a compiler asks of the nodes that use it: its recipe says so in the class method `runtime_constraints`, to an object
that writes down what it is told."""

from recipe.spec import Spec
from recipe.version import Version, VersionRange


def calls_of(cls, compiler):
    """The calls that the recipe makes for one compiler, in their order."""
    constraints = getattr(cls, "runtime_constraints", None)
    if constraints is None:
        return []
    recorder = Recorder()
    constraints(spec=CompilerSpec(compiler), pkg=recorder)
    return recorder.calls


class Recorder:
    """`pkg("*").depends_on(…)`: first which packages are meant, then what is asked of them."""

    def __init__(self):
        self.calls = []
        self._package = None

    def __call__(self, package_name):
        if self._package is not None:
            raise ValueError("`pkg({!r})` follows `pkg({!r})`, of which nothing was asked".format(package_name, self._package))
        self._package = package_name
        return self

    def depends_on(self, dependency_str, *, when, type, description=None):
        self._add("depends_on", dependency_str, when, of_all=True, type=type)

    def requires(self, impose, *, when):
        self._add("requires", impose, when, of_all=False)

    def propagate(self, constraint_str, *, when):
        self._add("propagate", constraint_str, when, of_all=True)

    def default_flags(self, spec):
        """The flags of externals come from the configuration, which the host reads."""
        self._package = None

    def _add(self, call, spec, when, of_all, **rest):
        if (self._package == "*") != of_all or self._package is None:
            raise ValueError("`{}` is not for `pkg({!r})`".format(call, self._package))
        self.calls.append(dict(package=self._package, call=call, spec=str(spec), when=str(when), **rest))
        self._package = None


class CompilerSpec(Spec):
    """A concrete compiler: a text with its direct dependencies, its hash, and the nodes below it."""

    def __init__(self, plain):
        Spec.__init__(self, plain["text"])
        self._plain = plain

    name = property(lambda self: self._plain["name"])
    concrete = property(lambda self: True)
    version = property(lambda self: Version(self._plain["version"]))
    versions = property(lambda self: VersionRange("=" + self._plain["version"]))

    def dag_hash(self, length=None):
        return self._plain["hash"][:length]

    def copy(self):
        return CompilerSpec(self._plain)

    def __getitem__(self, name):
        return CompilerSpec(self._plain["below"][name])

    def __str__(self):
        return self._text

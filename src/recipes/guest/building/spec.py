"""Concrete specs: nodes of the DAG that the host sent. Whether one satisfies something is a question to the host."""

import itertools
import re
from collections import namedtuple

from building import queries
from building.prefix import Prefix
from building.target import Architecture, Target
from building.traversal import depflag_of, traverse_edges
from recipe.channel import ask
from recipe.spec import Spec, VariantValue
from recipe.version import Version, VersionRange

#: How a spec was asked for last: `spec["hdf5:cxx,hl"]`.
Query = namedtuple("Query", ["name", "extra_parameters", "isvirtual"])


class Edge:
    """A dependency: from parent to spec."""

    __slots__ = ("parent", "spec", "depflag", "virtuals", "direct")

    def __init__(self, parent, spec, depflag, virtuals, direct):
        self.parent = parent
        self.spec = spec
        self.depflag = depflag
        self.virtuals = tuple(virtuals)
        self.direct = direct

    def __repr__(self):
        return "Edge({} -> {})".format(self.parent and self.parent.name, self.spec.name)


class VariantMap(dict):
    """The variants of a spec by name."""

    def __init__(self, values):
        super(VariantMap, self).__init__((name, VariantValue(name, value)) for name, value in values.items())


class FlagMap(dict):
    """Compiler flags by kind."""

    @staticmethod
    def valid_compiler_flags():
        return ("cflags", "cxxflags", "fflags", "ldflags", "ldlibs", "cppflags")


class Graph:
    """All nodes that the host sent, by hash."""

    def __init__(self, nodes, package_of):
        self.package_of = package_of
        self.specs = {node["hash"]: ConcreteSpec(self, node) for node in nodes}
        for spec in self.specs.values():
            for edge in spec._node["edges"]:
                child = self.specs[edge["hash"]]
                made = Edge(spec, child, depflag_of(edge["deptypes"]), edge["virtuals"], edge["direct"])
                spec._edges.append(made)
                child._parents.append(made)


class ConcreteSpec(Spec):
    """A spec of which nothing is open."""

    def __init__(self, graph, node):
        super(ConcreteSpec, self).__init__("/" + node["hash"])
        self._graph = graph
        self._node = node
        self._edges = []
        self._parents = []
        self._package = None
        self.variants = VariantMap(node["variants"])
        self.compiler_flags = FlagMap(node["flags"])
        target = Target(node["target"])
        self.architecture = Architecture(node["platform"], node["os"], target)

    # Each object has its own; here they only hide what abstract specs compute.
    variants = compiler_flags = architecture = None
    concrete = property(lambda self: True)
    _concrete = concrete
    name = property(lambda self: self._node["name"])
    namespace = property(lambda self: self._node["namespace"])
    fullname = property(lambda self: "{}.{}".format(self.namespace, self.name))
    anonymous = property(lambda self: False)
    version = property(lambda self: Version(self._node["version"]))
    versions = property(lambda self: VersionRange("=" + self._node["version"]))
    platform = property(lambda self: self.architecture.platform)
    os = property(lambda self: self.architecture.os)
    target = property(lambda self: self.architecture.target)
    prefix = property(lambda self: Prefix(self._node["prefix"] or ""))
    external = property(lambda self: self._node["external"] is not None)
    external_path = property(lambda self: self._external("path"))
    external_modules = property(lambda self: self._external("modules"))
    extra_attributes = property(lambda self: self._external("extra_attributes") or {})
    installed = property(lambda self: self._node["installed"])
    patches = property(lambda self: self._node["patches"])
    is_develop = property(lambda self: "dev_path" in self.variants)
    build_spec = property(lambda self: self)
    spliced = property(lambda self: False)
    short_spec = property(lambda self: ask("node-short", self.dag_hash()))
    long_spec = property(lambda self: ask("node-print", self.dag_hash()))
    compiler = property(lambda self: self._compiler())
    home = property(lambda self: queries.answer(self, "home"))
    libs = property(lambda self: queries.answer(self, "libs"))
    headers = property(lambda self: queries.answer(self, "headers"))
    command = property(lambda self: queries.answer(self, "command"))

    @property
    def root(self):
        return self

    def _external(self, part):
        external = self._node["external"]
        return external and external[part]

    def _compiler(self):
        for language in ("c", "cxx", "fortran"):
            compilers = self.dependencies(virtuals=language)
            if compilers:
                return compilers[0]
        raise AttributeError("{} has no C, C++, or Fortran compiler".format(self.name))

    @property
    def package(self):
        if self._package is None:
            original = self._graph.specs[self.dag_hash()]
            original.__dict__["_package"] = self._graph.package_of(original)
        return self._package

    @property
    def package_class(self):
        return type(self.package)

    def dag_hash(self, length=None):
        return self._node["hash"][:length]

    def edges_to_dependencies(self, name=None, depflag=15, virtuals=None, deptype=None):
        return _selected(self._edges, lambda edge: edge.spec, name, _flag(depflag, deptype), virtuals)

    def edges_from_dependents(self, name=None, depflag=15, virtuals=None, deptype=None):
        return _selected(self._parents, lambda edge: edge.parent, name, _flag(depflag, deptype), virtuals)

    def dependencies(self, name=None, deptype=15, virtuals=None):
        return [edge.spec for edge in self.edges_to_dependencies(name, depflag_of(deptype), virtuals)]

    def dependents(self, name=None, deptype=15):
        return [edge.parent for edge in self.edges_from_dependents(name, depflag_of(deptype))]

    def has_virtual_dependency(self, virtual):
        return bool(self.dependencies(virtuals=virtual))

    def traverse_edges(self, **options):
        return traverse_edges(self, **options)

    def traverse(self, **options):
        """Specs below this one, and itself."""
        with_depth = options.get("depth")
        for found in traverse_edges(self, **options):
            yield (found[0], found[1].spec) if with_depth else found.spec

    def satisfies(self, other, deps=True):
        return ask("node-satisfies", self.dag_hash(), _text(other), "" if deps else "node")

    def intersects(self, other, deps=True):
        return self.satisfies(other, deps)

    def __contains__(self, other):
        """Whether this spec, or the dependency that `other` names, satisfies it."""
        other = other if isinstance(other, Spec) else Spec(other)
        if not other.name or other.name == self.name:
            return self.satisfies(other)
        try:
            return self[other.name].satisfies(other)
        except KeyError:
            return False

    def __getitem__(self, key):
        """A dependency by its name or that of a virtual: direct ones first, then what is linked or run."""
        name, _, parameters = key.partition(":")
        wanted = re.split(r"\s*,\s*", parameters.strip()) if parameters else []
        below = self.traverse_edges(deptype=("link", "run"), order="breadth", cover="edges")
        for edge in itertools.chain(self.edges_to_dependencies(deptype=("build", "test")), below):
            if edge.spec.name == name or name in edge.virtuals:
                return _queried(edge.spec, Query(name, wanted, name in edge.virtuals), self)
        raise KeyError("{} does not depend on `{}`".format(self.name, name))

    def format(self, form="{name}{@versions}{compiler_flags}{variants}"):
        return ask("node-format", self.dag_hash(), form)

    cformat = format

    def copy(self, *_args, **_kwargs):
        return self

    def __str__(self):
        return ask("node-print", self.dag_hash())

    def __repr__(self):
        return "<{}/{}>".format(self.name, self.dag_hash(7))

    def __eq__(self, other):
        if isinstance(other, ConcreteSpec):
            return self.dag_hash() == other.dag_hash()
        return isinstance(other, Spec) and str(self) == str(other)

    def __lt__(self, other):
        return (self.name, self.dag_hash()) < (other.name, other.dag_hash())

    def __hash__(self):
        return hash(self.dag_hash())


class QueriedSpec(ConcreteSpec):
    """A dependency that was asked for by a name. It shares everything with its spec, what recipes set on it included."""

    def __init__(self, spec):
        self.__dict__ = spec.__dict__


def _queried(spec, query, parent):
    view = QueriedSpec(spec)
    view.wrapped_obj = spec._graph.specs[spec.dag_hash()]
    view.last_query = query
    # `python` runs in the virtual environment that a package brings for its build.
    venvs = parent.dependencies("python-venv") if spec.name == "python" else []
    view.indirect_spec = venvs[0] if venvs else None
    return view


def _flag(depflag, deptype):
    return depflag_of(depflag if deptype is None else deptype)


def _selected(edges, end, name, depflag, virtuals):
    wanted = None if virtuals is None else {virtuals} if isinstance(virtuals, str) else set(virtuals)
    return [
        edge
        for edge in edges
        if (name is None or end(edge).name == name)
        and edge.depflag & depflag
        and (wanted is None or wanted & set(edge.virtuals))
    ]


def _text(spec):
    return spec._text if isinstance(spec, Spec) else str(spec)

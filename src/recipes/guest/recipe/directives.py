"""Directives: what a recipe declares in the bodies of its classes.

A directive only writes down what it was given, with the conditions of the blocks around it. Specs stay texts: to merge
and to print them is the host's part. The records of a class are those of its bases, followed by its own.
"""

import sys

from recipe.spec import Spec
from recipe.variants import ConditionalValue, ConditionalValues

#: Names whose calls are no part of the canonical source of a recipe.
names = ["build_system"]

_waiting = []
_conditions = []
_defaults = []


class DirectiveError(Exception):
    """A directive was given what it cannot mean."""


class Record:
    """One call of a directive: its name, the conditions under which it holds (all must), and its arguments."""

    __slots__ = ("name", "conditions", "arguments")

    def __init__(self, name, conditions, arguments):
        self.name = name
        self.conditions = conditions
        self.arguments = arguments


class DirectiveMeta(type):
    """Hands the records of a class body to the class."""

    def __new__(mcs, name, bases, namespace):
        records = {}
        for base in reversed(bases):
            for record in getattr(base, "_records", ()):
                records[id(record)] = record
        for record in _waiting:
            records[id(record)] = record
        del _waiting[:]
        namespace["_records"] = list(records.values())
        return super(DirectiveMeta, mcs).__new__(mcs, name, bases, namespace)


def push_condition(condition):
    _conditions.append(condition)


def pop_condition():
    _conditions.pop()


def push_defaults(arguments):
    _defaults.append(arguments)


def pop_defaults():
    _defaults.pop()


def drop_waiting():
    """Forgets what a class body declared before it failed."""
    del _waiting[:], _conditions[:], _defaults[:]


def _directive(function):
    """Makes a directive of a function that turns arguments into a record's arguments."""
    name = function.__name__
    names.append(name)

    def declare(*args, **kwargs):
        if _defaults:
            merged = {}
            for defaults in _defaults:
                merged.update(defaults)
            merged.update(kwargs)
            kwargs = merged
        if _conditions:
            if name == "version":
                raise DirectiveError("`version` has no condition and cannot stand in a `when` block")
            own = kwargs.get("when")
            kwargs["when"] = _conditions + [own] if own else list(_conditions)
        record = function(*args, **kwargs)
        for given in args + tuple(kwargs.values()):
            _take_back(given)
        _waiting.append(record)
        return record

    declare.__name__ = name
    declare.__doc__ = function.__doc__
    return declare


def _take_back(given):
    """A patch that is an argument of a dependency is not one of the package."""
    if isinstance(given, Record):
        _waiting[:] = [record for record in _waiting if record is not given]
    elif isinstance(given, (list, tuple)):
        for each in given:
            _take_back(each)


def _condition_texts(when):
    """The conditions that must all hold, or None when one of them is the constant false.

    Those of blocks follow an empty one: the host then merges them also where there is only one, which shows in how it
    spells versions (`@:1.5` for `@:1.05`), as Spack's hashes and lockfiles have it.
    """
    if isinstance(when, list):
        merged = [""]
        for each in when:
            texts = _condition_texts(each)
            if texts is None:
                return None
            merged += texts
        return merged
    if when is False:
        return None
    if when is None or when is True:
        return []
    if isinstance(when, Spec):
        when = when._text
    return [when] if when else []


def _place():
    """File and line of the call of the directive."""
    frame = sys._getframe(3)
    return "{}:{}".format(frame.f_code.co_filename, frame.f_lineno)


def _spec_text(spec):
    return spec._text if isinstance(spec, Spec) else spec


@_directive
def version(ver, checksum=None, **kwargs):
    unknown = [key for key in kwargs if key not in _version_arguments]
    if unknown:
        raise TypeError("version() got an unexpected keyword argument {!r}".format(unknown[0]))
    if not isinstance(ver, (int, str)):
        raise DirectiveError("a version is a text or an integer, not {!r}".format(ver))
    arguments = {key: value for key, value in kwargs.items() if value is not None}
    if checksum is not None:
        arguments["checksum"] = checksum
    return Record("version", [], {"version": str(ver), "arguments": arguments})


_version_arguments = frozenset(
    "preferred deprecated no_cache url extension expand fetch_options md5 sha1 sha224 sha256 sha384 sha512 git commit "
    "tag branch get_full_repo git_sparse_paths submodules submodules_delete svn hg cvs revision date".split()
)


@_directive
def conflicts(conflict_spec, when=None, msg=None):
    return Record("conflicts", _condition_texts(when), _with_message({"spec": _spec_text(conflict_spec)}, msg))


@_directive
def depends_on(spec, when=None, type=("build", "link"), patches=None):
    arguments = {"spec": _spec_text(spec), "types": _deptypes(type), "patches": _patch_records(patches)}
    return Record("depends_on", _condition_texts(when), arguments)


@_directive
def extends(spec, when=None, type=("build", "run"), patches=None):
    arguments = {"spec": _spec_text(spec), "types": _deptypes(type), "patches": _patch_records(patches)}
    return Record("extends", _condition_texts(when), arguments)


@_directive
def provides(*specs, **kwargs):
    when = kwargs.pop("when", None)
    if kwargs:
        raise TypeError("provides() got an unexpected keyword argument {!r}".format(sorted(kwargs)[0]))
    return Record("provides", _condition_texts(when), {"specs": [_spec_text(spec) for spec in specs]})


@_directive
def requires(*requirement_specs, **kwargs):
    policy, when, msg = kwargs.pop("policy", "one_of"), kwargs.pop("when", None), kwargs.pop("msg", None)
    if kwargs:
        raise TypeError("requires() got an unexpected keyword argument {!r}".format(sorted(kwargs)[0]))
    if policy not in ("one_of", "any_of"):
        raise DirectiveError("the policy of `requires` is `one_of` or `any_of`, not {!r}".format(policy))
    specs = [_spec_text(spec) for spec in requirement_specs]
    return Record("requires", _condition_texts(when), _with_message({"specs": specs, "policy": policy}, msg))


def _with_message(arguments, msg):
    arguments["has_msg"] = msg is not None
    if msg is not None:
        arguments["msg"] = str(msg)
    return arguments


@_directive
def patch(url_or_filename, level=1, when=None, working_dir=".", reverse=False, sha256=None, archive_sha256=None):
    return _patch_record(url_or_filename, level, when, working_dir, reverse, sha256, archive_sha256)


def _patch_record(place, level=1, when=None, working_dir=".", reverse=False, sha256=None, archive_sha256=None):
    if "://" in place and not sha256:
        raise DirectiveError("the patch {} needs a sha256".format(place))
    arguments = {
        "place": place,
        "level": level,
        "working_dir": working_dir,
        "reverse": reverse,
        "sha256": sha256,
        "archive_sha256": archive_sha256,
    }
    return Record("patch", _condition_texts(when), arguments)


@_directive
def resource(name=None, destination="", placement=None, when=None, **kwargs):
    arguments = {"name": name, "destination": destination, "placement": placement, "fetch": kwargs}
    return Record("resource", _condition_texts(when), arguments)


@_directive
def license(license_identifier, checked_by=None, when=None):
    return Record("license", _condition_texts(when), {"license": license_identifier, "place": _place()})


@_directive
def redistribute(source=None, binary=None, when=None):
    if source is True or binary is True:
        raise DirectiveError("`redistribute` only takes rights away: give it `False`")
    return Record("redistribute", _condition_texts(when), {"source": source is False, "binary": binary is False})


@_directive
def can_splice(target, when="", match_variants=None):
    arguments = {"target": _spec_text(target), "match_variants": match_variants}
    return Record("can_splice", _condition_texts(when), arguments)


@_directive
def maintainers(*names, **_kwargs):
    return Record("maintainers", [], {"names": names})


@_directive
def variant(name, default=None, description="", values=None, multi=None, validator=None, when=None, sticky=False):
    if name in _RESERVED:
        raise DirectiveError("`{}` is a name that no variant may have: specs use it for something else".format(name))
    if values is None:
        is_bool = default in (True, False) or (isinstance(default, str) and default.upper() in ("TRUE", "FALSE"))
        values = (True, False) if is_bool else _anything
    for argument, given in (("default", default), ("multi", multi)):
        if hasattr(values, argument) and given is not None:
            raise DirectiveError("variant `{}`: `{}` comes with its values".format(name, argument))
    default = getattr(values, "default", default)
    if isinstance(default, tuple):
        default = ",".join(default)
    if default is None or default == "":
        raise DirectiveError("variant `{}` has no default".format(name))
    arguments = {
        "name": name,
        "default": default,
        "description": description,
        "values": values,
        "multi": getattr(values, "multi", bool(multi)),
        "validator": validator,
        "sticky": sticky,
    }
    return Record("variant", _condition_texts(when), arguments)


#: Words that mean something else in a spec.
_RESERVED = frozenset(
    "arch architecture branch commit dev_path namespace operating_system os patches platform ref tag target".split()
)


def _anything(_value):
    return True


def build_system(*values, **kwargs):
    """Declares the variant `build_system`."""
    default = kwargs.get("default", None) or values[0]
    described = "Build systems supported by the package"
    return variant("build_system", default, described, values=tuple(values), multi=False)


def conditional(*values, **kwargs):
    """Values of a variant that exist only under a condition."""
    texts = _condition_texts(kwargs.get("when"))
    condition = None if texts is None else Spec(texts[0] if texts else "")
    return ConditionalValues(ConditionalValue(value, condition) for value in values)


def _deptypes(given):
    """The types that an argument names, in their order."""
    known = ("build", "link", "run", "test")
    if given == "all" or given == ("all",):
        return list(known)
    wanted = (given,) if isinstance(given, str) else tuple(given)
    unknown = [each for each in wanted if each not in known]
    if unknown:
        raise DirectiveError("{!r} is no type of dependency".format(unknown[0]))
    return [each for each in known if each in wanted]


def _patch_records(patches):
    if patches is None:
        return []
    listed = patches if isinstance(patches, (list, tuple)) else [patches]
    # A patch given by its name alone has none of the conditions of the blocks around the dependency.
    return [_patch_record(each) if isinstance(each, str) else each for each in listed]

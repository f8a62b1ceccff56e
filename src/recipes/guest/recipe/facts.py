"""Facts of a loaded package, as plain data for the host: attributes, declarations in order, URLs of versions.

Specs and conditions are texts as the recipe wrote them; the host merges and normalizes them.
"""

import os

from recipe import loader, validators
from recipe.host import host_inputs
from recipe.package import PackageBase, declared_versions, is_package_module, namespace_of, package_name, url_facts
from recipe.source_hash import recipe_hash
from recipe.spec import VersionSpec
from recipe.texts import texts_of
from recipe.variants import ConditionalValue, DisjointSetsOfValues, flatten
from recipe.version import Version

_missing = object()
_dynamic = {"dynamic": True}


def facts_of(cls, host):
    module = cls.__module__
    bases = _inherited(cls)
    records = cls._records
    files = loader.files_of(module)
    return {
        "name": cls.name,
        "namespace": cls.namespace,
        "attributes": _attributes(cls),
        "source": _source(cls),
        "versions": [[version, _plain(arguments)] for version, arguments in declared_versions(cls)],
        "urls": _version_urls(cls, host) if cls.has_code else None,
        "directives": [_plain_record(record, cls, files) for record in records if _is_fact(record)],
        "inherits": bases,
        "host_inputs": sorted(_host_inputs(cls)),
        "recipe_hash": recipe_hash(loader.traces[module].take_tree()),
        "texts": texts_of(cls),
        "files": [[path, loader.digest_of(path)] for path in files],
    }


def _is_fact(record):
    if record.name in ("version", "maintainers"):
        return False
    return record.conditions is not None or record.name == "variant"


def _inherited(cls):
    """Names of the packages whose recipes a class extends, nearest first."""
    names = []
    for base in cls.__mro__[1:]:
        if not is_package_module(base.__module__):
            break
        names.append(package_name(base.__module__))
    own = package_name(cls.__module__)
    return [name for index, name in enumerate(names) if name != own and name not in names[:index]]


def _host_inputs(cls):
    noted = set()
    for base in cls.__mro__:
        if is_package_module(base.__module__):
            noted |= host_inputs(loader.traces[base.__module__].source)
    return noted


#: Attributes of packages with the values that go without saying, in the order of the index.
_ATTRIBUTES = (
    ("virtual", False),
    ("has_code", True),
    ("extendable", False),
    ("parallel", True),
    ("manual_download", False),
    ("license_required", False),
    ("transitive_rpaths", True),
    ("license_comment", "#"),
    ("license_files", []),
    ("license_vars", []),
    ("non_bindable_shared_objects", []),
    ("unresolved_libraries", []),
    ("sanity_check_is_file", []),
    ("sanity_check_is_dir", []),
    ("test_requires_compiler", False),
)

_COMPILER = (
    ("prefixes", "compiler_prefixes"),
    ("suffixes", "compiler_suffixes"),
    ("version_argument", "compiler_version_argument"),
    ("version_regex", "compiler_version_regex"),
    ("wrapper_link_paths", "compiler_wrapper_link_paths"),
    ("opt_flags", "opt_flags"),
    ("debug_flags", "debug_flags"),
    ("verbose_flags", "verbose_flags"),
    ("rpath_arg", "rpath_arg"),
    ("linker_arg", "linker_arg"),
    ("pic_flag", "pic_flag"),
    ("openmp_flag", "openmp_flag"),
    ("implicit_rpath_libs", "implicit_rpath_libs"),
    ("stdcxx_libs", "stdcxx_libs"),
)


def _attributes(cls):
    """Attributes of the class that differ from what goes without saying; computed ones are marked, not run."""
    attributes = {
        "build_system_class": cls.build_system_class,
        "default_build_system": getattr(cls, "default_buildsystem", getattr(cls, "legacy_buildsystem", None)),
        "tags": list(getattr(cls, "tags", [])),
    }
    for name, default in _ATTRIBUTES:
        value = _static(cls, name)
        if value is not _dynamic and isinstance(value, str) and isinstance(default, list):
            value = [value]
        if isinstance(value, (tuple, list)):
            value = list(value)
        if value != default:
            attributes[name] = value
    for name in ("executables", "libraries"):
        if hasattr(cls, name):
            attributes["detect"] = {name: list(getattr(cls, name))}
    if "compiler" in attributes["tags"]:
        compiler = _compiler(cls)
        if compiler:
            attributes["compiler"] = compiler
    return attributes


def _compiler(cls):
    languages = getattr(cls, "compiler_languages", None)
    if languages is None:
        return None
    compiler = {"languages": list(languages)}
    for language in languages:
        compiler[language + "_names"] = _static(cls, language + "_names")
    for name, attribute in _COMPILER:
        value = _static(cls, attribute)
        if value is not None and value is not _dynamic:
            compiler[name] = value
    if hasattr(cls, "runtime_constraints"):
        compiler["runtime_rules"] = True
    return compiler


def _static(cls, name):
    value = getattr(cls, name, None)
    return _dynamic if isinstance(value, property) or callable(value) else value


#: In the order of the index.
_SOURCE = (
    "url list_url list_depth git svn hg cvs go submodules git_sparse_paths get_full_repo fetch_options commit branch "
    "tag gnu_mirror_path sourceforge_mirror_path sourceware_mirror_path xorg_mirror_path pypi cran bioc "
    "racket_name urls custom_url_for_version base_mirrors"
).split()


def _source(cls):
    """Where the code comes from. Computed attributes are asked of an object without a version."""
    source = {}
    for name in _SOURCE:
        if name == "custom_url_for_version":
            if cls.url_for_version is not PackageBase.url_for_version:
                source[name] = True
            continue
        value = getattr(cls, name, None)
        if isinstance(value, property):
            value = _computed(cls, name)
        if name in ("tag", "branch", "commit") and not isinstance(value, str):
            continue
        if value or (value is False and name in ("submodules", "get_full_repo")):
            source[name] = _plain(value)
    if not any(name.endswith("_mirror_path") for name in source):
        source.pop("base_mirrors", None)
    return source


def _computed(cls, name):
    package = cls.__new__(cls)
    package.spec = None
    try:
        return getattr(package, name)
    except Exception:  # It takes a spec, then: the URLs of versions have what it gives for each of them.
        return None


def _version_urls(cls, host):
    """For each version what its URLs follow from; where they are those of the version before, only the texts."""
    custom = cls.url_for_version is not PackageBase.url_for_version
    own_text = cls.url_version is not PackageBase.url_version
    answers, last = [], _missing
    for text, arguments in declared_versions(cls):
        if any(arguments.get(each) for each in ("git", "svn", "hg", "cvs")) and "url" not in arguments:
            continue
        version = Version(text)
        package = cls(VersionSpec(cls.name, version, host))
        # First the recipe's own rule: some of them also change where the package's URLs lead.
        answer = {"version": text}
        if custom:
            answer["custom"] = _custom_url(package, version)
        bases = {
            "url": getattr(package, "url", None),
            "urls": list(getattr(package, "urls", None) or []),
            "list_url": package.list_url,
        }
        if own_text:
            answer["text"] = str(package.url_version(version))
        if bases != last:
            answer["bases"] = last = bases
        answers.append(answer)
    return answers


def _custom_url(package, version):
    try:
        url = package.url_for_version(version)
        return None if url is None else str(url)
    except Exception as error:
        return {"failed": "{}: {}".format(type(error).__name__, error)}


def _plain(value):
    """A value as JSON can hold it; functions become a mark."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return _dynamic if callable(value) else str(value)


def _plain_record(record, cls, files):
    name, arguments = record.name, record.arguments
    if name == "variant":
        arguments = _plain_variant(arguments, cls)
    elif name == "patch":
        arguments = _plain_patch(arguments, cls, files)
    elif name in ("depends_on", "extends") and arguments["patches"]:
        patches = [
            [each.conditions, _plain_patch(each.arguments, cls, files)]
            for each in arguments["patches"]
            if each.conditions is not None
        ]
        arguments = dict(arguments, patches=patches)
    elif name in ("depends_on", "extends"):
        arguments = {"spec": arguments["spec"], "types": arguments["types"]}
    elif name == "resource":
        arguments = _plain(arguments)
    return [name, record.conditions, arguments]


def _plain_variant(arguments, cls):
    values, default = arguments["values"], arguments["default"]
    plain = {
        "name": arguments["name"],
        "default": default if isinstance(default, bool) else str(default),
        "multi": bool(arguments["multi"]),
        "description": str(arguments["description"] or ""),
    }
    if arguments["sticky"]:
        plain["sticky"] = True
    if callable(values) and not isinstance(values, DisjointSetsOfValues):
        plain["values"] = None
        plain["validator"] = validators.describe(values)
    else:
        plain["values"] = [_plain_value(value) for value in flatten(values)]
        if isinstance(values, DisjointSetsOfValues):
            plain["sets"] = [[_bare(value) for value in each] for each in values.sets]
            non_features = [_bare(value) for value in values if value not in values.feature_values]
            if non_features:
                plain["non_feature_values"] = non_features
    if arguments["validator"] is not None:
        plain["group_validator"] = validators.describe_group(arguments["validator"], cls.name, arguments)
    return plain


def _plain_value(value):
    if isinstance(value, ConditionalValue):
        return {"value": _bare(value), "when": None if value.when is None else [value.when._text]}
    return _bare(value)


def _bare(value):
    if isinstance(value, ConditionalValue):
        value = value.value
    return value if isinstance(value, bool) else str(value)


def _plain_patch(arguments, cls, files):
    plain = {key: value for key, value in arguments.items() if value is not None and value is not False}
    if "://" in arguments["place"]:
        return plain
    for base in cls.__mro__:
        if not hasattr(base, "module"):
            break
        path = os.path.join(os.path.dirname(base.module.__file__), arguments["place"])
        if os.path.isfile(path):
            plain["sha256"] = loader.digest_of(path)
            plain["from_package"] = package_name(base.__module__) if is_package_module(base.__module__) else None
            if path not in files:
                files.append(path)
            return plain
    raise ValueError("the patch file {} of {} does not exist".format(arguments["place"], cls.name))


#: Used where facts name the repository of a package.
__all__ = ["facts_of", "namespace_of", "url_facts"]

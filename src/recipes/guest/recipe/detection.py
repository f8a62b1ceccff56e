"""Finds installations outside of the store: asks the class of a recipe what the files are that match its patterns.

A recipe says so in class methods: `determine_version` of one file, `determine_variants` of all files of one version in
one folder; or, instead of both, `determine_spec_details` of all files in one folder.
"""

import importlib
from concurrent.futures import ThreadPoolExecutor

from recipe import executable
from recipe.spec import Spec


#: How many files are asked for their version at once: most of the time is that of other programs.
_limits = {"threads": 1}


def detect(cls, groups, seconds, threads):
    """The specs that the files are, by folder, with what the user should know (warnings) or may want to know (notes)."""
    executable.limits["seconds"] = seconds
    _limits["threads"] = threads
    answer = {"detected": [], "warnings": [], "notes": []}
    for index, (folder, files) in enumerate(groups):
        try:
            specs = _as_list(_details(cls, folder, files, answer["notes"]))
        except Exception as error:
            answer["warnings"].append("error detecting `{}` in {}: {}".format(cls.name, folder, _describe(error)))
            continue
        for spec in specs:
            try:
                _validate(cls, spec)
            except Exception as error:
                reason = "`{}` in {} is passed over: {}".format(spec._text.strip(), folder, _describe(error))
                answer["warnings"].append(reason)
                continue
            answer["detected"].append(_plain(index, spec))
    return answer


def _details(cls, folder, files, notes):
    own = getattr(cls, "determine_spec_details", None)
    if own:
        return own(folder, files)
    specs = []
    for version, found in _by_version(cls, folder, files, notes).items():
        variants = cls.determine_variants(found, version) if hasattr(cls, "determine_variants") else ""
        for each in variants if isinstance(variants, list) else [variants]:
            text, attributes = (each, {}) if isinstance(each, str) else each
            attributes = dict(attributes)
            prefix, modules = attributes.pop("prefix", None), attributes.pop("modules", None)
            text = "{}@{} {}".format(cls.name, version, text)
            specs.append(
                Spec.from_detection(text, external_path=prefix, external_modules=modules, extra_attributes=attributes)
            )
    return specs


def _by_version(cls, folder, files, notes):
    if hasattr(cls, "filter_detected_exes"):
        files = cls.filter_detected_exes(folder, files)
    files = list(files)
    versions = {}
    with ThreadPoolExecutor(max_workers=max(1, min(_limits["threads"], len(files)))) as pool:
        for file, (version, error) in zip(files, pool.map(lambda file: _version_of(cls, file), files)):
            if error:
                notes.append("cannot tell the version of {}: {}".format(file, error))
            elif version:
                versions.setdefault(str(version), []).append(file)
    return versions


def _version_of(cls, file):
    """The version that a recipe tells of a file, or why it cannot."""
    try:
        return cls.determine_version(file), None
    except Exception as error:
        return None, _describe(error)


def _as_list(specs):
    if specs is None:
        return []
    return [specs] if isinstance(specs, Spec) else list(specs)


def _validate(cls, spec):
    """Lets the recipe of the detected package refuse it."""
    owner = cls if spec.name == cls.name else _class_named(cls, spec.name)
    validate = getattr(owner, "validate_detected_spec", None)
    if validate:
        validate(spec, spec.extra_attributes)


def _class_named(cls, name):
    folder = name.replace("-", "_")
    module = importlib.import_module("spack_repo.{}.packages.{}.package".format(cls.namespace, folder))
    return getattr(module, "".join(part[:1].upper() + part[1:] for part in folder.split("_")), None)


def _describe(error):
    return "{}: {}".format(type(error).__name__, error)


def _plain(index, spec):
    return {
        "group": index,
        "spec": spec._text,
        "prefix": None if spec.external_path is None else str(spec.external_path),
        "modules": list(spec.external_modules or []),
        "extra_attributes": _plain_value(spec.extra_attributes),
    }


def _plain_value(value):
    if isinstance(value, dict):
        return {str(key): _plain_value(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple, set)):
        return [_plain_value(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)

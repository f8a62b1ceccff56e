"""Package API v2.0 to v2.2: what `from spack.package import *` brings."""

import os
from functools import lru_cache
from os import environ as env
from os.path import join as join_path
from typing import Dict, Iterable, List, Optional, Tuple
from urllib.parse import urljoin, urlparse

from recipe import buildtime
from recipe.callbacks import run_after, run_before
from recipe.channel import ask
from recipe.directives import (
    build_system,
    can_splice,
    conditional,
    conflicts,
    depends_on,
    extends,
    license,
    maintainers,
    patch,
    provides,
    redistribute,
    requires,
    resource,
    variant,
    version,
)
from recipe.errors import (
    CompilerError,
    InstallError,
    NoHeadersError,
    NoLibrariesError,
    ProcessError,
    SkipTest,
    SpackError,
)
from recipe.executable import Executable, which, which_string
from recipe.find import find
from recipe.host import host_platform, kernel_version, macos_version, working_folder
from recipe.multimethod import default_args, when
from recipe.package import (
    BaseBuilder,
    Builder,
    BuilderWithDefaults,
    ClassProperty,
    GenericBuilder,
    Package,
    PackageBase,
    classproperty,
    filter_compiler_wrappers,
    on_package_attributes,
    register_builder,
)
from recipe.spec import Spec
from recipe.variants import any_combination_of, auto_or_any_combination_of, disjoint_sets
from recipe.version import Version, ver

globals().update(buildtime.values)

all_deptypes = ("build", "link", "run", "test")


class tty:
    """Talk to the user. While recipes are loaded nobody listens."""

    @staticmethod
    def msg(*_args, **_kwargs):
        pass

    debug = error = info = warn = msg


def memoized(function):
    return lru_cache(maxsize=None)(function)


def dedupe(sequence, key=lambda each: each):
    """The elements without those that came before."""
    seen = set()
    for each in sequence:
        if key(each) not in seen:
            seen.add(key(each))
            yield each


def join_url(base, *components, **options):
    """Components as folders below a URL; with `resolve_href` as a browser resolves a link."""
    if not options.get("resolve_href") and not urlparse(base).path.endswith("/"):
        base += "/"
    return urljoin(base, "/".join(components))


def substitute_version_in_url(url, new_version):
    """The URL with another version wherever its own stands."""
    return ask("substitute-version", url, str(new_version))


#: How names of libraries end.
library_extensions = ["a", "la", "so", "tbd", "dylib"]


def find_compilers(path_hints=None, **_options):
    """Compilers that are not configured yet. Recipes ask in the midst of detection, which leaves the configuration as it
    is: there are none then."""
    return []


def pwd():
    """The folder in which the user is, which facts do not depend on."""
    return working_folder


def build_system_flags(name, flags):
    return None, None, flags


def env_flags(name, flags):
    return None, flags, None


def inject_flags(name, flags):
    return flags, None, None


# Names that are only imported here to be passed on.
_shared = (os, Iterable, Tuple)

__all__ = sorted(
    set(buildtime.names)
    | set(
        """
    BaseBuilder Builder BuilderWithDefaults ClassProperty CompilerError Dict Executable GenericBuilder InstallError List
    NoHeadersError NoLibrariesError Optional Package PackageBase ProcessError SkipTest SpackError Spec Version
    all_deptypes any_combination_of auto_or_any_combination_of build_system build_system_flags can_splice classproperty
    conditional conflicts dedupe default_args depends_on disjoint_sets env env_flags extends filter_compiler_wrappers
    find find_compilers library_extensions
    host_platform inject_flags join_path join_url kernel_version license macos_version maintainers memoized
    on_package_attributes patch provides redistribute register_builder requires resource run_after run_before
    pwd substitute_version_in_url tty variant ver version when which which_string
    """.split()
    )
)

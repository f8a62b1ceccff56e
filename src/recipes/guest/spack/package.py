"""Package API v2.0 to v2.2: what `from spack.package import *` brings."""

import getpass
import os
from functools import lru_cache
from os import chdir as cd
from os import environ as env
from os import makedirs, mkdir, readlink, remove, removedirs, rename
from pathlib import Path
from shutil import move, rmtree
from typing import Dict, Iterable, List, Optional, Tuple
from urllib.parse import urljoin, urlparse

from building.builder import (
    BaseBuilder,
    Builder,
    BuilderWithDefaults,
    GenericBuilder,
    Package,
    apply_macos_rpath_fixups,
    create_builder,
    execute_install_time_tests,
    register_builder,
)
from building.compilers import (
    CompilerPropertyDetector,
    compiler_spec,
    find_compilers,
    libc_from_dynamic_linker,
    microarchitecture_flags,
    microarchitecture_flags_from_target,
    parse_dynamic_linker,
)
from building.elf import delete_needed_from_elf, delete_rpath, get_elf_compat, parse_elf
from building.environment import EnvironmentModifications, filter_system_paths, is_system_path, set_env
from building.file_lists import FileList, HeaderList, LibraryList
from building.files import (
    FileFilter,
    ancestor,
    can_access,
    change_sed_delimiter,
    copy,
    copy_tree,
    filter_file,
    force_remove,
    force_symlink,
    has_shebang,
    install,
    install_tree,
    is_exe,
    join_path,
    keep_modification_time,
    mkdirp,
    path_contains_subdirectory,
    remove_directory_contents,
    remove_linked_tree,
    safe_remove,
    set_executable,
    set_install_permissions,
    symlink,
    touch,
    windows_sfn,
    working_dir,
)
from building.globals import (
    ModuleChangePropagator,
    determine_number_of_jobs,
    shared_library_suffix,
    static_library_suffix,
)
from building.install_tests import (
    cache_extra_test_sources,
    check_outputs,
    compare_output,
    compare_output_file,
    compile_c_and_execute,
    find_required_file,
    get_escaped_text_output,
    install_test_root,
    make_package_test_rpath,
    test_part,
)
from building.jobserver import MakeExecutable, get_effective_jobs
from building.link_tree import LinkTree
from building.module_command import get_path_args_from_module_line, module_command
from building.output import tty
from building.other_systems import HKEY, LC_ID_DYLIB, MachO, WindowsRegistryView, fix_darwin_install_name
from building.package_half import build_system_flags, env_flags, inject_flags
from building.prefix import Prefix
from building.sbang import filter_shebang, sbang_install_path, sbang_shebang_line
from building.search import (
    find,
    find_all_headers,
    find_all_libraries,
    find_first,
    find_headers,
    find_libraries,
    find_system_libraries,
    library_extensions,
)
from building.setup import environment_modifications_for_specs, get_cmake_prefix_path
from building.wrapper_filter import filter_compiler_wrappers
from recipe import host
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
from recipe.host import host_platform, kernel_version, macos_version
from recipe.multimethod import default_args, when
from recipe.package import ClassProperty, PackageBase, classproperty, on_package_attributes
from recipe.spec import Spec
from recipe.variants import any_combination_of, auto_or_any_combination_of, disjoint_sets
from recipe.version import Version, ver

if host.is_loading:
    # Recipes that look around on the machine must not hang, nor print.
    from recipe.executable import Executable, which, which_string
else:
    from building.executable import Executable, which, which_string

all_deptypes = ("build", "link", "run", "test")

#: The program by which the build was started.
spack_script = os.environ.get("SPACK_SCRIPT", "spack")


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


def pwd():
    """The folder in which one works; while recipes are loaded it has no name, as facts do not depend on it."""
    return host.working_folder if host.is_loading else os.getcwd()


def get_user():
    return getpass.getuser()


def bash_completion_path(root):
    return Path(root) / "share" / "bash-completion" / "completions"


def zsh_completion_path(root):
    return Path(root) / "share" / "zsh" / "site-functions"


def fish_completion_path(root):
    return Path(root) / "share" / "fish" / "vendor_completions.d"


__all__ = sorted(
    """
    BaseBuilder Builder BuilderWithDefaults ClassProperty CompilerError CompilerPropertyDetector Dict
    EnvironmentModifications Executable FileFilter FileList GenericBuilder HKEY HeaderList InstallError LC_ID_DYLIB
    LibraryList LinkTree List MachO MakeExecutable ModuleChangePropagator NoHeadersError NoLibrariesError Optional Package
    PackageBase Prefix ProcessError SkipTest Spec SpackError Version WindowsRegistryView all_deptypes ancestor
    any_combination_of apply_macos_rpath_fixups auto_or_any_combination_of bash_completion_path build_system
    build_system_flags cache_extra_test_sources can_access can_splice cd change_sed_delimiter check_outputs classproperty
    compare_output compare_output_file compile_c_and_execute compiler_spec conditional conflicts copy copy_tree
    create_builder dedupe default_args delete_needed_from_elf delete_rpath depends_on determine_number_of_jobs
    disjoint_sets env env_flags environment_modifications_for_specs execute_install_time_tests extends
    filter_compiler_wrappers filter_file filter_shebang filter_system_paths find find_all_headers find_all_libraries
    find_compilers find_first find_headers find_libraries find_required_file find_system_libraries fish_completion_path
    fix_darwin_install_name force_remove force_symlink get_cmake_prefix_path get_effective_jobs get_elf_compat
    get_escaped_text_output get_path_args_from_module_line get_user has_shebang host_platform inject_flags install
    install_test_root install_tree is_exe is_system_path join_path join_url keep_modification_time kernel_version
    libc_from_dynamic_linker library_extensions license macos_version maintainers make_package_test_rpath makedirs memoized
    microarchitecture_flags microarchitecture_flags_from_target mkdir mkdirp module_command move on_package_attributes
    parse_dynamic_linker parse_elf patch path_contains_subdirectory provides pwd readlink redistribute register_builder
    remove remove_directory_contents remove_linked_tree removedirs rename requires resource rmtree run_after run_before
    safe_remove sbang_install_path sbang_shebang_line set_env set_executable set_install_permissions shared_library_suffix
    spack_script static_library_suffix substitute_version_in_url symlink test_part touch tty variant ver version when which
    which_string windows_sfn working_dir zsh_completion_path
    """.split()
)

# Names that are only imported here to be passed on.
_shared = (Iterable, Tuple)

"""Names of the package API that only mean something while a package is built."""

import re


def _refuse(name):
    raise RuntimeError("`{}` is for builds: a recipe cannot use it while it is loaded".format(name))


class BuildTimeName:
    """Stands for a function that recipes may mention and pass on when they are loaded, but not yet call."""

    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *_args, **_kwargs):
        _refuse(self.__name__)

    def __repr__(self):
        return self.__name__


class BuildTimeClass:
    """Stands for a class from which recipes may derive when they are loaded, but not yet make objects."""

    def __init__(self, *_args, **_kwargs):
        _refuse(type(self).__name__)


names = """
    EnvironmentModifications FileFilter FileList HeaderList LibraryList MakeExecutable Prefix
    apply_macos_rpath_fixups ancestor bash_completion_path cache_extra_test_sources can_access cd change_sed_delimiter
    check_outputs compare_output compare_output_file compile_c_and_execute compiler_spec copy copy_tree create_builder
    delete_needed_from_elf delete_rpath determine_number_of_jobs environment_modifications_for_specs
    execute_install_time_tests filter_file filter_shebang filter_system_paths find_all_headers find_all_libraries
    find_first find_headers find_libraries find_required_file find_system_libraries fish_completion_path
    fix_darwin_install_name force_remove force_symlink get_cmake_prefix_path get_effective_jobs get_elf_compat
    get_escaped_text_output get_path_args_from_module_line get_user has_shebang install install_test_root install_tree
    is_exe is_system_path keep_modification_time libc_from_dynamic_linker
    make_package_test_rpath makedirs microarchitecture_flags microarchitecture_flags_from_target mkdir mkdirp module_command
    move parse_dynamic_linker parse_elf path_contains_subdirectory readlink remove remove_directory_contents
    remove_linked_tree removedirs rename rmtree safe_remove sbang_install_path sbang_shebang_line set_env set_executable
    set_install_permissions shared_library_suffix spack_script static_library_suffix symlink test_part touch 
    windows_sfn working_dir zsh_completion_path CompilerPropertyDetector HKEY LC_ID_DYLIB LinkTree MachO
    ModuleChangePropagator WindowsRegistryView
""".split()

_is_class = re.compile("[A-Z]+[a-z]")

values = {name: type(name, (BuildTimeClass,), {}) if _is_class.match(name) else BuildTimeName(name) for name in names}

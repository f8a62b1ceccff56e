"""`filter_compiler_wrappers`: what a package keeps of the compiler it was built with must not be the wrapper."""

import os

from building.files import FileFilter
from building.search import find
from recipe.callbacks import run_after

_variables = {"c": (("CC", "cc"),), "cxx": (("CXX", "cxx"),), "fortran": (("FC", "fortran"), ("F77", "fortran"))}


def filter_compiler_wrappers(
    *files, after="install", relative_root=None, ignore_absent=True, backup=False, recursive=False, **_others
):
    """After a phase, puts the compilers in place of the wrappers in files below the prefix."""

    def replace(package_or_builder):
        pkg = getattr(package_or_builder, "pkg", package_or_builder)
        root = os.path.join(pkg.prefix, relative_root) if relative_root else pkg.prefix
        found = [path for path in find(root, files, recursive=recursive) if not os.path.islink(path)]
        texts = FileFilter(*found)
        for wrapper, compiler in _replacements(pkg.spec):
            texts.filter(wrapper, compiler, ignore_absent=ignore_absent, backup=backup, string=True)

    run_after(after)(replace)


def _replacements(spec):
    """Texts and what comes in their place; the longer of two paths that begin alike comes first."""
    wrappers, flags = [], []
    for language, variables in _variables.items():
        if not spec.has_virtual_dependency(language):
            continue
        pkg = spec[language].package
        for index, (variable, attribute) in enumerate(variables):
            compiler, wrapper = getattr(pkg, attribute), os.environ.get(variable)
            if compiler and wrapper:
                wrappers += [(path, -index, compiler) for path in (wrapper, os.path.realpath(wrapper))]
        # It turns an rpath into a runpath.
        flags.append((pkg.linker_arg + "--enable-new-dtags", ""))
        if pkg.name == "nag":
            flags.append(("-Wl,--enable-new-dtags", ""))
    return [(path, compiler) for path, _, compiler in sorted(wrappers, reverse=True)] + flags

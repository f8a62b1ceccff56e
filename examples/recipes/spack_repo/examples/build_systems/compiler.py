"""Packages that are compilers, and how one that is installed is told."""

import os
import re

from spack.package import Executable, PackageBase


class CompilerPackage(PackageBase):
    """A compiler of some languages."""

    tags = ["compiler"]

    compiler_languages = ["c", "cxx"]
    c_names = []
    cxx_names = []
    fortran_names = []
    compiler_prefixes = [r"\w+-\w+-\w+-"]
    compiler_suffixes = [r"-.*"]
    compiler_version_argument = ("-dumpfullversion", "-dumpversion")
    compiler_version_regex = r"(\d+(?:\.\d+)*)"

    @classmethod
    def determine_version(cls, exe):
        for argument in cls.compiler_version_argument:
            output = Executable(exe)(argument, output=str, error=str, fail_on_error=False)
            match = re.search(cls.compiler_version_regex, output)
            if match:
                return match.group(1)
        return None

    @classmethod
    def compilers_in(cls, exes):
        """The executables of each language by its name in configuration; plain names win."""
        found = {}
        for language in cls.compiler_languages:
            names = getattr(cls, language + "_names")
            fitting = [exe for exe in exes if re.match(r"^(?:.*-)?(?:{})(?:-[\d.]+)?$".format("|".join(map(re.escape, names))), os.path.basename(exe))]
            if fitting:
                found[language] = min(fitting, key=lambda exe: (len(os.path.basename(exe)), exe))
        return found

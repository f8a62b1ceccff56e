"""`self.compiler` of packages: properties of compilers of several languages under one roof, as recipes of old ask for."""

import re

_languages = ("c", "cxx", "fortran")
#: Properties of one language: how they begin, and the language that they are about.
_starts = {"cc": "c", "cxx": "cxx", "fc": "fortran", "f77": "fortran"}
#: Names that stand for an attribute of the package of one language.
_plain = {"linker_arg": "c", "stdcxx_libs": "cxx"}
_of_the_first = ("opt_flags", "debug_flags", "openmp_flag")


class CompilerAdaptor:
    """The compilers of a spec, seen as one."""

    def __init__(self, spec):
        found = ((language, spec.dependencies(virtuals=language)) for language in _languages)
        self.compilers = {language: specs[0] for language, specs in found if specs}
        if not self.compilers:
            raise AttributeError("{} has no C, C++, or Fortran compiler".format(spec.name))
        self.first = next(iter(self.compilers.values()))

    name = property(lambda self: self.first.name)
    version = property(lambda self: self.first.version)
    prefix = property(lambda self: self.first.prefix)
    spec = property(lambda self: self.first)
    extra_rpaths = property(lambda self: self.first.extra_attributes.get("extra_rpaths", []))

    def _package(self, language, wanted):
        if language not in self.compilers:
            raise AttributeError("there is no {} compiler for `{}`".format(language, wanted))
        return self.compilers[language].package

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _of_the_first:
            return getattr(self.first.package, name)
        if name in _plain:
            return getattr(self._package(_plain[name], name), name)
        if name in _starts:
            language = _starts[name]
            return getattr(self._package(language, name), {"c": "cc"}.get(language, language))
        part = re.match("(cc|cxx|fc|f77)_(rpath_arg|pic_flag)$", name)
        if part:
            return getattr(self._package(_starts[part.group(1)], name), part.group(2))
        standard = re.match("(c|cxx)([0-9]+)_flag$", name)
        if standard:
            language, year = standard.groups()
            return self._package(language, name).standard_flag(language=language, standard=year)
        raise AttributeError("compilers have no `{}`".format(name))

    def implicit_rpaths(self):
        from building.compilers import CompilerPropertyDetector

        distinct = dict.fromkeys(self.compilers.values())
        return [path for compiler in distinct for path in CompilerPropertyDetector(compiler).implicit_rpaths()]


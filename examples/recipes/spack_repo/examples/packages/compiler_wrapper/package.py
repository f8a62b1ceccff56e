import os

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class CompilerWrapper(Package):
    """A script that builds call in place of the compiler: it knows where dependencies are."""

    homepage = "https://example.com/compiler-wrapper"
    has_code = False
    tags = ["runtime"]

    license("MIT")

    version("1.0")

    #: By language: the variable of the wrapper, that of the compiler, and what the script is called.
    _LANGUAGES = (
        ("c", "CC", "cc", "gcc"),
        ("cxx", "CXX", "c++", "g++"),
        ("fortran", "FC", "fc", "gfortran"),
    )

    @property
    def folder(self):
        return os.path.join(self.prefix, "libexec", "spack")

    def install(self, spec, prefix):
        mkdirp(self.folder)
        script = os.path.join(self.folder, "cc")
        install(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cc.sh"), script)
        set_executable(script)
        for _, _, name, other in self._LANGUAGES:
            for each in (name, other):
                if each != "cc":
                    symlink(script, os.path.join(self.folder, each))

    def setup_dependent_build_environment(self, env, dependent_spec):
        for language, variable, name, _ in self._LANGUAGES:
            if not dependent_spec.dependencies(virtuals=(language,)):
                continue
            compiler = dependent_spec[language].package
            path = getattr(compiler, {"c": "cc"}.get(language, language))
            if not path:
                continue
            env.set(variable, os.path.join(self.folder, name))
            env.set("SPACK_" + variable, path)
            env.set("SPACK_{}_RPATH_ARG".format(variable), compiler.rpath_arg)
            env.set("SPACK_{}_LINKER_ARG".format(variable), compiler.linker_arg)
            if language == "fortran":
                env.set("F77", os.path.join(self.folder, name))
        env.prepend_path("SPACK_COMPILER_WRAPPER_PATH", self.folder)
        env.prepend_path("PATH", self.folder)

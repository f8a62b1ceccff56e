from spack_repo.examples.build_systems.compiler import CompilerPackage
from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class Gcc(Package, CompilerPackage):
    """The GNU Compiler Collection, as far as one that is installed can be used."""

    homepage = "https://gcc.gnu.org"

    license("GPL-2.0-or-later AND LGPL-2.1-or-later")

    # It is never built: versions come with what is found on the machine.
    has_code = False

    tags = ["compiler"]
    executables = [r"^gcc(-[0-9.]+)?$", r"^g\+\+(-[0-9.]+)?$", r"^gfortran(-[0-9.]+)?$"]

    compiler_languages = ["c", "cxx", "fortran"]
    c_names = ["gcc"]
    cxx_names = ["g++"]
    fortran_names = ["gfortran"]
    compiler_version_argument = ("-dumpfullversion", "-dumpversion")
    compiler_version_regex = r"([0-9.]+)"
    compiler_wrapper_link_paths = {"c": "gcc/gcc", "cxx": "gcc/g++", "fortran": "gcc/gfortran"}

    opt_flags = ["-O", "-O0", "-O1", "-O2", "-O3", "-Os"]
    debug_flags = ["-g", "-g1", "-g2", "-g3"]
    rpath_arg = "-Wl,-rpath,"
    linker_arg = "-Wl,"
    pic_flag = "-fPIC"
    openmp_flag = "-fopenmp"
    verbose_flags = "-v"
    disable_new_dtags = "--disable-new-dtags"
    enable_new_dtags = "--enable-new-dtags"

    variant(
        "languages",
        default="c,c++,fortran",
        values=("c", "c++", "fortran"),
        multi=True,
        description="Languages that it compiles",
    )

    provides("c", when="languages=c")
    provides("cxx", when="languages=c++")
    provides("fortran", when="languages=fortran")

    @classmethod
    def determine_variants(cls, exes, version_str):
        compilers = cls.compilers_in(exes)
        names = {"c": "c", "cxx": "c++", "fortran": "fortran"}
        languages = ",".join(names[each] for each in ("c", "cxx", "fortran") if each in compilers)
        return "languages='{}'".format(languages), {"compilers": compilers}

    @classmethod
    def runtime_constraints(cls, *, spec, pkg):
        """What a program links to that was compiled by this compiler."""
        for language in ("c", "cxx", "fortran"):
            pkg("*").depends_on(
                "gcc-runtime@{}:".format(spec.version),
                when="%[deptypes=build virtuals={}] {}".format(language, spec.name),
                type="link",
                description="{} needs its runtime at run time".format(spec.name),
            )
        pkg("gcc-runtime").requires("@{}".format(spec.versions), when="%{}".format(spec))

    def _path(self, language):
        return self.spec.extra_attributes.get("compilers", {}).get(language)

    cc = property(lambda self: self._path("c"))
    cxx = property(lambda self: self._path("cxx"))
    fortran = property(lambda self: self._path("fortran"))

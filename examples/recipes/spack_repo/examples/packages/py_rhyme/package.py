import os

from spack_repo.examples.build_systems.generic import Package

from spack.package import *


class PyRhyme(Package):
    """Tells Python whether words rhyme."""

    homepage = "https://example.com/py-rhyme"
    url = "https://example.com/py-rhyme-1.0.tar"

    license("MIT")

    version("1.0", sha256="68f095da718584954f33843601979e50c3028cbbcbcc2a3be9a8f6adb9a64f9f")

    extends("python")

    depends_on("c", type="build")

    def install(self, spec, prefix):
        python = Executable(spec["python"].prefix.bin.python3)

        def ask(expression):
            return python("-c", "import sysconfig; print({})".format(expression), output=str).strip()

        include = ask("sysconfig.get_path('include')")
        suffix = ask("sysconfig.get_config_var('EXT_SUFFIX')")
        folder = os.path.join(prefix, "lib", "python" + ask("sysconfig.get_python_version()"), "site-packages")
        mkdirp(folder)
        cc = Executable(os.environ["CC"])
        cc("-O2", "-fPIC", "-shared", "-I" + include, "rhyme.c", "-o", os.path.join(folder, "rhyme" + suffix))

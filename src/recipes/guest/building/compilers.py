"""What compilers do without being asked: folders that they link from, the dynamic linker that they name."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile

from building import job
from building.environment import filter_system_paths, parse_configured
from building.executable import Executable
from building.files import path_contains_subdirectory
from building.module_command import load_module
from building.search import folders_with_libraries
from recipe.errors import ProcessError
from recipe.spec import Spec

_system_library_folders = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/", "/usr/local/lib64/")
_linker_line = re.compile(r"^( *|.*[/\\])(link|ld|([^/\\]+-)?ld|collect2)[^/\\]*( |$)")
_other_line = re.compile(r"(collect2 version|^[A-Za-z0-9_]+=|/ldfe )")


def compiler_spec(node):
    """The first compiler of a spec, by language; None when it has none."""
    for language in ("c", "cxx", "fortran"):
        compilers = node.dependencies(virtuals=language)
        if compilers:
            return compilers[0]
    return None


class CompilerPropertyDetector:
    """Asks a compiler with `-v`; what it says is kept between builds."""

    def __init__(self, compiler):
        self.spec = compiler

    def compiler_verbose_output(self):
        pkg = self.spec.package
        program = pkg.cc or pkg.cxx
        if not program or not pkg.verbose_flags:
            return None
        attributes = self.spec.extra_attributes if self.spec.external else {}
        flags = _configured_flags(attributes, "cflags" if program == pkg.cc else "cxxflags")
        modules = self.spec.external_modules or []
        key = [program, _stamp(program), flags, attributes.get("environment"), modules]
        return _kept(key, lambda: _ask_compiler(program, "c" if program == pkg.cc else "cc", flags, attributes, modules))

    def default_dynamic_linker(self):
        said = self.compiler_verbose_output()
        return parse_dynamic_linker(said) if said else None

    def default_libc(self):
        linker = self.default_dynamic_linker()
        return libc_from_dynamic_linker(linker) if linker else None

    def implicit_rpaths(self):
        """Folders of the compiler's own libraries that the dynamic linker would not find by itself."""
        said = self.compiler_verbose_output()
        if said is None:
            return []
        folders = filter_system_paths(folder for folder in _link_folders(said) if os.path.isdir(folder))
        own = [
            folder
            for folder in folders
            if not any(path_contains_subdirectory(folder, system) for system in _system_library_folders)
        ]
        names = list(self.spec.package.implicit_rpath_libs) + ["libc", "libc++", "libstdc++"]
        return without_default_paths(folders_with_libraries(own, names), self.default_dynamic_linker())


def _configured_flags(attributes, kind):
    flags = attributes.get("flags", {})
    return [flag for each in (kind, "cppflags", "ldflags") for flag in flags.get(each, "").split()]


def _stamp(program):
    try:
        status = os.stat(program)
    except OSError:
        return None
    return [status.st_size, int(status.st_mtime), os.path.realpath(program)]


def _ask_compiler(program, extension, flags, attributes, modules):
    folder = tempfile.mkdtemp(prefix="spack-compiler-")
    saved = dict(os.environ)
    try:
        source = os.path.join(folder, "main." + extension)
        with open(source, "w") as file:
            file.write("int main(int argc, char* argv[]) { (void)argc; (void)argv; return 0; }\n")
        for module in modules:
            load_module(module)
        parse_configured(attributes.get("environment")).apply_modifications()
        arguments = flags + ["-v", source, "-o", os.path.join(folder, "output")]
        return Executable(program)(*arguments, output=str, error=str)
    except ProcessError:
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(saved)


def _kept(key, compute):
    """A value from the cache of the user, or computed and put there. Failures are not kept."""
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()
    path = os.path.join(job.current.settings["cache_dir"], "compilers", name + ".json")
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        pass
    value = compute()
    if value is not None:
        _keep(path, value)
    return value


def _keep(path, value):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        temporary = "{}.{}".format(path, os.getpid())
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.rename(temporary, path)
    except OSError:
        pass  # A cache that cannot be written costs time and nothing else.


def _link_folders(said):
    """Folders of `-L` in the lines that call a linker."""
    folders, listing, is_next = [], False, False
    for line in said.splitlines():
        if listing and line.startswith("\t"):
            folders.append(line[1:])
            continue
        listing = line.startswith("Library search paths:")
        if not _linker_line.match(line) or _other_line.match(line):
            continue
        for argument in line.split():
            if is_next:
                folders.append(argument)
            elif argument.startswith("-L/"):
                folders.append(argument[2:])
            is_next = argument in ("-L", "-Y")
    return list(dict.fromkeys(os.path.abspath(folder) for folder in folders))


def parse_dynamic_linker(output):
    """What follows `-dynamic-linker` in the output of a compiler; the last one counts."""
    for line in reversed(output.splitlines()):
        if "-dynamic-linker" not in line:
            continue
        words = shlex.split(line)
        for index in range(len(words) - 1, 0, -1):
            if words[index] in ("-dynamic-linker", "--dynamic-linker") and index + 1 < len(words):
                return words[index + 1]
            if re.match("--?dynamic-linker=", words[index]):
                return words[index].split("=", 1)[1]
    return None


def without_default_paths(folders, dynamic_linker):
    """The folders without those in which the dynamic linker looks anyway."""
    if not dynamic_linker or not folders:
        return folders
    default = set(filter(None, (_identity(path) for path in _default_paths(dynamic_linker))))
    return [folder for folder in folders if _identity(folder) not in default]


def _identity(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _default_paths(dynamic_linker):
    said = _kept(["default paths", dynamic_linker, _stamp(dynamic_linker)], lambda: _said([dynamic_linker, "--help"])[0])
    return [path.strip() for path in re.findall(r"^  (/.+) \(system search path\)$", said or "", re.MULTILINE)]


def _said(command):
    """What a program writes to its output and its errors; None when it cannot be run."""
    environ = dict(os.environ, LC_ALL="C")
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None, None
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


_glibc_authors = re.compile(r"\b(?:Free Software Foundation|Roland McGrath|Ulrich Depper)\b")


def libc_from_dynamic_linker(dynamic_linker):
    """The spec of the C library that a dynamic linker belongs to, with its prefix; None when that cannot be told."""
    if not os.path.exists(dynamic_linker):
        return None
    folder = os.path.dirname(os.path.realpath(dynamic_linker))
    if os.path.basename(folder) not in ("lib", "lib64"):
        folder = os.path.dirname(folder)
    if os.path.basename(folder) not in ("lib", "lib64"):
        return None
    prefix = os.path.dirname(folder)
    out, err = _said([dynamic_linker, "--version"])
    musl = re.search("^Version (.+)$", err or "", re.MULTILINE) if (err or "").startswith("musl libc") else None
    if musl:
        return _libc("musl@={}".format(musl.group(1)), prefix)
    glibc = re.search(r"version (\d+\.\d+(?:\.\d+)?)", out or "") if _glibc_authors.search(out or "") else None
    if glibc:
        return _libc("glibc@={}".format(glibc.group(1)), prefix)
    for root in dict.fromkeys((prefix, "/usr") if prefix == "/" else (prefix,)):
        out, _ = _said([os.path.join(root, "bin", "ldd"), "--version"])
        version = re.match(r".+\(.+\) (.+)", out or "") if _glibc_authors.search(out or "") else None
        if version:
            return _libc("glibc@={}".format(version.group(1)), root)
    return None


def _libc(text, prefix):
    spec = Spec(text)
    spec.external_path = prefix
    return spec


def find_compilers(*_args, **_kwargs):
    """Compilers of the configuration. A build knows those of its spec only, and detection none yet."""
    if job.current is None:
        return []
    compilers = [spec for spec in job.current.graph.specs.values() if "compiler" in getattr(spec.package, "tags", ())]
    return sorted(compilers)


def microarchitecture_flags(spec, language):
    """The flags with which the compiler of a language optimizes for the target of a spec."""
    if not spec.has_virtual_dependency(language):
        raise ValueError("{} does not depend on {}".format(spec.name, language))
    return microarchitecture_flags_from_target(spec.target, spec.dependencies(virtuals=language)[0])


def microarchitecture_flags_from_target(target, compiler):
    version = re.match(r"[\d.]*", compiler.version.dotted_numeric_string).group(0)
    try:
        return target.optimization_flags(compiler.package.archspec_name(), version)
    except ValueError:
        return ""

"""Tests that run while a package is built (`--test`), and helpers for them."""

import os
import re
from contextlib import contextmanager

from building.executable import Executable, which
from building.files import copy, install, install_tree, mkdirp, working_dir
from building.output import tty
from building.search import find
from recipe.errors import InstallError, SkipTest, TestFailure

_log_name = "install-time-test-log.txt"


class Tester:
    """Runs the tests of a package's phases and keeps what became of them."""

    def __init__(self, pkg):
        self.pkg = pkg
        self.test_log_file = os.path.join(pkg.stage.path, _log_name)
        self.test_failures = []
        self.test_parts = {}

    @property
    def archived_install_test_log(self):
        return os.path.join(self.pkg.metadata_dir, _log_name)

    def archive(self):
        if os.path.exists(self.test_log_file):
            install(self.test_log_file, self.archived_install_test_log)

    def _say(self, text):
        tty.msg(text)
        with open(self.test_log_file, "a", encoding="utf-8") as log:
            log.write(text + "\n")

    def add_failure(self, exception, message):
        self.test_failures.append((exception, message))

    def status(self, name, status, message=None):
        part = "{}::{}".format(type(self.pkg).__name__, name)
        self.test_parts[part] = status
        self._say("{}: {}{}".format(status, part, ": {}".format(message) if message else ""))

    def phase_tests(self, builder, phase_name, method_names):
        """Calls methods of the builder or the package. Raises TestFailure when some of them failed."""
        self._say("Running {}-time tests".format(phase_name))
        for name in method_names:
            method = getattr(builder, name, None) or getattr(builder.pkg, name, None)
            if method is None:
                missing = "RUN-TESTS: method not implemented [{}]".format(name)
                self.add_failure(AttributeError(name), missing)
                self._say(missing)
                continue
            self._say("RUN-TESTS: {}-time tests [{}]".format(phase_name, name))
            method()
        if self.test_failures:
            lines = ["{}: {}".format(message, error) for error, message in self.test_failures]
            raise TestFailure("{} test(s) failed".format(len(lines)), "\n".join(lines))


@contextmanager
def test_part(pkg, test_name, purpose, work_dir=".", verbose=False):
    """One part of a test, in a folder of its own."""
    if not test_name or not test_name.startswith("test_"):
        raise ValueError("the name of a test begins with `test_`, which {!r} does not".format(test_name))
    with working_dir(work_dir or ".", create=True):
        try:
            tty.info("test: {}: {}".format(test_name, purpose or "unspecified purpose"))
            yield
            pkg.tester.status(test_name, "PASSED")
        except SkipTest as reason:
            pkg.tester.status(test_name, "SKIPPED", str(reason))
        except Exception as error:
            pkg.tester.status(test_name, "FAILED", str(error))
            pkg.tester.add_failure(error, "{} failed".format(test_name))


def install_test_root(pkg):
    return os.path.join(pkg.metadata_dir, "test")


def cache_extra_test_sources(pkg, srcs):
    """Keeps files of the sources for tests of the installed package."""
    problems = []
    for path in [srcs] if isinstance(srcs, str) else srcs:
        source, target = os.path.join(pkg.stage.source_path, path), os.path.join(install_test_root(pkg), path)
        if os.path.isabs(path):
            problems.append("Source path ('{}') must be relative to the build stage directory.".format(path))
        elif os.path.isdir(source):
            install_tree(source, target)
        elif os.path.exists(source):
            mkdirp(os.path.dirname(target))
            copy(source, target)
        else:
            problems.append("Source path ('{}') for the copy does not exist".format(path))
    if problems:
        raise InstallError("\n".join(problems), pkg=pkg)


def check_outputs(expected, actual):
    """Raises RuntimeError when one of the patterns is not found."""
    patterns = expected if isinstance(expected, (list, set)) else [expected]
    missing = [each for each in patterns if not re.search(each, actual)]
    if missing:
        raise RuntimeError("\n  ".join("Expected '{}' in output '{}'".format(each, actual) for each in missing))


def find_required_file(root, filename, expected=1, recursive=True):
    """The one file of this name, or as many as expected; otherwise the test is skipped."""
    paths = find(root, filename, recursive=recursive)
    if len(paths) != expected:
        raise SkipTest("Expected {} of {} under {} but {} found".format(expected, filename, root, len(paths)))
    return paths[0] if expected == 1 else paths


def get_escaped_text_output(filename):
    with open(filename, encoding="utf-8") as file:
        return [re.escape(line) for line in file.read().split("\n")]


def compile_c_and_execute(source_file, include_flags, link_flags):
    """Builds a C program, runs it and returns what it prints."""
    compiler = which("cc", required=True)
    name = os.path.splitext(os.path.basename(source_file))[0]
    compiler("-c", *(list(include_flags) + [source_file]))
    compiler("-o", "check", name + ".o", *link_flags)
    return Executable("./check")(output=str)


def compare_output(current_output, blessed_output):
    if current_output != blessed_output:
        tty.error("the output is not what was expected", "expected:", blessed_output, "printed:", current_output)
        raise RuntimeError("Output check failed.")


def compare_output_file(current_output, blessed_output_file):
    with open(blessed_output_file, encoding="utf-8") as file:
        compare_output(current_output, file.read())


def make_package_test_rpath(_pkg, _test_dir):
    """Needed on Windows only, where programs have no rpaths."""

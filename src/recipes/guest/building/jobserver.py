"""Programs that run several jobs: make joins the jobserver of the outer make, so do ninja 1.13 and cargo; an older ninja
gets a share of the jobs that are free when it starts. Ninja joins through a path only (`--jobserver-auth=fifo:PATH`), make
before 4.4 through descriptors only; which of the two MAKEFLAGS has is decided for a whole build, by the host's `job-style.ts`.
"""

import contextlib
import os

from building import job
from building.executable import Executable
from recipe.channel import ask


def _wants_one_job():
    return os.environ.get("SPACK_NO_PARALLEL_MAKE", "").lower() in ("true", "1")


def has_jobserver():
    return "--jobserver" in os.environ.get("MAKEFLAGS", "")


def _jobs_of(jobs, parallel, supports_jobserver):
    if not parallel or jobs <= 1 or _wants_one_job():
        return 1
    return None if supports_jobserver and has_jobserver() else jobs


def get_effective_jobs(jobs, parallel=True, supports_jobserver=False):
    """How many jobs a program is to run, or None when a jobserver sees to it."""
    effective = _jobs_of(jobs, parallel, supports_jobserver)
    if effective is None and _ninja_stays_outside():
        # Recipes ask this for meson-python, which starts ninja. The share comes back when the build ends.
        return 1 + ask("take-slots", jobs - 1, remember=False)
    return effective


def _ninja_stays_outside():
    """Whether this build has a ninja that cannot join. It would run as many jobs as there are processors, and two."""
    ninjas = job.current.spec.dependencies("ninja") if job.current else []
    joins_by_path = "--jobserver-auth=fifo:" in os.environ.get("MAKEFLAGS", "")
    return any(not ninja.satisfies("@kitware,1.13:" if joins_by_path else "@kitware") for ninja in ninjas)


@contextlib.contextmanager
def _share(jobs):
    """With as many jobs as slots are free now; they are given back afterwards."""
    share = ask("take-slots", jobs - 1, remember=False)
    try:
        yield 1 + share
    finally:
        ask("give-slots", share, remember=False)


@contextlib.contextmanager
def bounded(command, environ):
    """Around a call: a ninja that `cmake --build` starts and that cannot join is told how many jobs to run."""
    level = "CMAKE_BUILD_PARALLEL_LEVEL"
    is_build = os.path.basename(command[0]) == "cmake" and "--build" in command
    given = level in environ or any(word.startswith(("-j", "--parallel")) for word in command)
    if not is_build or given or not has_jobserver() or not _builds_by_outside_ninja():
        yield
        return
    with _share(job.current.jobs["count"]) as jobs:
        environ[level] = str(jobs)
        yield


def _builds_by_outside_ninja():
    return job.current is not None and job.current.spec.satisfies("generator=ninja") and _ninja_stays_outside()


class MakeExecutable(Executable):
    """A program that takes `-j`."""

    def __init__(self, name, jobs, supports_jobserver=True):
        super(MakeExecutable, self).__init__(name)
        self.jobs = jobs
        self.supports_jobserver = supports_jobserver

    def copy(self):
        other = MakeExecutable(self.exe[0], jobs=self.jobs, supports_jobserver=self.supports_jobserver)
        other.exe = list(self.exe)
        other.default_env = dict(self.default_env)
        other.add_default_envmod(self.default_envmod)
        return other

    def __call__(self, *args, parallel=True, jobs_env=None, jobs_env_supports_jobserver=False, **options):
        extra = options.pop("extra_env", None) or {}
        jobs = _jobs_of(self.jobs, parallel, self.supports_jobserver)
        if jobs_env:
            in_variable = _jobs_of(self.jobs, parallel, jobs_env_supports_jobserver)
            if in_variable is not None:
                extra[jobs_env] = str(in_variable)
        if jobs is None:
            if self.name.startswith("ninja"):
                extra.setdefault("MAKEFLAGS", job.current.jobs["fifo"])
            return super(MakeExecutable, self).__call__(*args, extra_env=extra, **options)
        if jobs == 1 or not has_jobserver():
            return super(MakeExecutable, self).__call__("-j{}".format(jobs), *args, extra_env=extra, **options)
        with _share(jobs) as share:
            return super(MakeExecutable, self).__call__("-j{}".format(share), *args, extra_env=extra, **options)

"""Programs that run several jobs: make joins the jobserver of the outer make, so do ninja 1.13 and cargo; an older ninja
gets a share of the jobs that are free when it starts."""

import os

from building import job
from building.executable import Executable
from recipe.channel import ask


def _wants_one_job():
    return os.environ.get("SPACK_NO_PARALLEL_MAKE", "").lower() in ("true", "1")


def has_jobserver():
    return "--jobserver" in os.environ.get("MAKEFLAGS", "")


def get_effective_jobs(jobs, parallel=True, supports_jobserver=False):
    """How many jobs a program is to run, or None when a jobserver sees to it."""
    if not parallel or jobs <= 1 or _wants_one_job():
        return 1
    return None if supports_jobserver and has_jobserver() else jobs


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
        jobs = get_effective_jobs(self.jobs, parallel, self.supports_jobserver)
        if jobs_env:
            in_variable = get_effective_jobs(self.jobs, parallel, jobs_env_supports_jobserver)
            if in_variable is not None:
                extra[jobs_env] = str(in_variable)
        if jobs is None:
            if self.name.startswith("ninja"):
                extra.setdefault("MAKEFLAGS", job.current.jobs["fifo"])
            return super(MakeExecutable, self).__call__(*args, extra_env=extra, **options)
        if jobs == 1 or not has_jobserver():
            return super(MakeExecutable, self).__call__("-j{}".format(jobs), *args, extra_env=extra, **options)
        return self._with_share(jobs, args, extra, options)

    def _with_share(self, jobs, args, extra, options):
        """Runs with as many jobs as slots are free now; they are given back afterwards."""
        share = ask("take-slots", jobs - 1, remember=False)
        try:
            return super(MakeExecutable, self).__call__("-j{}".format(1 + share), *args, extra_env=extra, **options)
        finally:
            ask("give-slots", share, remember=False)

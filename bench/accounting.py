"""The database's half: finished jobs, associations and users, with so many of each."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from measure import Daemon, Measure, each

__all__ = ["JOBS", "measures", "same"]

JOBS: Final = "jobs/?start_time=2025-01-01&end_time=2025-07-01"
"""All that `lab/lab history` loads."""

_SACCT: Final = ("sacct", "-a", "-P", "-o", "all", "-S", "2025-01-01", "-E", "2025-07-01")

_SACCTMGR: Final = ("sacctmgr", "-n", "-P", "list", "associations")

_TOLD: Final = {
    "associations/": b'"is_default":',
    "users/": b'"administrator_level":',
    JOBS: b'"derived_exit_code":',
}
"""What is asked, with the key that stands once in each entry."""


def same(daemons: Sequence[Daemon], version: str) -> str:
    """How many entries all tell of; ends the run when they disagree. Warms them up."""
    told = []
    for path, key in _TOLD.items():
        counts = [
            daemon.client.fetch(f"/slurmdb/{version}/{path}").count(key) for daemon in daemons
        ]
        what = path.partition("/")[0]
        if len(set(counts)) != 1:
            sys.exit(f"they tell of {' and '.join(map(str, counts))} {what}")
        told.append(f"{counts[0]} {what}")
    return ", ".join(told)


def measures(ours: Daemon, version: str, seconds: float) -> list[Measure]:
    """Seconds for whole answers; those of Slurm's own commands for the same records too."""
    path = f"/slurmdb/{version}"
    jobs = each(f"{path}/{JOBS}", 1)
    associations = each(f"{path}/associations/", 1)
    return [
        Measure("jobs", "s", jobs, target=10),
        Measure("jobs, sacct", "s", _or(_SACCT, ours, jobs), target=1),
        Measure("associations", "s", associations, target=10),
        Measure("associations, sacctmgr", "s", _or(_SACCTMGR, ours, associations), target=1),
        Measure("users", "s", each(f"{path}/users/", 5), target=10),
    ]


def _or(
    command: Sequence[str], ours: Daemon, asked: Callable[[Daemon], float]
) -> Callable[[Daemon], float]:
    """The other one's seconds are those of a command."""

    def sample(daemon: Daemon) -> float:
        if daemon is ours:
            return asked(daemon)
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun

    return sample

"""The controller's half: jobs, nodes and the short requests, with so many held jobs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Final

from measure import Daemon, Measure, each, rate

__all__ = ["measures", "same"]

_JOB_IDS: Final = 100
"""So many jobs are asked for in turn."""

_SUBMISSIONS: Final = 25
"""In each round; they stay among the jobs that are listed."""

_JOB: Final = json.dumps(
    {
        "script": "#!/bin/sh\nsleep 1\n",
        "job": {
            "name": "load",  # `lab/lab unload` cancels the jobs of this name
            "hold": True,
            "current_working_directory": "/tmp",
            "standard_output": "/dev/null",
            "environment": ["PATH=/usr/bin:/bin"],
        },
    }
).encode()


def same(daemons: Sequence[Daemon], version: str) -> str:
    """How many jobs all tell of; ends the run when they disagree. Warms them up."""
    counts = [
        daemon.client.fetch(f"/slurm/{version}/jobs/").count(b'"job_state":') for daemon in daemons
    ]
    if len(set(counts)) != 1:
        sys.exit(f"they tell of {' and '.join(map(str, counts))} jobs")
    return f"{counts[0]} jobs"


def measures(ours: Daemon, version: str, seconds: float) -> list[Measure]:
    """:param seconds: of each load."""
    path = f"/slurm/{version}"
    ping = [f"{path}/ping/"]
    job = [f"{path}/job/{job_id}" for job_id in _job_ids(ours, path)]

    def submissions(daemon: Daemon) -> float:
        submit = [f"{path}/job/submit"]
        return daemon.client.load(submit, body=_JOB, requests=_SUBMISSIONS).rate

    return [
        Measure("jobs", "s", each(f"{path}/jobs/", 1), target=25),
        Measure("nodes", "s", each(f"{path}/nodes/", 5)),
        Measure("job/{id}, 1 connection", "/s", rate(job, seconds), target=2.2),
        Measure("job/{id}, 8 connections", "/s", rate(job, seconds, 8), target=2.2),
        Measure("ping, 1 connection", "/s", rate(ping, seconds), target=1.3),
        Measure("ping, 8 connections", "/s", rate(ping, seconds, 8), target=1.3),
        *(
            Measure(name, "/s", rate([f"{path}/{name}/"], seconds), target=2)
            for name in ("partitions", "reservations", "diag", "shares", "licenses")
        ),
        Measure("job/submit", "/s", submissions, target=1.2),
        Measure("the OpenAPI document", "/s", rate(["/openapi/v3"], seconds), target=20),
    ]


def _job_ids(daemon: Daemon, path: str) -> list[int]:
    """Some of the jobs that were loaded."""
    states = json.loads(daemon.client.fetch(f"{path}/jobs/state/"))["jobs"]
    return [entry["job_id"] for entry in states if entry["state"] == ["PENDING"]][-_JOB_IDS:]

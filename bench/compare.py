"""Ours against the real slurmrestd on the same controller, in turns; ratios, not times.

Run in the lab by ``bench/run``, on two daemons that have just been started.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from client import Client
from memory import peak, processes

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


@dataclass(frozen=True, slots=True)
class Daemon:
    """One of the two."""

    name: str
    pid: int
    client: Client


@dataclass(slots=True)
class Measure:
    """One thing that is measured of both.

    :ivar sample: gives one figure of a daemon, once in each round.
    :ivar unit: ``s`` (seconds per request), ``/s`` (requests per second) or ``MB`` (peak memory).
    :ivar target: the ratio to reach (how many times better than the real one); None: no target.
    :ivar figures: of each round, by the daemon's name.
    """

    name: str
    unit: str
    sample: Callable[[Daemon], float]
    target: float | None = None
    figures: dict[str, list[float]] = field(default_factory=dict)

    def ratios(self, ours: Daemon, real: Daemon) -> list[float]:
        """How many times better ours was in each round: faster, or smaller."""
        pairs = zip(self.figures[ours.name], self.figures[real.name], strict=True)
        return [our / its if self.unit == "/s" else its / our for our, its in pairs]

    def shown(self, daemon: Daemon) -> str:
        return f"{_spread(self.figures[daemon.name])} {self.unit}"


def main() -> None:
    settings = _arguments()
    token = sys.stdin.readline().strip()
    ours, real = (
        Daemon(name, pid, Client(_address(url), token))
        for name, url, pid in (
            ("ours", settings.ours, settings.ours_pid),
            ("slurmrestd", settings.real, settings.real_pid),
        )
    )
    path = f"/slurm/{settings.version}"
    _progress("all jobs from each, to see that both tell of as many")
    jobs = _same_jobs(ours, real, path)
    trees = {daemon.pid: processes(daemon.pid) for daemon in (ours, real)}
    measures = _measures(path, _job_ids(ours, path), settings.seconds)
    for number in range(settings.rounds):
        # The first of two may find the controller busier: each is first in turn.
        order = (ours, real) if number % 2 == 0 else (real, ours)
        for measure in measures:
            _progress(f"round {number + 1} of {settings.rounds}: {measure.name}")
            for daemon in order:
                measure.figures.setdefault(daemon.name, []).append(measure.sample(daemon))
    memory = Measure("peak memory", "MB", lambda daemon: peak(daemon.pid) / 1e6, target=10)
    for daemon in (ours, real):
        if processes(daemon.pid) != trees[daemon.pid]:
            sys.exit(f"{daemon.name} has replaced a process: its memory is not known")
        memory.figures[daemon.name] = [memory.sample(daemon)]
    measures.append(memory)
    _report(measures, ours, real, settings, jobs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog="A token comes on stdin.")
    parser.add_argument("--ours", required=True, help="URL of our daemon")
    parser.add_argument("--ours-pid", required=True, type=int)
    parser.add_argument("--real", required=True, help="URL of the real one")
    parser.add_argument("--real-pid", required=True, type=int)
    parser.add_argument("--version", default="v0.0.45", help="API version")
    parser.add_argument("--rounds", type=int, default=8, help="in each both are measured")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each load, in each round")
    parser.add_argument("--results", type=Path, help="where a JSON of all figures is written")
    return parser.parse_args()


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _same_jobs(ours: Daemon, real: Daemon, path: str) -> int:
    """How many jobs both tell of; ends the run when they disagree. Warms both up."""
    counts = []
    for daemon in (ours, real):
        body = daemon.client.fetch(f"{path}/jobs/")
        counts.append(body.count(b'"job_state":'))
    if counts[0] != counts[1]:
        sys.exit(f"ours tells of {counts[0]} jobs, the real one of {counts[1]}")
    return counts[0]


def _job_ids(daemon: Daemon, path: str) -> list[int]:
    """Some of the jobs that were loaded."""
    states = json.loads(daemon.client.fetch(f"{path}/jobs/state/"))["jobs"]
    return [entry["job_id"] for entry in states if entry["state"] == ["PENDING"]][-_JOB_IDS:]


def _measures(path: str, job_ids: Sequence[int], seconds: float) -> list[Measure]:
    ping = [f"{path}/ping/"]
    job = [f"{path}/job/{job_id}" for job_id in job_ids]

    def each(url: str, requests: int) -> Callable[[Daemon], float]:
        return lambda daemon: daemon.client.load([url], requests=requests).each

    def rate(urls: Sequence[str], connections: int = 1) -> Callable[[Daemon], float]:
        return lambda daemon: daemon.client.load(urls, connections, seconds=seconds).rate

    def submissions(daemon: Daemon) -> float:
        submit = [f"{path}/job/submit"]
        return daemon.client.load(submit, body=_JOB, requests=_SUBMISSIONS).rate

    return [
        Measure("jobs", "s", each(f"{path}/jobs/", 1), target=25),
        Measure("nodes", "s", each(f"{path}/nodes/", 5)),
        Measure("job/{id}, 1 connection", "/s", rate(job, 1), target=2.2),
        Measure("job/{id}, 8 connections", "/s", rate(job, 8), target=2.2),
        Measure("ping, 1 connection", "/s", rate(ping, 1), target=1.3),
        Measure("ping, 8 connections", "/s", rate(ping, 8), target=1.3),
        *(
            Measure(name, "/s", rate([f"{path}/{name}/"]), target=2)
            for name in ("partitions", "reservations", "diag", "shares", "licenses")
        ),
        Measure("job/submit", "/s", submissions, target=1.2),
        Measure("the OpenAPI document", "/s", rate(["/openapi/v3"]), target=20),
    ]


def _report(
    measures: Sequence[Measure],
    ours: Daemon,
    real: Daemon,
    settings: argparse.Namespace,
    jobs: int,
) -> None:
    print(
        f"\n{settings.version}, {jobs} jobs, {settings.rounds} rounds in turns: medians (ranges); "
        "the ratios are of each round\n"
    )
    line = "{:24}{:>26}{:>26}{:>24}{:>8}  {}"
    print(line.format("", ours.name, real.name, "ratio", "target", "").rstrip())
    results: list[dict[str, Any]] = []
    for measure in measures:
        ratios, target = measure.ratios(ours, real), measure.target
        ratio = statistics.median(ratios)
        verdict = "" if target is None else "reached" if ratio >= target else "NOT reached"
        print(
            line.format(
                measure.name,
                measure.shown(ours),
                measure.shown(real),
                f"{_spread(ratios)} x",
                "" if target is None else f"{target:g} x",
                verdict,
            ).rstrip()
        )
        results.append(
            {
                "name": measure.name,
                "unit": measure.unit,
                "figures": measure.figures,
                "ratio": round(ratio, 3),
                "target": target,
                "reached": None if target is None else ratio >= target,
            }
        )
    if settings.results is not None:
        about = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "version": settings.version,
            "jobs": jobs,
            "rounds": settings.rounds,
            "python": platform.python_version(),
            "measures": results,
        }
        settings.results.parent.mkdir(exist_ok=True)
        settings.results.write_text(json.dumps(about, indent=2) + "\n")
        print(f"\nall figures: {settings.results}")


def _progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _spread(figures: Sequence[float]) -> str:
    """The median, and the range where there are several."""
    median = _digits(statistics.median(figures))
    if len(figures) == 1:
        return median
    return f"{median} ({_digits(min(figures))}..{_digits(max(figures))})"


def _digits(figure: float) -> str:
    """Three digits that count."""
    return f"{figure:.0f}" if figure >= 100 else f"{figure:#.3g}"


if __name__ == "__main__":
    main()

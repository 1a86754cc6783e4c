"""Many finished jobs in one answer: what it costs the worker is about what slurmdbd sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from laboratory import Lab
from rest_daemon import StartDaemon

JOBS = 3000
PATH = "/slurmdb/v0.0.45/jobs/?start_time=2025-01-01&end_time=2025-07-01"


@pytest.fixture(scope="module", autouse=True)
def history(lab: Lab) -> Iterator[None]:
    lab.run(f"/src/lab/inside/history {JOBS}")
    yield
    lab.run("/src/lab/inside/history 0")


def peak(pid: int) -> int:
    """Bytes of memory that a process has had at a time."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def test_a_worker_never_holds_the_records_of_all_jobs(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    assert lab.get(f"{PATH}&job_name=wrap&users=root", url=daemon.url).json()["jobs"]
    (worker,) = daemon.workers()
    before = peak(worker)
    answer = lab.get(PATH, url=daemon.url)
    taken = peak(worker) - before
    assert len(answer.json()["jobs"]) == JOBS
    # libslurm's records of a job and its steps take some 9 KB, the answer 35 KB.
    assert taken < JOBS * 5000


def test_jobs_are_told_in_the_order_and_number_of_sacct(lab: Lab) -> None:
    told = [(job["job_id"], len(job["steps"])) for job in lab.get(PATH).json()["jobs"]]
    lines = lab.run("sacct -a -n -P -D -S 2025-01-01 -E 2025-07-01 -o jobidraw").splitlines()
    steps: dict[int, int] = {}
    for line in lines:
        job_id, _, step = line.partition(".")
        steps[int(job_id)] = steps.get(int(job_id), 0) + bool(step)
    assert sorted(told) == sorted(steps.items())

"""A controller that limits how much each user may ask (SlurmctldParameters=rl_enable)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from job_bodies import SCRIPT, description
from laboratory import Answer, Lab
from rest_daemon import StartDaemon

NAME = f"beyond-the-limit-{time.time_ns()}"
JOBS = "/slurm/v0.0.45/jobs/"
SUBMISSION = {"script": SCRIPT, "job": description(name=NAME)}


CONTROLLER_LOG = Path("/var/log/slurm/slurmctld.log")
"""Where the controller notes each request that it did not take."""


def limited(*, tokens: int, seconds: int) -> str:
    """slurm.conf where a user has so many requests, and one more every so many seconds."""
    return (
        f"SlurmctldParameters=rl_enable,rl_bucket_size={tokens},rl_refill_rate=1,"
        f"rl_refill_period={seconds}"
    )


@pytest.fixture(autouse=True)
def no_job_is_left(lab: Lab) -> Iterator[None]:
    yield
    lab.run(f"scancel --user=alice --name={NAME}", check=False)


def submitted(lab: Lab) -> int:
    """How many jobs of the name there are."""
    return len(lab.run(f"squeue -h -t all -o %i -n {NAME}").split())


def at_once(calls: list[Callable[[], Answer]]) -> list[Answer]:
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(lambda call: call(), calls))


def test_what_cannot_wait_for_the_limit_is_told_when_to_come_again(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    """libslurm asks again after one second and two; the three after these would take too long."""
    lab.token("alice")
    lab.token("bob")
    # What is the same at once is asked for once.
    bounds = {"PYSLURMRESTD_TIMEOUT": "4", "PYSLURMRESTD_CACHE": "0"}
    daemon = start_daemon("127.0.0.1:0", "-t", "8", **bounds)
    workers = daemon.workers()
    with lab.configured(limited(tokens=3, seconds=36000)):
        reads = at_once([lambda: lab.get(JOBS, url=daemon.url)] * 6)
        writes = at_once(
            [
                lambda: lab.ask(
                    "POST", "/slurm/v0.0.45/job/submit", url=daemon.url, body=SUBMISSION
                ),
                lambda: lab.ask(
                    "POST", "/slurm/v0.0.40/job/submit", url=daemon.url, body=SUBMISSION
                ),
                lambda: lab.ask("DELETE", "/slurm/v0.0.45/job/1", url=daemon.url),
            ]
        )
        others = lab.get(JOBS, url=daemon.url, user="bob")
    assert sorted(answer.status for answer in reads) == [200] * 3 + [429] * 3
    for answer in [*(read for read in reads if read.status == 429), *writes]:
        (error,) = answer.json()["errors"]
        told = (answer.status, answer.headers["Retry-After"], error["error_number"], error["error"])
        assert told == (429, "3", 1804, "Rate limit exceeded, please retry momentarily")
    assert others.status == 200
    assert daemon.workers() == workers
    # Nor are they sent now that there is no limit.
    assert submitted(lab) == 0
    assert lab.get(JOBS, url=daemon.url).status == 200


def test_what_can_wait_for_the_limit_is_done_once(lab: Lab, start_daemon: StartDaemon) -> None:
    lab.token("alice")
    daemon = start_daemon("127.0.0.1:0", "-t", "8", PYSLURMRESTD_TIMEOUT="60")
    before = CONTROLLER_LOG.read_bytes().count(b"RPC rate limit exceeded")
    with lab.configured(limited(tokens=1, seconds=1)):
        answers = at_once(
            [
                *[lambda: lab.get(JOBS, url=daemon.url)] * 3,
                lambda: lab.ask(
                    "POST", "/slurm/v0.0.45/job/submit", url=daemon.url, body=SUBMISSION
                ),
            ]
        )
    assert [answer.status for answer in answers] == [200] * 4
    assert CONTROLLER_LOG.read_bytes().count(b"RPC rate limit exceeded") > before
    assert submitted(lab) == 1

"""Answers under the flags of ``-d``: ours are those of a real daemon started with the same ones."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator

import pytest
from both_daemons import Both
from comparison import SERVED
from finished_jobs import finish_jobs
from laboratory import Lab
from queries import Read, reads
from rest_daemon import daemons

RELEASE = "26.05"
FLAGS = ("complex", "fast")
VERSIONS = [version for version, release in SERVED.items() if release == RELEASE]
READS = [
    read
    for read in reads("slurmctld,slurmdbd,util")
    if str(read.version) in VERSIONS and not read.params
]


@pytest.fixture(scope="module", params=FLAGS)
def flagged(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Both]:
    """Ours and the real daemon, that serve all versions under a flag."""
    chosen = ",".join(f"{version}+{request.param}" for version in VERSIONS)
    port = lab.free_port()
    real = subprocess.Popen(
        ["slurmrestd", "-a", "rest_auth/jwt", "-d", chosen, f"127.0.0.1:{port}"],
        env={"PATH": "/usr/sbin:/usr/bin", "SLURM_JWT": "daemon"},
        cwd="/tmp",
        user="restd",
        group="restd",
        extra_groups=(),
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        lab.wait_for(lambda: _listens(port))
        with daemons() as start:
            ours = start("-d", chosen, "127.0.0.1:0")
            with Both(lab, RELEASE, "root", (ours.url, url)) as both:
                yield both
    finally:
        real.kill()
        real.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))


@pytest.fixture(scope="module")
def records(lab: Lab) -> Iterator[None]:
    """Jobs of each kind, in accounting and before the controller."""
    finish_jobs(lab)
    held = lab.submit("--hold -o /dev/null --array=0-1 -t 5 --gres=gpu:1 -p real --wrap true")
    yield
    lab.cancel(held)


@pytest.mark.parametrize("read", READS, ids=str)
def test_an_answer_is_the_real_daemons(records: None, flagged: Both, read: Read) -> None:
    assert flagged.differences(read.url) == []

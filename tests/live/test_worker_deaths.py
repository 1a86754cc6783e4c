"""A worker killed at every stage of a request: its client is told the truth, the next is served."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faulty_link import faulty_link
from laboratory import Answer, Lab
from rest_daemon import Daemon, StartDaemon
from submissions import Submissions

JOBS = "/slurm/v0.0.45/jobs/"


@pytest.fixture
def submissions(lab: Lab) -> Iterator[Submissions]:
    lab.token("alice")
    made = Submissions(lab, "deaths")
    yield made
    made.cancel()


def replaced(lab: Lab, daemon: Daemon, pid: int) -> bool:
    """Whether a killed worker is reaped, and its place taken; the next request is served."""
    lab.wait_for(lambda: daemon.serving() and pid not in daemon.workers())
    return lab.get(JOBS, url=daemon.url).status == 200


def test_before_it_takes_the_request(
    lab: Lab, start_daemon: StartDaemon, submissions: Submissions
) -> None:
    """The request lies unread, so it is certain that nothing was done."""
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    (pid,) = daemon.serving()
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as thread:
        told = thread.submit(submissions.submit, asking(lab, daemon))
        lab.wait_for(lambda: unread(pid))
        os.kill(pid, signal.SIGKILL)
    assert told.result() == "refused"
    assert submissions.statuses == {502: 1}
    submissions.check()
    assert replaced(lab, daemon, pid)


def asking(lab: Lab, daemon: Daemon) -> Callable[..., Answer]:
    return lambda method, path, body: lab.ask(method, path, url=daemon.url, body=body)


def unread(pid: int) -> bool:
    """Whether a request waits at a lane of a worker that does not run."""
    inodes = {
        os.readlink(f"/proc/{pid}/fd/{fd}").removeprefix("socket:[").rstrip("]")
        for fd in os.listdir(f"/proc/{pid}/fd")
        if os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
    }
    shown = Lab().run("ss -xn")
    waiting = (line.split() for line in shown.splitlines()[1:])
    return any(words[2] != "0" and words[5] in inodes for words in waiting)


def test_while_the_controller_is_asked(
    lab: Lab, start_daemon: StartDaemon, conf: Path, submissions: Submissions
) -> None:
    with faulty_link(conf, "slurmctld") as link:
        daemon = start_daemon("-f", str(conf), "127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
        (pid,) = daemon.serving()
        link.fail("hold")
        with ThreadPoolExecutor(1) as thread:
            told = thread.submit(submissions.submit, asking(lab, daemon))
            assert link.met.wait(20)  # the controller has the job, the worker not the answer
            os.kill(pid, signal.SIGKILL)
        assert told.result() == "unknown"
        assert submissions.statuses == {502: 1}
        submissions.check()
        link.fail("never")
        assert replaced(lab, daemon, pid)


def test_at_any_time(lab: Lab, start_daemon: StartDaemon, submissions: Submissions) -> None:
    """Workers are killed one after the other while six clients submit."""
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="2")
    over = threading.Event()

    def submit() -> None:
        while not over.is_set():
            submissions.submit(asking(lab, daemon))

    with ThreadPoolExecutor(6) as threads:
        clients = [threads.submit(submit) for _ in range(6)]
        try:
            for turn in range(12):
                seen = len(submissions.names("made"))
                lab.wait_for(lambda seen=seen: len(submissions.names("made")) > seen + 5)
                serving = lab.wait_for(daemon.serving)
                os.kill(serving[turn % len(serving)], signal.SIGKILL)
        finally:
            over.set()
        for client in clients:
            client.result()
    assert set(submissions.statuses) <= {200, 502}, submissions.statuses
    assert submissions.statuses[502] > 0
    submissions.check()
    lab.wait_for(lambda: len(daemon.serving()) == 2)
    assert len(daemon.workers()) == 2

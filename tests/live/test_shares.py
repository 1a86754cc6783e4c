"""Clients that take more than their share, on a real daemon: of bodies, files, its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from job_bodies import SCRIPT, description
from laboratory import Lab
from rest_daemon import DAEMON, Daemon, StartDaemon

PING = "/slurm/v0.0.45/ping/"
SUBMIT = "/slurm/v0.0.45/job/submit"


def resident(pid: int) -> int:
    """Bytes of memory that a process has in use."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@contextmanager
def peak(pids: list[int]) -> Iterator[list[int]]:
    """The largest sum of memory while the block runs, over what it was before: one number."""
    before, told = sum(map(resident, pids)), [0]
    with ThreadPoolExecutor(1) as watcher, ExitStack() as over:
        ended: list[bool] = []
        over.callback(ended.append, True)

        def watch() -> None:
            while not ended:
                told[0] = max(told[0], sum(map(resident, pids)) - before)
                time.sleep(0.01)

        watcher.submit(watch)
        yield told


def test_a_large_body_is_parsed_of_a_known_caller_alone(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    (worker,) = daemon.serving()
    body = b"[" + b"[]," * (7 << 20) + b"[]]"
    forged = {"X-SLURM-USER-TOKEN": "eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJhbGljZSJ9.c2lnbmF0dXJl"}
    with peak([worker]) as most:
        told = lab.ask("POST", SUBMIT, url=daemon.url, body=body, headers=forged)
    assert (told.status, told.json()["errors"][0]["error_number"]) == (511, 1007)
    assert most[0] < 3 * len(body)  # as it came, and not as values
    known = lab.ask("POST", SUBMIT, url=daemon.url, body=body)
    assert known.status == 413


def test_a_large_body_for_slurmdbd_needs_no_controller(lab: Lab) -> None:
    path, body = "/slurmdb/v0.0.45/accounts/", {"accounts": [], "unknown": "x" * (100 << 10)}
    forged = {"X-SLURM-USER-TOKEN": "eyJhbGciOiJIUzI1NiJ9.eyJzdW4iOiJhbGljZSJ9.c2lnbmF0dXJl"}
    for user in ("root", "alice"):
        lab.token(user)
    with lab.stopped("slurmctld"):
        refused = lab.ask("POST", path, body=body, headers=forged)
        taken = lab.ask("POST", path, body=body, user="root")
    assert (refused.status, refused.json()["errors"][0]["error_number"]) == (502, 7000)
    assert taken.status != 502


def test_a_large_script_is_submitted(lab: Lab) -> None:
    script = SCRIPT + "#" * (200 << 10)
    answer = lab.ask("POST", SUBMIT, body={"script": script, "job": description(hold=True)})
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    try:
        assert lab.run(f"scontrol write batch_script {told['job_id']} -").count("#") > 200 << 10
    finally:
        lab.cancel(told["job_id"])


def test_bodies_of_nobody_stay_within_their_budget(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WAITING_BYTES=str(64 << 20))
    head = (
        f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nX-SLURM-USER-TOKEN: a.b.c\r\n"
        f"Content-Type: application/json\r\nContent-Length: {49 << 20}\r\n\r\n"
    ).encode()

    def hoard() -> bytes:
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as client:
            try:
                client.sendall(head + b"x" * (48 << 20))
                return client.recv(12)
            except ConnectionError:
                return b"cut"

    with ThreadPoolExecutor(12) as hoarders, peak([daemon.process.pid]) as most:
        told = [hoarders.submit(hoard) for _ in range(12)]
        Lab.wait_for(lambda: sum(entry.done() for entry in told) >= 11)
        assert lab.get(PING, url=daemon.url).status == 200
        body = {"script": SCRIPT, "job": description(hold=True)}
        answer = lab.ask("POST", SUBMIT, url=daemon.url, body=body)
        assert answer.status == 200
        lab.cancel(answer.json()["job_id"])
        daemon.end(signal.SIGKILL)
    assert most[0] < 160 << 20
    assert {entry.result() for entry in told} <= {b"HTTP/1.1 503", b"cut", b""}


@pytest.fixture
def short_of_files(start_daemon: StartDaemon) -> Daemon:
    """A daemon that may open 200 files."""
    return start_daemon("127.0.0.1:0", command=("prlimit", "--nofile=200:200", *DAEMON))


def test_a_daemon_short_of_files_serves_new_clients(lab: Lab, short_of_files: Daemon) -> None:
    with ExitStack() as idle:
        for _ in range(300):
            client = socket.create_connection(("127.0.0.1", short_of_files.port), timeout=30)
            idle.enter_context(client)
        begun = time.monotonic()
        assert [lab.get(PING, url=short_of_files.url).status for _ in range(5)] == [200] * 5
        assert time.monotonic() - begun < 20
        # Workers are still replaced.
        before = short_of_files.workers()
        os.kill(before[0], signal.SIGKILL)
        lab.wait_for(lambda: len(set(short_of_files.serving()) - {before[0]}) == 2)
        assert lab.get(PING, url=short_of_files.url).status == 200


def test_a_body_that_still_comes_is_answered_before_the_end(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0")
    token = lab.token("alice")
    with (
        socket.create_connection(("127.0.0.1", daemon.port), timeout=30) as client,
        socket.create_connection(("127.0.0.1", daemon.port), timeout=30) as idle,
    ):
        client.sendall(
            f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nX-SLURM-USER-TOKEN: {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{".encode()
        )
        time.sleep(0.3)
        begun = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        time.sleep(0.5)
        client.sendall(b"}")
        assert client.recv(12) == b"HTTP/1.1 422"
    assert daemon.process.wait(10) == 0
    assert time.monotonic() - begun < 10


def test_the_reason_of_libslurm_is_told_when_no_worker_starts(
    lab: Lab, start_daemon: StartDaemon, run_dir: Path
) -> None:
    conf = run_dir / "slurm.conf"
    conf.write_text("NoSuchOption=1\n")
    ran = subprocess.run(
        [*DAEMON, "-f", str(conf), "127.0.0.1:0"],
        user="restd",
        group="restd",
        extra_groups=(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    (last,) = [line for line in ran.stderr.splitlines() if "No worker can be started" in line]
    assert "NoSuchOption" in last or "fatal:" in last

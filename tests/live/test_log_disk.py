"""The disk that the log is on is full: requests are served all the same, and the gap is told."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from laboratory import Lab
from rest_daemon import DAEMON

PING = "/slurm/v0.0.45/ping/"
MNT_DETACH = 2
LINE = re.compile(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\] \S.*")


@pytest.fixture
def disk(run_dir: Path) -> Iterator[Path]:
    """A small file system."""
    place = run_dir / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    target = str(place).encode()
    assert libc.mount(b"tmpfs", target, b"tmpfs", 0, b"size=64k") == 0, os.strerror(
        ctypes.get_errno()
    )
    try:
        yield place
    finally:
        assert libc.umount2(target, MNT_DETACH) == 0


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_requests_go_on_without_room_for_the_log(lab: Lab, disk: Path) -> None:
    log, ballast = disk / "log", disk / "ballast"
    port = lab.free_port()
    with log.open("ab") as stderr:
        daemon = subprocess.Popen(
            [*DAEMON, f"127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL,
            stderr=stderr,
            user="restd",
            group="restd",
            extra_groups=(),
        )
    url = f"http://127.0.0.1:{port}"
    try:
        lab.wait_for(lambda: listens(port))
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(b"x" * (128 << 10))
        with lab.kept("alice", url) as connection:
            assert {connection.get(PING).status for _ in range(300)} == {200}
            ballast.unlink()
            # With the next lines.
            lab.wait_for(lambda: connection.get(PING) and "are missing here" in log.read_text())
        daemon.terminate()
        assert daemon.wait(60) == 0
    finally:
        daemon.kill()
        daemon.wait()
    lines = log.read_text().splitlines()
    assert "\0" not in log.read_text()
    missing = sum(int(match[1]) for line in lines if (match := re.search(r"(\d+) lines are", line)))
    served = sum(PING in line and bool(LINE.fullmatch(line)) for line in lines)
    assert served > 1
    assert missing > 0
    # A line that the disk had room for in part ends where the next one begins.
    assert sum(not LINE.fullmatch(line) for line in lines) <= 1

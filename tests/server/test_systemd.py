"""What systemd hands over, and what it is told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pyslurmrestd.server.systemd import listening_sockets, notify, watchdog_seconds

ACTIVATED = """
import json, os, socket, sys
descriptors = [int(text) for text in sys.argv[1].split(",")]
for number, descriptor in enumerate(descriptors, 3):
    os.dup2(descriptor, number)
os.environ["LISTEN_PID"] = str(os.getpid() if sys.argv[2] == "self" else 1)
os.environ["LISTEN_FDS"] = str(len(descriptors))
from pyslurmrestd.server.systemd import listening_sockets
found = [(s.fileno(), s.getsockname(), os.get_inheritable(s.fileno())) for s in listening_sockets()]
print(json.dumps([found, sorted(name for name in os.environ if name.startswith("LISTEN_"))]))
"""


@pytest.mark.parametrize("addressee", ["self", "another"])
def test_listening_sockets_are_taken_by_whom_they_are_for(tmp_path: Path, addressee: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        path = str(tmp_path / "s")
        unix.bind(path)
        unix.listen()
        plain = socket.socket()  # neither listens nor is a connection
        moved = [os.dup(one.fileno()) for one in (tcp, unix, plain)]
        plain.close()
        try:
            ran = subprocess.run(
                [sys.executable, "-c", ACTIVATED, ",".join(map(str, moved)), addressee],
                pass_fds=moved,
                capture_output=True,
                check=True,
            )
        finally:
            for descriptor in moved:
                os.close(descriptor)
        found, variables = json.loads(ran.stdout)
        assert variables == []
        if addressee == "self":
            assert found == [[3, list(tcp.getsockname()), False], [4, path, False]]
        else:
            assert found == []


def test_without_systemd_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LISTEN_FDS", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert listening_sockets() == []
    notify("READY=1")


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    address = f"\0pyslurmrestd-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        notify("READY=1")
        assert manager.recv(100) == b"READY=1"


def test_a_manager_that_is_gone_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nowhere"))
    notify("READY=1")


@pytest.mark.parametrize(
    ("pid", "microseconds", "seconds"),
    [
        (str(os.getpid()), "30000000", 30.0),
        ("", "500000", 0.5),
        ("1", "30000000", None),
        ("", "0", None),
        ("", "soon", None),
        ("", "", None),
    ],
)
def test_the_watchdogs_patience_is_taken_by_whom_it_is_for(
    monkeypatch: pytest.MonkeyPatch, pid: str, microseconds: str, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_PID", pid)
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    assert watchdog_seconds() == seconds
    assert not any(name.startswith("WATCHDOG_") for name in os.environ)

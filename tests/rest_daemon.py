"""Daemons of the tests' own: on sockets, and on standard input."""

from __future__ import annotations

import http.client
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from laboratory import Answer, Lab

from pyslurmrestd.plugins.data_parser.versions import VERSIONS

__all__ = ["DAEMON", "Daemon", "StartDaemon", "daemons", "flagged", "own_conf", "speak"]

DAEMON = (sys.executable, "-m", "pyslurmrestd")


class Daemon:
    """A daemon that has said where it listens."""

    def __init__(self, process: subprocess.Popen[str], count: int) -> None:
        self.process = process
        self.lines: list[str] = []
        self._follower = threading.Thread(target=self._follow)
        self._follower.start()
        Lab.wait_for(lambda: len(self._listening()) >= count or process.poll() is not None)
        assert len(self._listening()) == count, self.lines

    def _follow(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip())

    def _listening(self) -> list[str]:
        return [line.partition("listening on ")[2] for line in self.lines if "listening" in line]

    @property
    def port(self) -> int:
        (port,) = (
            int(match[1]) for name in self._listening() if (match := re.search(r":(\d+)$", name))
        )
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def serving(self) -> list[int]:
        """The workers that have started: those with a thread for each lane."""
        return [pid for pid in self.workers() if _threads(pid) > 1]

    def get(self, path: str, token: str | None = None, *, unix: str | None = None) -> Any:
        """Status and data of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if unix is not None:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(unix)
        try:
            connection.request("GET", path, headers={"X-SLURM-USER-TOKEN": token} if token else {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; gives the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        self._follower.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status


def _threads(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except FileNotFoundError:
        return 0


StartDaemon = Callable[..., Daemon]


def own_conf(directory: Path) -> Path:
    """The slurm.conf of a copy of Slurm's configuration, in a directory of the daemon's user."""
    user = pwd.getpwnam("restd")
    for entry in Path("/etc/slurm").iterdir():
        if entry.suffix == ".conf" and os.stat(entry).st_mode & 4:
            shutil.copy(entry, directory)
    conf = directory / "slurm.conf"
    for path in (directory, conf):
        os.chown(path, user.pw_uid, user.pw_gid)
    directory.chmod(0o755)
    return conf


@contextmanager
def daemons() -> Iterator[StartDaemon]:
    """Starts daemons, on the addresses among ``argv``; they are killed in the end.

    A daemon counts as started once it listens on ``count`` addresses.
    """
    started: list[Daemon] = []

    def start(
        *argv: str,
        count: int = 1,
        user: str = "restd",
        command: Sequence[str] = DAEMON,
        pass_fds: Sequence[int] = (),
        **environment: str,
    ) -> Daemon:
        process = subprocess.Popen(
            [*command, *argv],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=pass_fds,
            env={**os.environ, **environment},
            user=user,
            group=user,
            extra_groups=(),
        )
        started.append(Daemon(process, count))
        return started[-1]

    try:
        yield start
    finally:
        for daemon in started:
            daemon.end(signal.SIGKILL)


def speak(requests: bytes, *argv: str, as_file: bool = False) -> tuple[int, list[Answer]]:
    """Exit status and answers of a daemon that restd gives requests on standard input.

    :param as_file: they stand in a file, not in a pipe.
    """
    user = pwd.getpwnam("restd")
    with tempfile.NamedTemporaryFile(dir="/tmp") as file:
        file.write(requests)
        file.flush()
        os.fchown(file.fileno(), user.pw_uid, user.pw_gid)
        line = '"$@" <"$FILE"' if as_file else 'cat "$FILE" | "$@"; exit ${PIPESTATUS[1]}'
        ran = subprocess.run(
            ["bash", "-c", line, "bash", *DAEMON, *argv],
            capture_output=True,
            env={**os.environ, "FILE": file.name},
            user="restd",
            group="restd",
            extra_groups=(),
            check=False,
            timeout=60,
        )
    return ran.returncode, list(_answers(ran.stdout))


def _answers(data: bytes) -> Iterator[Answer]:
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        status = int(line.split()[1])
        headers = dict(BytesParser().parsebytes(fields).items())
        body = b""
        if "Content-Length" in headers:
            length = int(headers["Content-Length"])
            body, data = data[:length], data[length:]
        elif headers.get("Transfer-Encoding") == "chunked":
            size = -1
            while size:
                count, _, data = data.partition(b"\r\n")
                size = int(count, 16)
                body, data = body + data[:size], data[size + 2 :]
        yield Answer(status, headers, body)


def flagged(start: StartDaemon, flag: str) -> str:
    """The address of a daemon that answers all versions with a data_parser flag."""
    served = ",".join(f"{version}+{flag}" for version in VERSIONS)
    return start("127.0.0.1:0", "-d", served).url

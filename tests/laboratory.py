"""The lab as tests see it: its daemons, tokens of its users, commands run as them.

Tests that ask for it run inside the lab (``lab/lab run -- python -m pytest``), as root.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

__all__ = ["Answer", "Kept", "Lab"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Answer:
    """What a daemon answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def repaired_json(self) -> Any:
        """The same of a real daemon, which passes on bytes that are no UTF-8."""
        return json.loads(self.body.decode("utf-8", "replace"))


class Kept:
    """A connection that stays open, but for errors: slurmrestd 26.05 sends them twice."""

    def __init__(self, url: str, token: str) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
        self._headers = {"X-SLURM-USER-TOKEN": token}

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """One request; a body is sent as JSON."""
        headers, data = self._headers, None
        if body is not None:
            headers, data = headers | {"Content-Type": "application/json"}, json.dumps(body)
        return self.send(method, path, headers, data)

    def send(
        self, method: str, path: str, headers: Mapping[str, str], data: bytes | str | None
    ) -> Answer:
        """One request with its headers, and the token, and its body as it is."""
        headers = {**self._headers, **headers}
        self._connection.request(method, path, body=data, headers=headers)
        response = self._connection.getresponse()
        answer = Answer(response.status, dict(response.headers), response.read())
        if answer.status >= 300:
            self._connection.close()
        return answer

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()


class Lab:
    """The running lab; the addresses come from its environment."""

    def __init__(self) -> None:
        self.ours = os.environ["LAB_URL"]
        self.reference = {
            "26.05": os.environ["LAB_REF26_URL"],
            "24.11": os.environ["LAB_REF24_URL"],
        }
        self._tokens: dict[str, str] = {}

    def token(self, user: str) -> str:
        """A token of the user, good for the whole run."""
        if user not in self._tokens:
            told = self.run(f"scontrol token username={user} lifespan=7200")
            self._tokens[user] = told.strip().removeprefix("SLURM_JWT=")
        return self._tokens[user]

    def ask(
        self,
        method: str,
        path: str,
        *,
        user: str = "alice",
        url: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 120,
    ) -> Answer:
        """One request with a token; ``body`` is sent as JSON."""
        address = urlsplit(url or self.ours)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=timeout)
        sent = {"X-SLURM-USER-TOKEN": self.token(user), **(headers or {})}
        data = None
        if body is not None:
            data = body if isinstance(body, (bytes, str)) else json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body=data, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def get(self, path: str, **how: Any) -> Answer:
        return self.ask("GET", path, **how)

    def kept(self, user: str, url: str | None = None) -> Kept:
        """A connection on which a user asks again and again."""
        return Kept(url or self.ours, self.token(user))

    def run(self, command: str, *, user: str | None = None, check: bool = True) -> str:
        """A shell command in the lab, as one of its users; gives what it printed."""
        line: Sequence[str] = ["sh", "-c", command]
        if user is not None:
            line = ["runuser", "-u", user, "--", *line]
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=120, cwd="/tmp", check=False
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stderr or done.stdout}")
        return done.stdout

    def clear(self) -> None:
        """End the jobs of alice and bob and all reservations, have the real nodes up."""
        self.run("rm -f /run/lab/completing/*; scancel -u alice; scancel -u bob")
        if "drain" in self.run("sinfo -h -N -n c1,c2,c3,c4 -o %T"):
            self.run("scontrol update nodename=c[1-4] state=resume", check=False)
        self.wait_for(lambda: not self.run("squeue -h -a -u alice,bob"), 120)
        told = self.run("scontrol -o show reservations")
        self.delete_reservations(*re.findall(r"ReservationName=(\S+)", told))

    @staticmethod
    def free_port() -> int:
        """A port of loopback that nobody listens on."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def submit(self, options: str, *, user: str = "alice") -> int:
        """The id of a job submitted with ``sbatch``."""
        return int(self.run(f"sbatch --parsable {options}", user=user).split(";")[0])

    def job_state(self, job_id: int) -> str:
        return self.run(f"squeue -h -t all -o %T -j {job_id}").strip()

    def cancel(self, *job_ids: int) -> None:
        self.run("scancel " + " ".join(map(str, job_ids)), check=False)

    def delete_reservations(self, *names: str) -> None:
        for name in names:
            self.run(f"scontrol delete reservation={name}", check=False)

    def delete_partitions(self, *names: str) -> None:
        for name in names:
            self.run(f"scontrol delete partitionname={name}", check=False)

    def delete_nodes(self, *names: str) -> None:
        for name in names:
            self.run(f"scontrol delete nodename={name}", check=False)

    @contextmanager
    def dynamic_nodes(self, line: str) -> Iterator[None]:
        """With the nodes of a line of slurm.conf, NodeName=... first; gone again afterwards."""
        names = line.split()[0].partition("=")[2]
        self.delete_nodes(names)
        self.run(f"scontrol create {line}")
        try:
            yield
        finally:
            self.delete_nodes(names)

    @contextmanager
    def stopped(self, service: str) -> Iterator[None]:
        """Without one of the cluster's daemons; it is back afterwards."""
        self.run(f"/src/lab/inside/cluster stop {service}")
        try:
            yield
        finally:
            self.run(f"/src/lab/inside/cluster start {service}")

    @contextmanager
    def configured(self, line: str, service: str = "slurmctld") -> Iterator[None]:
        """With a controller or slurmdbd that was started with lines more in its configuration."""
        name = {"slurmctld": "slurm.conf", "slurmdbd": "slurmdbd.conf"}[service]
        path = Path("/etc/slurm") / name
        before = path.read_text()
        restart = f"/src/lab/inside/cluster stop {service}; /src/lab/inside/cluster start {service}"
        try:
            path.write_text(f"{before}{line}\n")
            self.run(restart)
            yield
        finally:
            path.write_text(before)
            self.run(restart)

    @contextmanager
    def frozen(self, service: str) -> Iterator[None]:
        """While one of the cluster's daemons answers nothing, but takes connections."""
        pid = int(Path(f"/var/lib/slurm/{service}.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            # On a busy machine some of its threads may still run for a moment.
            self.wait_for(lambda: _stopped(pid))
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @staticmethod
    def wait_for(what: Callable[[], _T], seconds: float = 60) -> _T:
        """The first value that is true; fails when none came in time."""
        end = time.monotonic() + seconds
        while True:
            value = what()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"nothing came of it in {seconds} seconds")
            time.sleep(0.3)


def _stopped(pid: int) -> bool:
    """Whether all threads of a process have stopped."""
    stats = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(text.rpartition(")")[2].split()[0] == "T" for text in stats)

"""The clients of the soak: they read, write, dawdle, vanish and lie, each on a thread."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import Any

from ledger import Accounts, Jobs

__all__ = ["Clients", "Gate"]

V = "v0.0.45"
READS = (
    *("jobs/", "jobs/state", "nodes/", "node/c1", "partitions/", "reservations/", "ping/", "diag/"),
    *("licenses/", "shares", "job/1"),
)
DATABASE_READS = ("users/", "accounts/", "associations/", "qos/", "jobs/", "tres/", "clusters/")
PARSED = 300_000
"""Bytes up to which each answer is parsed; of longer ones the end is looked at."""

ALLOWED = {200, 404, 502, 503, 504}
"""What faults may make of a request that is in order."""


class Gate:
    """Writers pass while it is open; it is closed once none is on its way."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = True
        self._inside = 0

    @contextmanager
    def passing(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._open)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        with self._changed:
            self._open = False
            self._changed.wait_for(lambda: not self._inside)
        try:
            yield
        finally:
            with self._changed:
                self._open = True
                self._changed.notify_all()


class Clients:
    """All of them.

    :param unix: the path of the daemon's socket, on which root is the daemon's user, restd.
    :ivar counts: answers by status; 0: cut off, or refused before there was one.
    :ivar wrong: answers that may never be, whatever has failed.
    :ivar broken: what has ended a client.
    """

    def __init__(
        self,
        port: int,
        unix: str,
        tokens: dict[str, str],
        jobs: Jobs,
        accounts: Accounts,
    ) -> None:
        self.counts: Counter[int] = Counter()
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.gate = Gate()
        self._port, self._unix, self._tokens = port, unix, tokens
        self._jobs, self._accounts = jobs, accounts
        self._over = threading.Event()
        clients: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
            *((self._read, (user,)) for user in ("alice", "bob", "restd", "root")),
            *((self._submit, (user,)) for user in ("alice", "bob")),
            *((self._keep_accounts, ()), (self._dawdle, ()), (self._vanish, ()), (self._lie, ())),
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(client, number, *more))
            for number, (client, more) in enumerate(clients)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, client: Callable[..., None], seed: int, *more: Any) -> None:
        dice = random.Random(seed)
        try:
            while not self._over.is_set():
                client(dice, *more)
                time.sleep(0.02)
        except Exception as error:
            self.wrong.append(f"{client.__name__} ended: {error!r}")

    def ask(
        self, method: str, path: str, user: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, bytes]:
        """Status and body; 0 where no whole answer came."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        headers = {"Connection": "close"}
        try:
            if user == "restd":
                connection.sock = socket.socket(socket.AF_UNIX)
                connection.sock.connect(self._unix)
            else:
                headers["X-SLURM-USER-TOKEN"] = self._tokens[user] if token is None else token
            data = None
            if body is not None:
                headers["Content-Type"] = "application/json"
                data = json.dumps(body)
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            status, told = response.status, response.read()
        except (OSError, HTTPException):
            status, told = 0, b""
        finally:
            connection.close()
        self.counts[status] += 1
        if status and token is None:
            self._judge(method, path, user, status, told)
        return status, told

    def _judge(self, method: str, path: str, user: str, status: int, told: bytes) -> None:
        wrong = ""
        if status not in ALLOWED and not (status == 422 and method != "GET"):
            wrong = "no such status"
        elif len(told) > PARSED:
            wrong = "" if told.rstrip().endswith(b"}") else "not whole"
        else:
            try:
                data = json.loads(told)
                if (status >= 400) != bool(data["errors"]):
                    wrong = "status and errors differ"
                elif data["meta"]["client"]["user"] != user:
                    wrong = "another's answer"
            except (ValueError, KeyError):
                wrong = "no JSON"
        if wrong:
            said = told[max(told.find(b'"errors"'), 0) :][:300]
            self.wrong.append(f"{method} {path} of {user}: {wrong}: {status} {said!r}")

    def _read(self, dice: random.Random, user: str) -> None:
        if dice.random() < 0.75:
            path = f"/slurm/v0.0.{dice.randrange(40, 46)}/{dice.choice(READS)}"
        else:
            path = f"/slurmdb/v0.0.{dice.randrange(40, 46)}/{dice.choice(DATABASE_READS)}"
        self.ask("GET", path, user)
        self.did["read"] += 1

    def _submit(self, dice: random.Random, user: str) -> None:
        """Submit, change and cancel; nobody has more than about a hundred jobs."""
        with self.gate.passing():
            known = self._jobs.checked(user)
            if len(known) < 100:
                job, body = self._jobs.new(user)
                self._jobs.submitted(job, *self.ask("POST", f"/slurm/{V}/job/submit", user, body))
            if known:
                job = dice.choice(known)
                comment = f"c{dice.randrange(10**9)}"
                answer = self.ask(
                    "POST", f"/slurm/{V}/job/{job.job_id}", user, {"comment": comment}
                )
                self._jobs.commented(job, comment, *answer)
            if len(known) > 20:
                job = dice.choice(known)
                answer = self.ask("DELETE", f"/slurm/{V}/job/{job.job_id}", user)
                self._jobs.cancelled(job, *answer)
        self.did["write to the controller"] += 1
        time.sleep(0.1)

    def _keep_accounts(self, dice: random.Random) -> None:
        with self.gate.passing():
            there = self._accounts.present()
            if len(there) < 10:
                name = self._accounts.new()
                body = {"accounts": [{"name": name, "description": "d", "organization": "o"}]}
                answer = self.ask("POST", f"/slurmdb/{V}/accounts/", "root", body)
                self._accounts.written(name, True, *answer)
            else:
                name = dice.choice(there)
                answer = self.ask("DELETE", f"/slurmdb/{V}/account/{name}", "root")
                self._accounts.written(name, False, *answer)
        self.did["write to accounting"] += 1
        time.sleep(0.1)

    def _request(self, path: str) -> bytes:
        token = f"X-SLURM-USER-TOKEN: {self._tokens['bob']}"
        return f"GET {path} HTTP/1.1\r\nHost: x\r\n{token}\r\n\r\n".encode()

    def _dawdle(self, dice: random.Random) -> None:
        """Take a long answer in small bites."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.settimeout(30)
            connection.sendall(self._request(f"/slurm/{V}/nodes/"))
            for _ in range(dice.randrange(5, 60)):
                if not connection.recv(20_000):
                    break
                time.sleep(0.05)
        self.did["slow reader"] += 1

    def _vanish(self, dice: random.Random) -> None:
        """Go away: within a head, a body, an answer, or while a worker is at it."""
        where = dice.randrange(4)
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.settimeout(30)
            request = self._request(f"/slurm/{V}/nodes/")
            if where == 0:
                connection.sendall(request[: len(request) // 2])
            elif where == 1:
                head = self._request(f"/slurm/{V}/job/submit").replace(b"GET", b"POST", 1)
                about = b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
                connection.sendall(head[:-2] + about + b'{"script": "' + b"x" * 50_000)
                time.sleep(0.02)
            else:
                connection.sendall(request)
                if where == 2:
                    connection.recv(100)
        self.did["vanishing client"] += 1

    def _lie(self, dice: random.Random) -> None:
        """A token that Slurm does not take does nothing, whatever else goes on."""
        token = dice.choice(("x", "a.b.c", self._tokens["alice"][:-4] + "AAAA"))
        job, body = self._jobs.new("alice")
        status, told = self.ask("POST", f"/slurm/{V}/job/submit", "alice", body, token=token)
        self._jobs.submitted(job, status, told)
        if status not in (0, 502, 503, 504, 511):
            self.wrong.append(f"a bad token was answered {status} {told[:200]!r}")
        self.did["bad token"] += 1
        time.sleep(0.1)

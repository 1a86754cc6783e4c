"""Callers of every kind at once, each of whom checks that all he is told is meant for him.

    python tests/soak/callers.py [CALLS]

asks (100,000 times by default) as alice and bob by tokens, as both by root's token and their name,
as the daemon's user over the unix socket, and with tokens that are none or another's. Slurm tells
each user his own jobs and associations alone (PrivateData), so an answer that was meant for
somebody else shows. Prints figures; ends with 1 if one answer was wrong, or if a token stands in
the log or in the metrics.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import jwt
from job_bodies import SCRIPT, description
from laboratory import Lab
from rest_daemon import Daemon, daemons

__all__ = ["Callers", "Figures", "private_data"]

VERSIONS = [f"v0.0.{number}" for number in range(40, 46)]
THREADS = 6
"""Of each process that asks."""

JOBS_EACH = 5

LISTS = ("jobs/", "jobs/state")
MIX = {"jobs": 400, "job": 250, "other's job": 100, "update": 60, "other's update": 50}
MIX |= {"users": 80, "nodes": 58, "submit": 2}
"""What is asked, in a thousand calls. Jobs submitted make all further lists longer."""


@dataclass
class Figures:
    """:ivar wrong: what was not as it has to be, the first of it."""

    calls: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    submitted: dict[int, str] = field(default_factory=dict)

    def add(self, other: Figures) -> None:
        self.calls += other.calls
        self.wrong += other.wrong
        self.submitted |= other.submitted


@dataclass(frozen=True)
class Caller:
    """One way to be somebody.

    :ivar user: who that is for Slurm; empty: nobody.
    :ivar local: over the unix socket.
    """

    way: str
    user: str
    headers: dict[str, str]
    local: bool = False


@contextmanager
def private_data(lab: Lab) -> Iterator[None]:
    """While Slurm tells users nothing of each other."""
    with (
        lab.configured("PrivateData=jobs,users,accounts", "slurmdbd"),
        lab.configured("PrivateData=jobs"),
    ):
        yield


class Callers:
    """Jobs of three users, and all ways to ask for them.

    :param unix: the path of the daemon's socket.
    """

    def __init__(self, lab: Lab, port: int, unix: str) -> None:
        self._lab = lab
        self._port, self._unix = port, unix
        self.name = f"callers-{time.time_ns()}"
        self.jobs = {
            user: [
                lab.submit(f"--hold -o /dev/null -J {self.name} --wrap true", user=user)
                for _ in range(JOBS_EACH)
            ]
            for user in ("alice", "bob", "restd")
        }
        tokens = {user: lab.token(user) for user in ("alice", "bob", "root")}
        key = Path(os.environ["LAB_JWT_KEY"]).read_bytes()
        now = int(time.time())
        own = {
            user: jwt.encode({"exp": now + 7200, "iat": now, "sun": user}, key, "HS256")
            for user in ("alice", "bob")
        }
        header, name = "X-SLURM-USER-TOKEN", "X-SLURM-USER-NAME"
        self.tokens = [*tokens.values(), *own.values()]
        self.callers = [
            *(Caller("token", user, {header: tokens[user]}) for user in own),
            *(Caller("bearer", user, {"Authorization": f"Bearer {own[user]}"}) for user in own),
            *(Caller("token and name", user, {header: own[user], name: user}) for user in own),
            *(Caller("root for", user, {header: tokens["root"], name: user}) for user in own),
            Caller("local", "restd", {}, local=True),
            Caller("token over the socket", "alice", {header: own["alice"]}, local=True),
            Caller("bad signature", "", {header: tokens["alice"][:-4] + "AAAA"}),
            Caller("another's name", "", {header: tokens["alice"], name: "bob"}),
            Caller("expired", "", {header: jwt.encode({"exp": 1, "sun": "bob"}, key, "HS256")}),
        ]

    def ask(self, calls: int, processes: int) -> Figures:
        """So many calls, from several processes with several connections each."""
        total = Figures()
        share = [calls // processes + (place < calls % processes) for place in range(processes)]
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            for figures in pool.imap_unordered(self._process, enumerate(share)):
                total.add(figures)
        lines = self._lab.run(f"squeue -h -o '%i %u' --name={self.name}").splitlines()
        owners = {int(job_id): user for job_id, user in (line.split() for line in lines)}
        for job_id, user in total.submitted.items():
            if owners.get(job_id) != user:
                total.wrong.append(f"job {job_id} of {user} belongs to {owners.get(job_id)}")
        return total

    def cancel(self) -> None:
        self._lab.run(f"squeue -h -o %i --name={self.name} | xargs -r scancel", check=False)

    def _process(self, numbered: tuple[int, int]) -> Figures:
        number, calls = numbered
        total = Figures()
        share = [calls // THREADS + (place < calls % THREADS) for place in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as threads:
            seeds = (number * THREADS + place for place in range(THREADS))
            for figures in threads.map(self._thread, seeds, share):
                total.add(figures)
        return total

    def _thread(self, seed: int, calls: int) -> Figures:
        one = _Asking(self, random.Random(seed), self._port, self._unix)
        try:
            for _ in range(calls):
                if len(one.figures.wrong) > 20:
                    break
                one.call()
        finally:
            one.close()
        return one.figures


class _Asking:
    """A thread's own connections, over which it asks as everybody in turn."""

    def __init__(self, callers: Callers, dice: random.Random, port: int, unix: str) -> None:
        self.figures = Figures()
        self._all, self._dice = callers, dice
        self._port, self._unix = port, unix
        self._connections: dict[bool, HTTPConnection] = {}

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    def call(self) -> None:
        caller = self._dice.choice(self._all.callers)
        what = self._dice.choices([*MIX], [*MIX.values()])[0]
        version = self._dice.choice(VERSIONS)
        method, path, body = self._request(what, version, caller)
        status, data = self._exchange(caller, method, path, body)
        self.figures.calls[f"as {caller.way}"] += 1
        self.figures.calls[what] += 1
        wrong = self._wrong(caller, what, path, status, data)
        if wrong:
            told = data[:300].decode(errors="replace")
            self.figures.wrong.append(
                f"{caller.way} {caller.user} {path}: {wrong}: {status} {told}"
            )

    def _request(self, what: str, version: str, caller: Caller) -> tuple[str, str, Any]:
        slurm, slurmdb = f"/slurm/{version}", f"/slurmdb/{version}"
        user = caller.user or "alice"
        others = [name for name in self._all.jobs if name != user]
        own = self._dice.choice(self._all.jobs[user])
        other = self._dice.choice(self._all.jobs[self._dice.choice(others)])
        if what == "jobs":
            return "GET", f"{slurm}/{self._dice.choice(LISTS)}", None
        if what == "users":
            return "GET", f"{slurmdb}/users/", None
        if what == "nodes":
            return "GET", f"{slurm}/node/c1", None
        if what == "submit":
            job = description(name=self._all.name)
            return "POST", f"{slurm}/job/submit", {"script": SCRIPT, "job": job}
        if what in ("update", "other's update"):
            job_id = own if what == "update" else other
            return "POST", f"{slurm}/job/{job_id}", {"comment": f"of {user}"}
        return "GET", f"{slurm}/job/{own if what == 'job' else other}", None

    def _exchange(self, caller: Caller, method: str, path: str, body: Any) -> tuple[int, bytes]:
        headers = dict(caller.headers)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        connection = self._connections.get(caller.local)
        if connection is None:
            connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
            self._connections[caller.local] = connection
        if caller.local and connection.sock is None:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(self._unix)
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        return response.status, response.read()

    def _wrong(self, caller: Caller, what: str, path: str, status: int, data: bytes) -> str:
        """What is not right in an answer, if anything."""
        for token in self._all.tokens:
            if token.encode() in data:
                return "a token in an answer"
        if status == 503:
            self.figures.calls["told to come again"] += 1
            return ""
        told = json.loads(data)
        if not caller.user:
            refused = (502, 7000) if what == "users" else (511, 1007)
            found = [error["error_number"] for error in told["errors"]]
            empty = not any(told.get(key) for key in ("jobs", "users", "nodes", "job_id"))
            return "" if (status, found[:1]) == (refused[0], [refused[1]]) and empty else "let in"
        if told["meta"]["client"]["user"] != caller.user:
            return "another caller in meta"
        if what in ("other's job", "other's update"):
            return "" if status >= 400 and not told.get("jobs") else "told of another's job"
        if status != 200 or told["errors"]:
            return "an error"
        return self._wrong_payload(caller, what, path, told)

    def _wrong_payload(self, caller: Caller, what: str, path: str, told: Any) -> str:
        if what == "jobs" and path.endswith("jobs/"):
            names = {job["user_name"] for job in told["jobs"]}
            ids = {job["job_id"] for job in told["jobs"]}
            whole = ids >= set(self._all.jobs[caller.user])
            return "" if names == {caller.user} and whole else f"jobs of {names}"
        if what == "jobs":
            ids = {int(str(job["job_id"]).partition("+")[0]) for job in told["jobs"]}
            # Slurm tells everybody the states of all jobs.
            return "" if ids >= set(self._all.jobs[caller.user]) else "states"
        if what == "job":
            names = {job["user_name"] for job in told["jobs"]}
            return "" if names == {caller.user} else f"a job of {names}"
        if what == "users":
            names = {user["name"] for user in told["users"]}
            return "" if names <= {caller.user} else f"users {names}"
        if what == "submit":
            self.figures.submitted[told["job_id"]] = caller.user
        return ""


def in_log(daemon: Daemon, tokens: list[str]) -> list[str]:
    """The lines of a log in which something of a token stands that is worth stealing."""
    secrets = [part for token in tokens for part in (token, token.rsplit(".", 1)[1])]
    return [line for line in daemon.lines if any(secret in line for secret in secrets)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("calls", type=int, nargs="?", default=100_000)
    parser.add_argument("--processes", type=int, default=4)
    settings = parser.parse_args()
    lab, port = Lab(), Lab.free_port()
    with ExitStack() as stack:
        stack.enter_context(private_data(lab))
        start = stack.enter_context(daemons())
        unix = f"/tmp/callers-{os.getpid()}.sock"
        daemon = start(
            *("127.0.0.1:0", f"unix:{unix}", "-vvv", "--access-log", "json"),
            *("--metrics", f"127.0.0.1:{port}"),
            count=2,
        )
        callers = Callers(lab, daemon.port, unix)
        stack.callback(callers.cancel)
        begun = time.monotonic()
        figures = callers.ask(settings.calls, settings.processes)
        seconds = time.monotonic() - begun
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read().decode()
        daemon.end()
        leaked = in_log(daemon, callers.tokens)
        leaked += [line for line in metrics.splitlines() if any(t in line for t in callers.tokens)]
    for what, count in sorted(figures.calls.items()):
        print(f"{what:24} {count}")
    calls = sum(count for what, count in figures.calls.items() if what.startswith("as "))
    print(f"{calls} calls in {seconds:.0f} s, {len(daemon.lines)} lines of log")
    print(f"answers that were wrong: {len(figures.wrong)}; lines with a token: {len(leaked)}")
    for line in [*figures.wrong, *leaked][:10]:
        print(line[:500])
    return 1 if figures.wrong or leaked or calls != settings.calls else 0


if __name__ == "__main__":
    sys.exit(main())

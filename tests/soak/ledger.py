"""What clients were told of their writes, and what Slurm has: no write lost, none done twice."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from job_bodies import SCRIPT, description
from laboratory import Lab
from submissions import UNKNOWN

__all__ = ["Accounts", "Jobs", "outcome"]

CONTROLLER_LOG = Path("/var/log/slurm/slurmctld.log")

SAVED_SECONDS = 10.0
"""A controller that is killed has on disk what it took that long before."""


def outcome(status: int, data: bytes) -> str:
    """What the client of a write knows: ``done``, ``refused`` or ``unknown``.

    :param status: of the answer; 0: there was none, or not all of it.
    """
    if not status:
        return "unknown"
    if data[:1] != b"{":  # turned away before anybody looked at it
        return "refused"
    errors = json.loads(data)["errors"]
    if status == 200:
        return "refused" if errors else "done"
    assert errors, data
    return "unknown" if any(UNKNOWN in error["description"] for error in errors) else "refused"


@dataclass
class Job:
    """:ivar comments: the last one that was taken, and those of which nobody knows.
    :ivar at: when it was last changed.
    :ivar last: what was answered to the last of them.
    """

    name: str
    user: str
    told: str = "unknown"
    job_id: int = 0
    at: float = 0.0
    comments: set[str] = field(default_factory=lambda: {""})
    cancelled: str = ""
    seen: bool = False
    last: str = ""


class Jobs:
    """Held jobs, each of a name of its own.

    :ivar wrong: what is not as clients were told.
    :ivar lost_by_slurm: those that slurmctld had taken when it was killed, and not saved.
    """

    def __init__(self, lab: Lab) -> None:
        self.prefix = f"soak-{time.time_ns()}"
        self.wrong: list[str] = []
        self.lost_by_slurm: list[str] = []
        self.kills: list[float] = []
        self.told: Counter[str] = Counter()
        self._lab = lab
        self._all: dict[str, Job] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def new(self, user: str) -> tuple[Job, Any]:
        """A job, and the body that submits it."""
        with self._lock:
            job = Job(f"{self.prefix}-{next(self._numbers)}", user)
            self._all[job.name] = job
        return job, {"script": SCRIPT, "job": description(name=job.name)}

    def submitted(self, job: Job, status: int, data: bytes) -> None:
        told = outcome(status, data)
        if told == "done":
            job.job_id = json.loads(data)["job_id"]
        job.at = time.monotonic()
        job.told = told
        self.told[f"submission {told}"] += 1

    def commented(self, job: Job, comment: str, status: int, data: bytes) -> None:
        told = outcome(status, data)
        if told != "refused":
            job.at = time.monotonic()
        job.last = f"{status} {data[:300]!r}"
        self.told[f"update {told}"] += 1
        if told == "done":
            job.comments = {comment}
        elif told == "unknown":
            job.comments.add(comment)

    def cancelled(self, job: Job, status: int, data: bytes) -> None:
        told = outcome(status, data)
        if told != "refused":
            job.at = time.monotonic()
        job.cancelled = "" if told == "refused" else told
        self.told[f"cancel {told}"] += 1

    def checked(self, user: str) -> list[Job]:
        """Jobs of a user that have been looked for and found, and not cancelled."""
        with self._lock:
            return [
                job
                for job in self._all.values()
                if job.user == user and job.seen and not job.cancelled
            ]

    def check(self) -> None:
        """Look for all jobs of which something is to be said. Nobody writes meanwhile."""
        found: dict[str, list[tuple[int, str, str, str]]] = {}
        shown = self._lab.run("squeue -h -t all -o '%i|%j|%u|%T|%k'")
        for line in shown.splitlines():
            job_id, name, user, state, comment = line.split("|", 4)
            if name.startswith(self.prefix):
                comment = "" if comment == "(null)" else comment
                found.setdefault(name, []).append((int(job_id), user, state, comment))
        for job in list(self._all.values()):
            self._check(job, found.get(job.name, []))

    def _check(self, job: Job, there: list[tuple[int, str, str, str]]) -> None:
        if job.seen and job.cancelled in ("done", "unknown"):
            if job.cancelled == "done" and any(entry[2] == "PENDING" for entry in there):
                self._note_unless_killed(job, "cancelled, and waits")
            del self._all[job.name]
            return
        if not there and job.told == "done":
            self._note_unless_killed(job, "gone" if job.seen else "lost")
            del self._all[job.name]
            return
        if len(there) > 1:
            self.wrong.append(f"{job.name} is there {len(there)} times")
        if there and job.told == "refused":
            self.wrong.append(f"{job.name} was refused, and is there")
        if there:
            job_id, user, _, comment = there[0]
            if user != job.user or (job.told == "done" and job_id != job.job_id):
                self.wrong.append(f"{job.name}: {there[0]}, not {job}")
            if comment not in job.comments:
                expected = f"{job.comments}: {job.last}"
                self._note_unless_killed(job, f"has the comment {comment!r}, not {expected}")
                job.comments = {comment}
            job.seen, job.job_id = True, job_id
            job.comments = {comment}
        elif job.told != "done":
            del self._all[job.name]

    def remove(self) -> None:
        command = f"squeue -h -o '%i %j' | awk '/{self.prefix}/ {{print $1}}' | xargs -r scancel"
        self._lab.run(command, check=False)

    def _note_unless_killed(self, job: Job, what: str) -> None:
        """slurmctld has told its client of what it had not saved when it was killed."""
        log = CONTROLLER_LOG.read_text(errors="replace")
        taken = job.job_id and re.search(rf"JobId={job.job_id}\b", log)
        if taken and any(kill - SAVED_SECONDS < job.at < kill for kill in self.kills):
            self.lost_by_slurm.append(f"{job.name} ({job.job_id}) {what}")
        else:
            self.wrong.append(f"{job.name} ({job.job_id}) {what}")


class Accounts:
    """Accounts that are added and removed again.

    :ivar wrong: what is not as clients were told.
    """

    def __init__(self, lab: Lab) -> None:
        self.prefix = f"soak{time.time_ns() % 10**9}x"
        self.wrong: list[str] = []
        self.told: Counter[str] = Counter()
        self._lab = lab
        self._may: dict[str, set[bool]] = {}
        self._numbers = itertools.count()

    def new(self) -> str:
        name = f"{self.prefix}{next(self._numbers)}"
        self._may[name] = {False}
        return name

    def written(self, name: str, there: bool, status: int, data: bytes) -> None:
        """An account was to be there from now on, or not."""
        told = outcome(status, data)
        self.told[f"account {told}"] += 1
        if told == "done":
            self._may[name] = {there}
        elif told == "unknown":
            self._may[name].add(there)

    def present(self) -> list[str]:
        return [name for name, may in self._may.items() if may == {True}]

    def check(self) -> None:
        """Nobody writes meanwhile."""
        found = self._lab.run("sacctmgr -nP show account format=account").split()
        for name, may in list(self._may.items()):
            there = name in found
            if there not in may:
                self.wrong.append(f"account {name} is there: {there}, and may be: {may}")
            if there:
                self._may[name] = {True}
            else:
                del self._may[name]

    def remove(self) -> None:
        names = ",".join(self._may)
        if names:
            self._lab.run(f"sacctmgr -i delete account {names}", check=False)

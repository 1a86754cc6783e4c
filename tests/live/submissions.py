"""What became of submissions, by what each client was told: none lost, none done twice."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException

from job_bodies import SCRIPT, description
from laboratory import Answer, Lab

__all__ = ["UNKNOWN", "Submissions"]

UNKNOWN = "it is not known whether this was done"


class Submissions:
    """Held jobs, each of a name of its own.

    :ivar told: by name, what its client knows: ``made``, ``refused`` or ``unknown``.
    """

    def __init__(self, lab: Lab, what: str) -> None:
        self.told: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        self._lab = lab
        self._prefix = f"{what}-{time.time_ns()}"
        self._numbers = itertools.count()

    def submit(self, ask: Callable[..., Answer]) -> str:
        """Submit one more by ``ask(method, path, body=)``; gives what its client knows."""
        name = f"{self._prefix}-{next(self._numbers)}"
        body = {"script": SCRIPT, "job": description(name=name)}
        self.told[name] = "unknown"
        try:
            answer = ask("POST", "/slurm/v0.0.45/job/submit", body=body)
        except (OSError, HTTPException):
            return "unknown"  # cut off
        self.statuses[answer.status] += 1
        errors = answer.json()["errors"]
        if answer.status == 200:
            assert errors == [], errors
            self.told[name] = "made"
        else:
            assert errors, answer.body
            lost = any(UNKNOWN in error["description"] for error in errors)
            self.told[name] = "unknown" if lost else "refused"
        return self.told[name]

    def names(self, what: str) -> set[str]:
        return {name for name, told in self.told.items() if told == what}

    def check(self) -> None:
        """Each that was told to be made is there once, none that was refused is."""
        lines = self._lab.run("squeue -h -o %j").split()
        found = Counter(line for line in lines if line in self.told)
        assert set(found.values()) <= {1}
        assert self.names("made") - found.keys() == set()
        assert self.names("refused") & found.keys() == set()

    def cancel(self) -> None:
        command = f"squeue -h -o '%i %j' | awk '/{self._prefix}/ {{print $1}}' | xargs -r scancel"
        self._lab.run(command, check=False)

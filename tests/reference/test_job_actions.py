"""Jobs signalled and requeued, with the same outcome as with the real daemons."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from comparison import SERVED
from laboratory import Answer, Lab

from pyslurmrestd.errors import ErrorCode

SET = {
    "a": ("alice", "-J one -p debug"),
    "b": ("alice", "-J two -p real --array=1-2"),
    "c": ("bob", "-J one -p debug"),
}
"""Jobs to act on, all held: by the letter that stands for the id, their users and options."""

FLAGS = (
    "BATCH_JOB",
    "ARRAY_TASK",
    "FULL_STEPS_ONLY",
    "FULL_JOB",
    "FEDERATION_REQUEUE",
    "HURRY",
    "OUT_OF_MEMORY",
    "NO_SIBLING_JOBS",
    "RESERVATION_JOB",
    "VERBOSE",
    "CRON_JOBS",
    "WARNING_SENT",
)

ONE = {"job_name": "one", "flags": ["VERBOSE"]}

SIGNALS: dict[str, tuple[str, Any]] = {
    "one": ("alice", {"jobs": ["<a>"]}),
    "several": ("alice", {"jobs": ["<a>", "<b>_1", "<c>", "999999"]}),
    "several, told": ("alice", {"jobs": ["<a>", "<b>_1", "<c>"], "flags": ["VERBOSE"]}),
    "tasks": ("alice", {"jobs": ["<b>_[1-2]"], "flags": "verbose"}),
    "a task twice": ("alice", {"jobs": ["<b>_2", "<b>_2"]}),
    "as root": ("root", {"jobs": ["<a>", "<c>"]}),
    "name": ("alice", ONE),
    "name as root": ("root", ONE),
    "name of another": ("bob", {"job_name": "two", "flags": ["VERBOSE"]}),
    "user by name": ("root", {**ONE, "user_name": "bob"}),
    "user by id": ("root", {**ONE, "user_id": "bob"}),
    "user by number": ("root", {**ONE, "user_name": "1001"}),
    "both users": ("root", {**ONE, "user_id": "alice", "user_name": "bob"}),
    "account": ("root", {**ONE, "account": "sci"}),
    "another account": ("root", {**ONE, "account": "root"}),
    "partition": ("alice", {"partition": "real", "job_name": "two", "flags": ["VERBOSE"]}),
    "another partition": ("alice", {**ONE, "partition": "real"}),
    "qos": ("alice", {**ONE, "qos": "normal"}),
    "wckey": ("alice", {**ONE, "wckey": "nosuch"}),
    "reservation": ("alice", {**ONE, "reservation": "nosuch"}),
    "nodes": ("alice", {**ONE, "nodes": ["c1", "c2"]}),
    "pending": ("alice", {**ONE, "job_state": ["PENDING"]}),
    "running": ("alice", {**ONE, "job_state": ["RUNNING"]}),
    "list and filter": ("alice", {"jobs": ["<a>", "<b>"], "job_name": "one"}),
    "another signal": ("alice", {"jobs": ["<a>"], "signal": "USR1"}),
    "a number": ("alice", {"jobs": ["<a>"], "signal": 9}),
    "no id": ("alice", {"jobs": ["<a>", "abc"]}),
    "an empty id": ("alice", {"jobs": [None]}),
    "nothing": ("alice", {}),
    "an empty list": ("alice", {"jobs": []}),
    "no user": ("alice", {**ONE, "user_id": "nosuch"}),
    "a lone id": ("alice", {"jobs": "<a>"}),
    "an object": ("alice", {"jobs": {}}),
    "no hostlist": ("alice", {**ONE, "nodes": "c[1-"}),
    "no object": ("alice", ["<a>"]),
    **{flag: ("alice", {"jobs": ["<a>"], "flags": [flag]}) for flag in FLAGS},
}
"""Bodies of DELETE jobs and who sends them."""

QUERIES = ["?job_name=one&flags=VERBOSE", "?jobs=<a>&jobs=<b>_2", "?jobs=<a>", ""]

REQUEUES: dict[str, tuple[str, str, str, Any]] = {
    "one": ("alice", "GET", "job/<a>/requeue", None),
    "one, held": ("alice", "GET", "job/<a>/requeue?Hold=true&Incomplete", None),
    "an array": ("alice", "GET", "job/<b>/requeue?Hold", None),
    "a task": ("alice", "GET", "job/<b>_1/requeue", None),
    "of another": ("alice", "GET", "job/<c>/requeue", None),
    "none": ("alice", "GET", "job/66000000/requeue", None),
    "no id": ("alice", "GET", "job/abc/requeue", None),
    "special": ("alice", "GET", "job/<a>/requeue?SpecialExit", None),
    "special, held": ("alice", "GET", "job/<a>/requeue?SpecialExit=1&Hold=yes", None),
    "unknown": ("alice", "GET", "job/<a>/requeue?nosuch=1", None),
    "several": ("alice", "POST", "jobs/requeue", {"jobs": ["<a>", "<b>", "<c>", "66000000"]}),
    "several, held": ("root", "POST", "jobs/requeue", {"jobs": ["<a>", "<c>"], "flags": "hold"}),
    "a lone one": ("alice", "POST", "jobs/requeue", {"jobs": "<a>"}),
    "tasks": ("alice", "POST", "jobs/requeue", {"jobs": ["<b>_1", "<b>_2"]}),
    "not all ids": ("alice", "POST", "jobs/requeue", {"jobs": ["<a>", "abc"]}),
    "nothing": ("alice", "POST", "jobs/requeue", {}),
    "an empty list": ("alice", "POST", "jobs/requeue", {"jobs": []}),
    "specials": ("alice", "POST", "jobs/requeue", {"jobs": ["<a>"], "flags": ["SpecialExit"]}),
    "no object": ("alice", "POST", "jobs/requeue", ["<a>"]),
}


class Jobs:
    """The jobs of one request."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.ids = {
            letter: lab.submit(f"--hold -o /dev/null {options} --wrap 'sleep 60'", user=user)
            for letter, (user, options) in SET.items()
        }

    def numbered(self, text: str) -> str:
        """The text with ids in place of ``<a>`` and the like."""
        return re.sub(r"<(\w)>", lambda match: str(self.ids[match[1]]), text)

    def lettered(self, data: Any) -> Any:
        """The reverse, in an answer."""
        if isinstance(data, dict):
            # The number of an error may be that of a job.
            return {
                key: value if key in ("error_number", "code") else self.lettered(value)
                for key, value in data.items()
            }
        if isinstance(data, list):
            return [self.lettered(value) for value in data]
        letters = {str(job_id): f"<{letter}>" for letter, job_id in self.ids.items()}
        if isinstance(data, str):
            return re.sub(r"\d+", lambda match: letters.get(match[0], match[0]), data)
        return letters.get(str(data), data)

    def states(self) -> list[str]:
        """What has become of them."""
        numbers = ",".join(map(str, self.ids.values()))
        told = self._lab.run(f"squeue -h -r -t all -o '%i %T %r' -j {numbers}")
        return sorted(self.lettered(told).splitlines())

    def cancel(self) -> None:
        self._lab.cancel(*self.ids.values())


def told(jobs: Jobs, answer: Answer) -> tuple[object, Any]:
    """Status and body of an answer, without what ours tells otherwise on purpose.

    The status of a failure is by a table of its own, and what could not be parsed is told without
    a payload. The words about values of a wrong type are compared elsewhere. The place of an id
    that cannot be read is told by ours alone.
    """
    found = jobs.lettered(answer.repaired_json())
    errors = [
        (error["error_number"], error["description"])
        for error in found["errors"]
        if error["error_number"] != ErrorCode.INVALID_JOB_ID_TEXT
    ]
    if any(number == 9202 for number, _ in errors):
        errors = [9202]
    status = found.get("status") or []
    return answer.status < 400, (errors, found["warnings"], status)


def outcomes(
    lab: Lab, version: str, method: str, path: str, body: Any, user: str
) -> list[tuple[Any, list[str]]]:
    """Answer and effect, with ours and with the real daemon; each gets jobs of its own."""
    found = []
    for url in (lab.ours, lab.reference[SERVED[version]]):
        jobs = Jobs(lab)
        try:
            answer = lab.ask(
                method,
                jobs.numbered(f"/slurm/{version}/{path}"),
                body=None if body is None else jobs.numbered(json.dumps(body)),
                user=user,
                url=url,
            )
            found.append((told(jobs, answer), jobs.states()))
        finally:
            jobs.cancel()
    return found


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.45"])
@pytest.mark.parametrize(("user", "body"), SIGNALS.values(), ids=SIGNALS)
def test_jobs_are_signalled_as_by_the_real_daemon(
    lab: Lab, version: str, user: str, body: Any
) -> None:
    ours, theirs = outcomes(lab, version, "DELETE", "jobs", body, user)
    assert ours == theirs


@pytest.mark.parametrize("version", SERVED)
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_chooses_jobs_as_with_the_real_daemon(lab: Lab, version: str, query: str) -> None:
    ours, theirs = outcomes(lab, version, "DELETE", f"jobs{query}", None, "alice")
    assert ours == theirs


@pytest.mark.parametrize(("user", "method", "path", "body"), REQUEUES.values(), ids=REQUEUES)
def test_jobs_are_requeued_as_by_the_real_daemon(
    lab: Lab, user: str, method: str, path: str, body: Any
) -> None:
    ours, theirs = outcomes(lab, "v0.0.45", method, path, body, user)
    assert ours == theirs

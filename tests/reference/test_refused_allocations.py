"""Allocations that are refused, told as by the real daemons; those granted: tests/live."""

from __future__ import annotations

from typing import Any

import pytest
from comparison import SERVED
from laboratory import Answer, Lab

JOB = {"current_working_directory": "/tmp", "environment": ["A=b"], "partition": "real"}

BODIES: dict[str, Any] = {
    "neither": {},
    "both": {"job": JOB, "hetjob": [JOB]},
    "no directory": {"job": {}},
    "no partition": {"job": JOB | {"partition": "nosuch"}},
    "no license": {"job": JOB | {"licenses": "nosuch:1"}},
    "no reservation": {"job": JOB | {"reservation": "nosuch"}},
    "not at once": {"job": JOB | {"immediate": True, "minimum_nodes": 900}},
    "a component": {"hetjob": [JOB, JOB | {"partition": "nosuch"}]},
    "no object": ["job"],
}


def told(answer: Answer) -> Any:
    """What an answer tells but for a word that 24.11 misspells, and the status of a refusal."""
    found = answer.repaired_json()
    for error in found["errors"]:
        error["description"] = error["description"].replace("Specifing", "Specifying")
    return answer.status < 400, found["errors"], found["warnings"]


@pytest.mark.parametrize("version", [v for v in SERVED if v != "v0.0.40"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_refusal_is_the_real_daemons(lab: Lab, version: str, body: Any) -> None:
    url = f"/slurm/{version}/job/allocate"
    ours = lab.ask("POST", url, body=body)
    theirs = lab.ask("POST", url, body=body, url=lab.reference[SERVED[version]])
    assert told(ours) == told(theirs)

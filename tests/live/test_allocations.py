"""Allocations: granted, waited for, given up, and refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from comparison import SERVED
from laboratory import Answer, Lab
from rest_daemon import StartDaemon

each_version = pytest.mark.parametrize("version", [v for v in SERVED if v != "v0.0.40"])

JOB = {
    "name": "allocated",
    "current_working_directory": "/tmp",
    "environment": ["A=b"],
    "partition": "real",
    "time_limit": 5,
}


def allocate(lab: Lab, body: Any, version: str = "v0.0.45", **how: Any) -> Answer:
    return lab.ask("POST", f"/slurm/{version}/job/allocate", body=body, **how)


def queue(lab: Lab) -> str:
    """The jobs that are or were allocated here and have not ended."""
    return lab.run("squeue -h -t PENDING,RUNNING -n allocated -o '%i %T'")


@pytest.fixture
def room(lab: Lab) -> Iterator[None]:
    """No allocation before, and none after."""
    lab.run("scancel -n allocated")
    lab.wait_for(lambda: not lab.run("squeue -h -n allocated"))
    yield
    lab.run("scancel -n allocated")


@each_version
def test_an_allocation_is_granted_and_stays(lab: Lab, room: None, version: str) -> None:
    job = JOB | {"user_id": "bob", "allocation_node_port": 1}
    answer = allocate(lab, {"job": job}, version)
    told = answer.json()
    job_id = told.pop("job_id")
    assert (answer.status, told["job_submit_user_msg"], told["errors"], told["warnings"]) == (
        200,
        "",
        [],
        [],
    )
    (shown,) = lab.get(f"/slurm/v0.0.45/job/{job_id}").json()["jobs"]
    assert (shown["job_state"], shown["user_name"], shown["batch_flag"], shown["name"]) == (
        ["RUNNING"],
        "alice",
        False,
        "allocated",
    )
    assert lab.get(f"/slurm/v0.0.45/resources/{job_id}").status == 200
    # slurmctld would end it by now if somebody had to answer for it.
    lab.run("sleep 2")
    assert lab.job_state(job_id) == "RUNNING"


def test_an_allocation_is_waited_for(lab: Lab, room: None) -> None:
    blocker = lab.submit("-p real -o /dev/null --exclusive -N3 --time=5 --wrap 'sleep 3'")
    lab.wait_for(lambda: lab.job_state(blocker) == "RUNNING")
    answer = allocate(lab, {"job": JOB | {"required_nodes": ["c2"]}})
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    assert lab.job_state(told["job_id"]) == "RUNNING"
    assert lab.job_state(blocker) != "RUNNING"


def test_all_components_of_a_heterogeneous_job_are_allocated(lab: Lab, room: None) -> None:
    answer = allocate(lab, {"hetjob": [JOB, JOB | {"required_nodes": ["c3"]}]})
    told = answer.json()
    leader = told["job_id"]
    assert (answer.status, told["errors"]) == (200, [])
    assert sorted(queue(lab).splitlines()) == [f"{leader}+0 RUNNING", f"{leader}+1 RUNNING"]


@pytest.fixture(scope="module")
def hasty(keep_daemon: StartDaemon) -> str:
    """A daemon whose requests have four seconds."""
    return keep_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT="4").url


@pytest.mark.parametrize("body", [{"job": JOB}, {"hetjob": [JOB, JOB]}], ids=list)
def test_a_held_job_is_given_up_and_cancelled(
    lab: Lab, room: None, hasty: str, body: dict[str, Any]
) -> None:
    held = {key: _held(value) for key, value in body.items()}
    answer = allocate(lab, held, url=hasty)
    told = answer.json()
    (error,) = told["errors"]
    assert (answer.status, error["error_number"]) == (504, 2024)
    assert error["description"].endswith("has nothing after 3 seconds and is cancelled")
    assert queue(lab) == ""


def _held(job: Any) -> Any:
    return [_held(one) for one in job] if isinstance(job, list) else job | {"hold": True}


def test_a_job_that_is_cancelled_while_it_waits_is_told(lab: Lab, room: None) -> None:
    lab.run("(sleep 2; scancel -n allocated) >/dev/null 2>&1 &")
    answer = allocate(lab, {"job": JOB | {"hold": True}})
    (error,) = answer.json()["errors"]
    assert (answer.status, error["description"], error["error_number"]) == (
        422,
        "Job allocation request failed",
        2021,
    )


REFUSED: list[tuple[Any, int, str]] = [
    ({}, 9000, "op_handler_alloc_job"),
    ({"job": JOB, "hetjob": [JOB]}, 9000, "op_handler_alloc_job"),
    ({"hetjob": []}, 9000, "_job_post_het_allocate"),
    ({"hetjob": [JOB] * 129}, 9000, "_job_post_het_allocate"),
    ({"job": {}}, 2063, "slurm_allocate_resources_blocking()"),
    ({"job": JOB | {"partition": "nosuch"}}, 2000, "slurm_allocate_resources_blocking()"),
    ({"job": JOB | {"licenses": "nosuch:1"}}, 2048, "slurm_allocate_resources_blocking()"),
    ({"job": JOB | {"reservation": "nosuch"}}, 2053, "slurm_allocate_resources_blocking()"),
    (
        {"hetjob": [JOB, JOB | {"partition": "nosuch"}]},
        2000,
        "slurm_allocate_het_job_blocking()",
    ),
    ({"job": []}, 9209, "#/job/"),
    ({"job": JOB | {"tasks": "two"}}, 9202, "#/job/tasks/"),
    ({"job": JOB | {"name": {}}}, 9202, "#/job/name/"),
    ({"job": JOB | {"flags": ["NOSUCH"]}}, 9207, "#/job/flags[0]/"),
    ({"hetjob": [JOB, JOB | {"nice": 1 << 40}]}, 2123, "#/hetjob[1]/nice/"),
    (["job"], 9209, "#/"),
]


@each_version
@pytest.mark.parametrize(("body", "errno", "source"), REFUSED, ids=lambda value: str(value)[:60])
def test_bad_input_is_refused_and_leaves_no_job(
    lab: Lab, version: str, body: Any, errno: int, source: str
) -> None:
    before = queue(lab)
    answer = allocate(lab, body, version)
    (error, *_) = answer.json()["errors"]
    assert (answer.status, error["error_number"], error["source"]) == (422, errno, source)
    assert queue(lab) == before


def test_the_oldest_version_has_a_job_of_that_name(lab: Lab) -> None:
    answer = allocate(lab, {"job": JOB}, "v0.0.40")
    (error,) = answer.json()["errors"]
    assert (answer.status, error["error_number"], error["source"]) == (
        422,
        9000,
        "op_handler_job",
    )

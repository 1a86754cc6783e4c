"""Jobs put back into the queue, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from laboratory import Answer, Lab

Held = Callable[..., int]

SLEEPS = "--requeue -o /dev/null -p real --wrap 'sleep 600'"


@pytest.fixture
def run(lab: Lab) -> Iterator[Callable[[str], int]]:
    """Submits jobs and waits until they run; they are cancelled in the end."""
    started: list[int] = []

    def start(options: str = "") -> int:
        started.append(lab.submit(f"{options} {SLEEPS}"))
        lab.wait_for(lambda: set(lab.job_state(started[-1]).split()) == {"RUNNING"})
        return started[-1]

    yield start
    lab.cancel(*started)


def requeue(lab: Lab, job: int | str, query: str = "", **how: Any) -> Answer:
    return lab.get(f"/slurm/v0.0.45/job/{job}/requeue{query}", **how)


def requeue_all(lab: Lab, body: Any, **how: Any) -> Answer:
    return lab.ask("POST", "/slurm/v0.0.45/jobs/requeue", body=body, **how)


def reason(lab: Lab, job: int | str) -> str:
    """State and reason of a job once it is in the queue again."""
    return lab.run(f"squeue -h -o '%T %r' -j {job}").strip()


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("?Hold=true", ["PENDING"]),
        ("?Hold&SpecialExit=1", ["PENDING", "SPECIAL_EXIT"]),
    ],
)
def test_a_running_job_goes_back_into_the_queue(
    lab: Lab, run: Callable[[str], int], query: str, states: list[str]
) -> None:
    job_id = run("")
    answer = requeue(lab, job_id, query)
    told = answer.json()
    assert (answer.status, told["status"], told["errors"], told["warnings"]) == (200, [], [], [])

    def waits() -> Any:
        (job,) = lab.get(f"/slurm/v0.0.45/job/{job_id}").json()["jobs"]
        return (job["job_state"], job["restart_cnt"]) if job["job_state"] == states else None

    assert lab.wait_for(waits) == (states, 1)


def test_each_group_of_tasks_is_told(lab: Lab, run: Callable[[str], int]) -> None:
    job_id = run("--array=0-2")
    first = requeue(lab, f"{job_id}_1", "?Hold").json()["status"]
    second = requeue(lab, job_id, "?Hold").json()["status"]
    entry = {"job_id": job_id, "error": "No error", "error_code": 0, "why": ""}
    assert first == [entry | {"step_id": f"{job_id}_[1]"}]
    assert second == [
        entry | {"step_id": f"{job_id}_[0,2]"},
        {
            "job_id": job_id,
            "step_id": f"{job_id}_[1]",
            "error": "Job is pending execution",
            "error_code": 2024,
            "why": "",
        },
    ]


def test_jobs_of_a_list_are_requeued_and_the_others_told(
    lab: Lab, run: Callable[[str], int], held: Held
) -> None:
    running, array, waiting = run(""), run("--array=0-1"), held()
    body = {"jobs": [running, str(waiting), str(array), "66000000"], "flags": ["Hold"]}
    answer = requeue_all(lab, body)
    told = answer.json()
    assert answer.status == 422
    assert [(error["description"], error["error_number"]) for error in told["errors"]] == [
        (f"Requeue JobId={waiting} failed", 2024),
        ("Requeue JobId=66000000 failed", 2017),
    ]
    assert [[entry["step_id"] for entry in entries] for entries in told["status"]] == [
        [f"{array}_[0-1]"]
    ]
    lab.wait_for(lambda: reason(lab, running) == "PENDING job requeued in held state")


def test_an_ended_job_runs_again_unless_only_running_ones_are_meant(lab: Lab) -> None:
    job_id = lab.submit("--requeue -o /dev/null -p real --wrap true")
    lab.wait_for(lambda: lab.job_state(job_id) == "COMPLETED")
    first = requeue(lab, job_id, "?Incomplete")
    state = lab.job_state(job_id)
    second = requeue(lab, job_id, "?Hold")
    lab.wait_for(lambda: lab.job_state(job_id) == "PENDING")
    lab.cancel(job_id)
    told = [(answer.status, answer.json()["errors"]) for answer in (first, second)]
    assert (told, state) == ([(200, []), (200, [])], "COMPLETED")


def test_head_does_not_requeue(lab: Lab, run: Callable[[str], int]) -> None:
    job_id = run("")
    answer = lab.ask("HEAD", f"/slurm/v0.0.45/job/{job_id}/requeue")
    assert (answer.status, answer.headers["Allow"], lab.job_state(job_id)) == (
        405,
        "GET",
        "RUNNING",
    )


def test_jobs_of_others_are_not_requeued(lab: Lab, run: Callable[[str], int]) -> None:
    job_id = run("")
    one = requeue(lab, job_id, user="bob")
    listed = requeue_all(lab, {"jobs": [str(job_id)]}, user="bob")
    assert [(answer.status, answer.json()["errors"]) for answer in (one, listed)] == [
        (
            422,
            [
                {
                    "description": f"Requeue {word}={job_id} failed",
                    "error_number": 2002,
                    "error": "Access/permission denied",
                    "source": source,
                }
            ],
        )
        for word, source in (
            ("JobID", "op_handler_job_requeue"),
            ("JobId", "op_handler_jobs_requeue"),
        )
    ]
    assert lab.job_state(job_id) == "RUNNING"


@pytest.mark.parametrize(
    ("body", "status", "errno"),
    [
        ({}, 404, 2017),
        ({"jobs": []}, 404, 2017),
        ({"jobs": None}, 422, 2140),
        ({"jobs": "abc"}, 422, 2140),
        ({"jobs": ["<job>", "abc"]}, 422, 2140),
        ({"jobs": ["<job>", {}]}, 422, 9202),
        ({"jobs": {"a": 1}}, 422, 9208),
        ({"jobs": ["<job>"], "flags": ["NOSUCH"]}, 422, 9207),
        ({"jobs": ["<job>"], "flags": {}}, 422, 9206),
        ({"jobs": ["<job>"], "flags": ["SpecialExit"]}, 400, 9009),
        (["<job>"], 422, 9209),
    ],
    ids=str,
)
def test_bad_input_is_refused_and_the_job_runs_on(
    lab: Lab, running: int, body: Any, status: int, errno: int
) -> None:
    asked = str(body).replace("<job>", str(running)).replace("'", '"').replace("None", "null")
    answer = requeue_all(lab, asked)
    (error, *_) = answer.json()["errors"]
    assert (answer.status, error["error_number"], lab.job_state(running)) == (
        status,
        errno,
        "RUNNING",
    )


@pytest.mark.parametrize(
    ("path", "status", "errno"),
    [
        ("abc/requeue", 422, 9000),
        ("0/requeue", 422, 9000),
        ("66000000/requeue", 404, 2017),
        ("{job}/requeue?SpecialExit", 400, 9009),
    ],
)
def test_a_bad_path_is_refused_and_the_job_runs_on(
    lab: Lab, running: int, path: str, status: int, errno: int
) -> None:
    answer = lab.get(f"/slurm/v0.0.45/job/{path.format(job=running)}")
    (error,) = answer.json()["errors"]
    assert (answer.status, error["error_number"], lab.job_state(running)) == (
        status,
        errno,
        "RUNNING",
    )


@pytest.fixture(scope="module")
def running(lab: Lab) -> Iterator[int]:
    """A job that runs."""
    job_id = lab.submit(SLEEPS)
    lab.wait_for(lambda: lab.job_state(job_id) == "RUNNING")
    yield job_id
    lab.cancel(job_id)


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.44"])
def test_versions_without_a_way_to_requeue_say_so(lab: Lab, version: str) -> None:
    answers = [
        lab.get(f"/slurm/{version}/job/1/requeue"),
        lab.ask("POST", f"/slurm/{version}/jobs/requeue", body={}),
    ]
    assert [answer.status for answer in answers] == [404, 404]

"""Jobs chosen by lists and filters, and signalled: what happens to whom, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from laboratory import Answer, Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V40, V44

Held = Callable[..., int]


def signal(lab: Lab, version: ApiVersion | str, body: Any, **how: Any) -> Answer:
    return lab.ask("DELETE", f"/slurm/{version}/jobs", body=body, **how)


def queue(lab: Lab) -> list[str]:
    """All jobs that wait or run."""
    return sorted(lab.run("squeue -h -r -t PENDING,RUNNING -o '%i %T'").splitlines())


@pytest.fixture(scope="module")
def waiting(lab: Lab) -> Iterator[list[str]]:
    """The queue, with a job of alice's in it."""
    job_id = lab.submit("--hold -o /dev/null --wrap 'sleep 60'")
    lab.wait_for(lambda: not lab.run("squeue -h -t COMPLETING"))
    yield queue(lab)
    lab.cancel(job_id)


def test_listed_jobs_end_and_what_could_not_be_done_is_told(
    lab: Lab, held: Held, version: ApiVersion
) -> None:
    mine, array, others = held(), held("--array=1-3"), held(user="bob")
    answer = signal(lab, version, {"jobs": [str(mine), f"{array}_2", str(others), "4000000"]})
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    assert [(entry["step_id"], entry["error"]["code"]) for entry in told["status"]] == [
        (str(others), 2002),
        ("4000000", 2017),
    ]
    states = [lab.job_state(job) for job in (mine, others)]
    tasks = lab.run(f"squeue -h -r -o '%K %T' -j {array}").splitlines()
    assert states == ["CANCELLED", "PENDING"]
    assert sorted(tasks) == ["1 PENDING", "3 PENDING"]


def test_filters_choose_together(lab: Lab, held: Held, version: ApiVersion) -> None:
    name = f"chosen-{version}"
    chosen = held(f"-J {name} -p real")
    other_partition, other_name = held(f"-J {name} -p debug"), held("-J other -p real")
    body = {"job_name": name, "partition": "real", "job_state": ["PENDING"], "flags": ["VERBOSE"]}
    answer = signal(lab, version, body)
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    assert [(entry["step_id"], entry["error"]["code"]) for entry in told["status"]] == [
        (str(chosen), 0)
    ]
    assert [lab.job_state(job) for job in (chosen, other_partition, other_name)] == [
        "CANCELLED",
        "PENDING",
        "PENDING",
    ]


def test_a_step_gets_the_signal_and_its_job_does_not(lab: Lab) -> None:
    output = Path("/tmp/pyslurmrestd-test-step.out")
    output.unlink(missing_ok=True)
    step = "srun bash -c 'trap \"echo step\" USR1; echo ready; while :; do sleep 0.05; done'"
    job_id = lab.submit(f"-p real -o {output} --wrap 'trap \"echo job\" USR1; {quoted(step)}'")
    try:
        lab.wait_for(lambda: output.exists() and "ready" in output.read_text())
        answer = lab.ask("DELETE", f"/slurm/v0.0.45/job/{job_id}.0?signal=USR1")
        assert (answer.status, answer.json()["errors"], answer.json()["status"]) == (200, [], [])
        lab.wait_for(lambda: "step" in output.read_text(), 10)
        assert "job" not in output.read_text()
    finally:
        lab.cancel(job_id)
        output.unlink()


def quoted(text: str) -> str:
    """A text within single quotes of a shell."""
    return text.replace("'", "'\\''")


@pytest.mark.parametrize(
    ("body", "errno", "source"),
    [
        ({}, 2173, "slurm_kill_jobs()"),
        ({"jobs": []}, 2173, "slurm_kill_jobs()"),
        ({"nosuch": "x"}, 2173, "slurm_kill_jobs()"),
        ({"jobs": ["abc"]}, 2137, "slurm_kill_jobs()"),
        ({"jobs": [None]}, 2136, "slurm_kill_jobs()"),
        ({"jobs": "12"}, 9202, "#/jobs/"),
        ({"jobs": {}}, 9202, "#/jobs/"),
        ({"jobs": [["12"]]}, 9202, "#/jobs/"),
        ({"account": ["sci"]}, 9202, "#/account/"),
        ({"flags": ["NOSUCH"], "user_id": "alice"}, 9207, "#/flags[0]/"),
        ({"flags": {}, "user_id": "alice"}, 9206, "#/flags/"),
        ({"job_name": {}}, 9202, "#/job_name/"),
        ({"job_state": ["NOSUCH"], "user_id": "alice"}, 9207, "#/job_state[0]/"),
        ({"nodes": "c[1-", "user_id": "alice"}, 9216, "#/nodes/"),
        ({"nodes": "c[1-99999999]", "user_id": "alice"}, 9216, "#/nodes/"),
        ({"partition": []}, 9202, "#/partition/"),
        ({"qos": {}}, 9202, "#/qos/"),
        ({"reservation": [1]}, 9202, "#/reservation/"),
        ({"signal": "NOSUCH", "user_id": "alice"}, 9202, "#/signal/"),
        ({"signal": 70000, "user_id": "alice"}, 9202, "#/signal/"),
        ({"user_id": "nosuch"}, 2166, "#/user_id/"),
        ({"user_id": -1}, 2165, "#/user_id/"),
        ({"user_name": "nosuch"}, 2166, "uid_from_string()"),
        ({"wckey": {"a": 1}}, 9202, "#/wckey/"),
        (["12"], 9209, "#/"),
    ],
    ids=str,
)
def test_bad_input_is_refused_and_nobody_gets_a_signal(
    lab: Lab, waiting: list[str], version: ApiVersion, body: Any, errno: int, source: str
) -> None:
    answer = signal(lab, version, body)
    (error, *_) = answer.json()["errors"]
    errno = 9202 if errno == 9216 and version < V44 else errno
    assert (answer.status, error["error_number"], error["source"]) == (422, errno, source)
    assert queue(lab) == waiting


def test_an_unknown_flag_is_told_twice_in_the_oldest_version(lab: Lab) -> None:
    answer = signal(lab, V40, {"jobs": ["4000000"], "flags": ["NOSUCH"]})
    assert [error["description"] for error in answer.json()["errors"]] == [
        'Unknown flag "NOSUCH"',
        "Parsing flags failed",
    ]

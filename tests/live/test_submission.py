"""Jobs from submission to their end: submitted in every way, run, changed, signalled, cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from job_bodies import SCRIPT, Submit, description
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V40, V41, VERSIONS

OUTPUT = "/tmp/pyslurmrestd-test-%j.out"
RUNS = """#!/bin/sh
echo "$GREETING from $SLURM_JOB_ID with $# arguments: $*"
exit 3
"""


def field(lab: Lab, job_id: int | str, name: str) -> str:
    """A value of ``scontrol show job``."""
    told = lab.run(f"scontrol --oneliner show job {job_id}")
    return next(
        text.partition("=")[2].strip() for text in told.split() if text.startswith(f"{name}=")
    )


def states(lab: Lab, version: ApiVersion, job_id: int | str) -> list[str]:
    """States of a job, as the daemon tells them: one word in v0.0.40."""
    (job,) = lab.get(f"/slurm/{version}/job/{job_id}").json()["jobs"]
    found: list[str] = job["job_state"]
    return found


def delete(lab: Lab, version: ApiVersion, job_id: int | str, query: str = "", **how: Any) -> Any:
    return lab.ask("DELETE", f"/slurm/{version}/job/{job_id}{query}", **how)


@pytest.fixture(scope="module")
def ended(lab: Lab) -> Iterator[dict[ApiVersion, int]]:
    """A job of each version that has run and ended."""
    jobs = {}
    for version in VERSIONS:
        job = description(
            hold=False,
            partition="real",
            standard_output=OUTPUT,
            environment=["PATH=/usr/bin:/bin", f"GREETING=hello {version}"],
            argv=["script", "one", "two words"],
        )
        body = {"script": RUNS, "job": job}
        told = lab.ask("POST", f"/slurm/{version}/job/submit", body=body).json()
        assert told["errors"] == []
        jobs[version] = told["job_id"]
    yield jobs
    for job_id in jobs.values():
        Path(OUTPUT.replace("%j", str(job_id))).unlink(missing_ok=True)


def test_a_job_runs_to_its_end(lab: Lab, ended: dict[ApiVersion, int], version: ApiVersion) -> None:
    job_id = ended[version]
    lab.wait_for(lambda: states(lab, version, job_id) == ["FAILED"])
    output = Path(OUTPUT.replace("%j", str(job_id)))
    assert output.read_text() == f"hello {version} from {job_id} with 2 arguments: one two words\n"
    assert output.owner() == "alice"
    (job,) = lab.get(f"/slurm/{version}/job/{job_id}").json()["jobs"]
    assert job["exit_code"]["return_code"]["number"] == 3
    assert job["exit_code"]["status"] == ["ERROR"]
    assert job["user_name"] == "alice"
    # As it was given, or as it was worked out.
    assert job["standard_output"] in (OUTPUT, str(output))


def test_a_job_may_bring_its_script_itself(lab: Lab, submit: Submit, version: ApiVersion) -> None:
    body = {"job": description(script="#!/bin/sh\n# of the job\n")}
    told = lab.ask("POST", f"/slurm/{version}/job/submit", body=body).json()
    assert told["errors"] == []
    script = lab.run(f"scontrol write batch_script {told['job_id']} -")
    lab.cancel(told["job_id"])
    assert script.startswith("#!/bin/sh\n# of the job\n")


def test_the_script_beside_the_job_wins(lab: Lab, version: ApiVersion) -> None:
    body = {"script": "#!/bin/sh\n# beside\n", "job": description(script="#!/bin/sh\n# of it\n")}
    told = lab.ask("POST", f"/slurm/{version}/job/submit", body=body).json()
    script = lab.run(f"scontrol write batch_script {told['job_id']} -")
    lab.cancel(told["job_id"])
    assert "# beside" in script


def test_an_answer_names_the_job(lab: Lab, version: ApiVersion) -> None:
    body = {"script": SCRIPT, "job": description()}
    answer = lab.ask("POST", f"/slurm/{version}/job/submit", body=body)
    told = answer.json()
    lab.cancel(told["job_id"])
    held = "Job is in held state, pending scheduler release"
    first = f"Job submission resulted in non-zero return code: {held}"
    source = "slurm_submit_batch_job()"
    assert told["warnings"] == [
        {"description": first, "source": source},
        {"description": held, "source": source},
    ]
    given = {"job_id": told["job_id"], "step_id": "batch", "job_submit_user_msg": ""}
    payload = {
        key: value for key, value in told.items() if key not in ("meta", "errors", "warnings")
    }
    if version <= V41:
        assert payload.pop("result") == {**given, "error_code": 2042, "error": held}
    assert payload == given
    assert list(told)[-3:] == ["meta", "errors", "warnings"]


def test_an_array_is_submitted_and_one_task_cancelled(
    lab: Lab, submit: Submit, version: ApiVersion
) -> None:
    job_id = submit(version, {"array": "0-3%2"})
    answer = delete(lab, version, f"{job_id}_2")
    assert (answer.status, answer.json()["errors"]) == (200, [])
    left = lab.run(f"squeue -h -r -t PENDING -j {job_id} -o %K").split()
    assert sorted(left) == ["0", "1", "3"]
    (job,) = lab.get(f"/slurm/{version}/job/{job_id}").json()["jobs"]
    assert job["array_task_string"] == "0-1,3%2"


def test_a_heterogeneous_job_is_submitted_whole(lab: Lab, version: ApiVersion) -> None:
    jobs = [description(name="first", script=SCRIPT), description(name="second", tasks=2)]
    told = lab.ask("POST", f"/slurm/{version}/job/submit", body={"jobs": jobs}).json()
    assert told["errors"] == []
    job_id = told["job_id"]
    found = lab.get(f"/slurm/{version}/job/{job_id}").json()["jobs"]
    second = lab.get(f"/slurm/{version}/job/{job_id}%2B1").json()["jobs"]
    lab.cancel(job_id)
    assert [(job["name"], job["het_job_offset"]["number"]) for job in found] == [
        ("first", 0),
        ("second", 1),
    ]
    assert "second" in [job["name"] for job in second]


def test_an_environment_may_be_an_object(lab: Lab, version: ApiVersion) -> None:
    job = description(environment={"PATH": "/bin", "A": "1 2"})
    body = {"script": SCRIPT, "job": job}
    told = lab.ask("POST", f"/slurm/{version}/job/submit", body=body).json()
    found = environment(told["job_id"])
    lab.cancel(told["job_id"])
    assert found[:2] == ["PATH=/bin", "A=1 2"]
    assert "/job/environment/" in "".join(warning["source"] for warning in told["warnings"])


def environment(job_id: int) -> list[str]:
    """What the controller keeps as the environment of a pending job."""
    kept = Path(f"/var/lib/slurm/slurmctld/hash.{job_id % 10}/job.{job_id}/environment")
    return [text.decode() for text in kept.read_bytes()[4:].split(b"\0") if text]


def test_a_job_may_be_written_in_yaml(lab: Lab, version: ApiVersion) -> None:
    told = lab.ask(
        "POST",
        f"/slurm/{version}/job/submit",
        body=yaml.safe_dump({"script": SCRIPT, "job": description(name="yaml", tasks=2)}),
        headers={"Content-Type": "application/yaml"},
    ).json()
    assert told["errors"] == []
    found = [field(lab, told["job_id"], name) for name in ("JobName", "NumTasks")]
    lab.cancel(told["job_id"])
    assert found == ["yaml", "2"]


def update(lab: Lab, version: ApiVersion, job_id: int | str, **fields: Any) -> Any:
    how = {"user": fields.pop("user", "alice")}
    return lab.ask("POST", f"/slurm/{version}/job/{job_id}", body=fields, **how)


def test_a_pending_job_is_changed(lab: Lab, submit: Submit, version: ApiVersion) -> None:
    job_id = submit(version)
    limit = {"set": True, "infinite": False, "number": 90}
    answer = update(
        lab,
        version,
        job_id,
        time_limit=limit,
        comment="changed",
        name="other",
        nice=7,
        partition="real",
        minimum_nodes=2,
    )
    assert (answer.status, answer.json()["errors"]) == (200, [])
    names = ("TimeLimit", "Comment", "JobName", "Nice", "Partition", "NumNodes")
    assert [field(lab, job_id, name) for name in names] == [
        "01:30:00",
        "changed",
        "other",
        "7",
        "real",
        "2-2",
    ]
    told = answer.json()
    assert told["results"] == ([] if version == V40 else None)


def test_what_is_not_named_stays(lab: Lab, submit: Submit, version: ApiVersion) -> None:
    job_id = submit(version, {"comment": "kept", "nice": 5, "time_limit": 30})
    before = lab.run(f"scontrol show job {job_id}")
    answer = lab.ask("POST", f"/slurm/{version}/job/{job_id}", body={})
    assert answer.status == 200
    assert lab.run(f"scontrol show job {job_id}") == before


def test_a_job_is_released_and_held_again(lab: Lab, submit: Submit, version: ApiVersion) -> None:
    job_id = submit(version, {"begin_time": "2035-01-01T00:00:00"})
    assert field(lab, job_id, "Priority") == "0"
    assert update(lab, version, job_id, hold=False).status == 200
    assert field(lab, job_id, "Priority") != "0"
    assert update(lab, version, job_id, hold=True).status == 200
    assert (field(lab, job_id, "Priority"), field(lab, job_id, "Reason")) == ("0", "JobHeldUser")


def test_root_sets_a_priority_and_alice_may_not(
    lab: Lab, submit: Submit, version: ApiVersion
) -> None:
    job_id = submit(version, {"hold": False, "begin_time": "2035-01-01T00:00:00"})
    priority = {"set": True, "number": 4711}
    refused = update(lab, version, job_id, priority=priority)
    assert (refused.status, refused.json()["errors"][0]["error_number"]) == (422, 2002)
    assert update(lab, version, job_id, priority=priority, user="root").status == 200
    assert field(lab, job_id, "Priority") == "4711"


def test_an_array_is_changed_whole(lab: Lab, submit: Submit, version: ApiVersion) -> None:
    job_id = submit(version, {"array": "0-2"})
    assert update(lab, version, job_id, comment="all").status == 200
    assert lab.run(f"squeue -h -r -j {job_id} -o %k").split() == ["all"] * 3


def test_a_component_is_changed_alone(lab: Lab, version: ApiVersion) -> None:
    jobs = [description(script=SCRIPT), description()]
    job_id = lab.ask("POST", f"/slurm/{version}/job/submit", body={"jobs": jobs}).json()["job_id"]
    answer = update(lab, version, f"{job_id}%2B1", comment="second")
    found = lab.run(f"squeue -h -j {job_id} -o '%i %k'").split("\n")
    lab.cancel(job_id)
    assert answer.status == 200
    assert sorted(filter(None, found)) == [f"{job_id}+0 (null)", f"{job_id}+1 second"]


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"partition": "nowhere"}, 2000),
        ({"dependency": "afterok:4000000"}, 2038),
        ({"licenses": "nothing:1"}, 2048),
    ],
)
def test_a_change_that_slurm_refuses_changes_nothing(
    lab: Lab, submit: Submit, version: ApiVersion, fields: dict[str, Any], number: int
) -> None:
    job_id = submit(version)
    before = lab.run(f"scontrol show job {job_id}")
    answer = update(lab, version, job_id, **fields)
    (error,) = answer.json()["errors"]
    assert answer.status == 422
    assert error["error_number"] == number
    assert error["description"] == "Job update requested failed"
    assert error["source"] == "slurm_update_job2()"
    assert lab.run(f"scontrol show job {job_id}") == before


def test_jobs_of_others_are_not_changed(
    lab: Lab, held: Callable[..., int], version: ApiVersion
) -> None:
    job_id = held(user="bob")
    answer = update(lab, version, job_id, comment="mine")
    assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 2010)
    assert "mine" not in lab.run(f"scontrol show job {job_id}")


def test_jobs_that_are_not_there_are_not_changed(lab: Lab, version: ApiVersion) -> None:
    answer = update(lab, version, 4000000, comment="none")
    assert (answer.status, answer.json()["errors"][0]["error_number"]) == (404, 2017)


@pytest.fixture(scope="module")
def counting(lab: Lab) -> Iterator[tuple[int, Path]]:
    """A running job that notes each signal it gets."""
    output = Path("/tmp/pyslurmrestd-test-signals.out")
    output.unlink(missing_ok=True)
    script = Path("/tmp/pyslurmrestd-test-signals.sh")
    script.write_text(
        "#!/bin/bash\ntrap 'echo USR1' USR1\ntrap 'echo USR2' USR2\necho ready\n"
        "while :; do sleep 0.05; done\n"
    )
    script.chmod(0o755)
    job_id = lab.submit(f"-p real --output={output} {script}")
    lab.wait_for(lambda: output.exists() and "ready" in output.read_text())
    yield job_id, output
    lab.cancel(job_id)
    output.unlink()
    script.unlink()


@pytest.mark.parametrize("signal", ["USR1", "SIGUSR2", "12"])
def test_a_running_job_gets_the_signal_that_is_named(
    lab: Lab, counting: tuple[int, Path], version: ApiVersion, signal: str
) -> None:
    job_id, output = counting
    word, other = ("USR1", "USR2") if signal == "USR1" else ("USR2", "USR1")
    before = output.read_text()
    answer = delete(lab, version, job_id, f"?signal={signal}")
    assert (answer.status, answer.json()["errors"]) == (200, [])
    lab.wait_for(lambda: output.read_text().count(word) > before.count(word), 10)
    assert output.read_text().count(other) == before.count(other)
    assert states(lab, version, job_id) == ["RUNNING"]


def test_a_signal_that_is_none_is_refused_and_not_sent(
    lab: Lab, counting: tuple[int, Path], version: ApiVersion
) -> None:
    job_id, _ = counting
    answer = delete(lab, version, job_id, "?signal=NOSUCH")
    (error, *_) = answer.json()["errors"]
    assert answer.status >= 400
    assert error["source"] == "#/signal/"
    time.sleep(0.5)
    assert states(lab, version, job_id) == ["RUNNING"]


def test_jobs_of_others_are_not_signalled(
    lab: Lab, counting: tuple[int, Path], version: ApiVersion
) -> None:
    job_id, output = counting
    before = output.read_text()
    answer = delete(lab, version, job_id, "?signal=USR1", user="bob")
    told = answer.json()
    if version <= V41:
        assert answer.status == 422
        assert [error["error_number"] for error in told["errors"]] == [2002]
    else:
        (status,) = told["status"]
        assert (answer.status, status["error"]["code"]) == (200, 2002)
    time.sleep(0.3)
    assert output.read_text() == before


def test_a_job_is_cancelled(lab: Lab, submit: Submit, version: ApiVersion) -> None:
    job_id = submit(version, {"hold": False, "partition": "real"})
    answer = delete(lab, version, job_id)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    lab.wait_for(lambda: states(lab, version, job_id)[0] == "CANCELLED", 20)


def test_a_job_that_is_not_there_cannot_be_cancelled(lab: Lab, version: ApiVersion) -> None:
    answer = delete(lab, version, 4000000)
    told = answer.json()
    if version <= V41:
        assert answer.status == 404
        assert [error["error_number"] for error in told["errors"]] == [2017]
    else:
        (status,) = told["status"]
        assert (answer.status, status["error"]["code"]) == (200, 2017)
        assert status["step_id"] == "4000000"

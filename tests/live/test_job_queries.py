"""What queries of finished jobs find where slurmdbd alone would find others, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from finished_jobs import Finished, finish_jobs
from laboratory import Answer, Lab

from pyslurmrestd.data_parser.version import ApiVersion

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def finished(lab: Lab) -> Finished:
    return finish_jobs(lab)


@pytest.fixture
def ask(lab: Lab, finished: Finished, version: ApiVersion) -> Ask:
    """Asks for jobs since the first of those that were made, as root."""

    def ask(text: str) -> Answer:
        text = text.format(since=finished.since, until=finished.until, **finished.ids)
        pairs = (pair.partition("=") for pair in text.split("&"))
        query = "&".join(f"{key}{sign}{quote(value, safe='')}" for key, sign, value in pairs)
        url = f"/slurmdb/{version}/jobs/?start_time={finished.since}&{query}"
        return lab.get(url, user="root")

    return ask


ALL = {"steps", "array", "het", "failed", "signaled", "gpu", "requeued", "cancelled", "reserved"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("qos=high", {"steps"}),
        ("qos=HIGH", {"steps"}),
        ("qos=normal,high", ALL),
        ("qos=high&qos=normal", ALL),
        ("exit_code=3", {"failed", "array"}),
        ("exit_code=77", set()),
        ("exit_code=-1", set()),
        ("exit_code=256", set()),
        ("reservation=accounted", {"reserved"}),
        ("reservation=nosuch", set()),
        ("reservation=nosuch,accounted", {"reserved"}),
        ("reason=JobArrayTaskLimit", {"array"}),
        ("reason=jobarraytasklimit,Licenses", {"array"}),
        ("cpus_max=1&job_name=steps,failed", {"failed"}),
        ("nodes_max=2&job_name=steps,failed", {"failed"}),
        ("timelimit_max=10", {"steps"}),
        ("users=alice,bob&job_name=failed", {"failed"}),
        ("users=bob,root&job_name=failed", set()),
        ("groups=alice,bob&job_name=failed", {"failed"}),
        ("groups=alice&groups=root&job_name=failed", {"failed"}),
        ("groups=bob", set()),
        (
            "state=failed,cancelled&end_time={until}&job_name=failed,cancelled",
            {"failed", "cancelled"},
        ),
        ("step={steps},{failed}", {"steps", "failed"}),
        ("step={steps}.0,{array}_1", {"steps", "array"}),
        ("cluster=lab,other&job_name=failed", {"failed"}),
    ],
)
def test_a_query_finds_what_it_says(ask: Ask, text: str, kinds: set[str]) -> None:
    answer = ask(text)
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    # A job of another test may have ended within the same second.
    assert {job["name"] for job in told["jobs"]} & ALL == kinds
    nothing = "slurmdb_jobs_get() found nothing"
    warned = nothing in [warning["description"] for warning in told["warnings"]]
    assert warned == (not told["jobs"])


@pytest.mark.parametrize(
    ("text", "number", "place"),
    [
        ("qos=nosuch", 2066, "#/qos[0]/"),
        ("qos=high,nosuch", 2066, "#/qos[1]/"),
        ("association=abc", 9202, "#/association[0]/"),
        ("association=1,-1", 9202, "#/association[1]/"),
        ("reservation_id=abc", 9202, "#/reservation_id[0]/"),
        ("reservation_id=4294967296", 9202, "#/reservation_id[0]/"),
        ("reason=NoReason", 9202, "#/reason[0]/"),
        ("node=c[2-", 9202, "#/node/"),
        ("node=c[1-99999999]", 9202, "#/node/"),
        ("node=c1&cluster=lab,other", 9216, "#/node/"),
        ("show_batch_script", 9216, "#/show_batch_script/"),
        ("show_job_environment", 9216, "#/show_job_environment/"),
        ("show_batch_script&show_job_environment&step=1", 9216, "#/show_job_environment/"),
        ("users=alice,nosuch", 2166, "#/users[1]/"),
        ("groups=nosuch", 2164, "#/groups[0]/"),
        ("state=FAILED,BOGUS", 9207, "#/state[1][0]/"),
    ],
)
def test_what_finds_nothing_for_sure_is_refused(
    ask: Ask, text: str, number: int, place: str
) -> None:
    answer = ask(text)
    assert answer.status == 422
    errors = [(error["error_number"], error["source"]) for error in answer.json()["errors"]]
    assert (number, place) in errors


def test_script_and_environment_are_told_of_a_step(ask: Ask, finished: Finished) -> None:
    (job,) = ask("step={steps}&show_batch_script").json()["jobs"]
    assert job["script"].startswith("#!/bin/sh")
    (job,) = ask("step={steps}&skip_steps").json()["jobs"]
    assert (job["script"], job["steps"]) == ("", [])


def test_yaml_and_json_tell_the_same_jobs(
    lab: Lab, finished: Finished, version: ApiVersion
) -> None:
    url = f"/slurmdb/{version}/job/{finished.ids['steps']}"
    told = lab.get(url, headers={"Accept": "application/yaml"}).body
    assert told.startswith(b"%YAML 1.1")
    names: list[Any] = [job["name"] for job in lab.get(url).json()["jobs"]]
    assert names == ["steps"]
    assert b"!!str name: !!str steps" in told

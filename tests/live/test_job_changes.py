"""Finished jobs changed in the real database: what is stored, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from laboratory import Answer, Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V44, V45

Change = Callable[..., Answer]

changing = pytest.mark.parametrize("version", [V44, V45], ids=str)


@pytest.fixture(scope="module")
def jobs(lab: Lab) -> list[int]:
    """Ids of three finished jobs of alice, the last an array of two tasks."""
    ids = [lab.submit(f"-p real -o /dev/null {array} --wrap true") for array in ("", "", "-a 0-1")]
    ended = f"sacct -n -X -P -o state -j {','.join(map(str, ids))}"
    lab.wait_for(lambda: lab.run(ended).split() == ["COMPLETED"] * 4)
    return ids


@pytest.fixture
def change(lab: Lab) -> Change:
    """Changes one job (an id, or part of one) or a list of them, as root unless told otherwise."""

    def change(
        job: int | str | list[int], values: Any, *, user: str = "root", version: ApiVersion = V45
    ) -> Answer:
        url = f"/slurmdb/{version}/job"
        if isinstance(job, list):
            body = {"job_id_list": [str(number) for number in job], "job_rec": values}
            return lab.ask("POST", f"{url}s/", body=body, user=user)
        return lab.ask("POST", f"{url}/{job}", body=values, user=user)

    return change


SHOWN = "jobid,derivedexitcode,comment,admincomment,systemcomment,extra,wckey,alloctres"


def stored(lab: Lab, *jobs: int) -> list[str]:
    """The jobs as sacct shows them."""
    ids = ",".join(map(str, jobs))
    return lab.run(f"sacct -n -X -P -o {SHOWN} -j {ids}").splitlines()


def told(lab: Lab, job: int) -> dict[str, Any]:
    (found,) = lab.get(f"/slurmdb/v0.0.45/job/{job}", user="root").json()["jobs"]
    return dict(found)


@changing
def test_each_value_is_stored_and_the_others_stay(
    lab: Lab, change: Change, jobs: list[int], version: ApiVersion
) -> None:
    job = jobs[0]
    code = {"status": ["ERROR"], "return_code": {"set": True, "infinite": False, "number": 3}}
    for values, shown in (
        ({"comment": {"job": "it's \\ é"}}, ("comment", "job", "it's \\ é")),
        ({"comment": {"administrator": "adm"}}, ("comment", "administrator", "adm")),
        ({"comment": {"system": "sys"}}, ("comment", "system", "sys")),
        ({"extra": "more"}, ("extra", "more")),
        ({"wckey": "analysis"}, ("wckey", "wckey", "analysis")),
        ({"derived_exit_code": code}, ("derived_exit_code", "return_code", "number", 3)),
        ({"tres": {"allocated": [{"type": "cpu", "count": 7}]}}, ()),
    ):
        before = told(lab, job)
        answer = change(job, values, version=version)
        assert (answer.status, answer.json()["errors"]) == (200, []), answer.json()
        assert answer.json()["results"][0].startswith(f"{job} submitted at")
        after = told(lab, job)
        if shown:
            *path, wanted = shown
            value = after
            for key in path:
                value = value[key]
            assert value == wanted
        else:
            counts = {tres["type"]: tres["count"] for tres in after["tres"]["allocated"]}
            assert counts["cpu"] == 7
            assert counts["node"] == 1
        changed = {key for key in after if after[key] != before[key]}
        assert changed <= set(values)


def test_what_was_read_can_be_written(lab: Lab, change: Change, jobs: list[int]) -> None:
    before = told(lab, jobs[1])
    keys = ("comment", "derived_exit_code", "extra")
    assert change(jobs[1], {key: before[key] for key in keys}).status == 200
    after = told(lab, jobs[1])
    assert {key: after[key] for key in keys} == {key: before[key] for key in keys}


@changing
def test_several_jobs_and_all_tasks_of_an_array_are_changed(
    lab: Lab, change: Change, jobs: list[int], version: ApiVersion
) -> None:
    answer = change([jobs[0], jobs[2]], {"extra": str(version)}, version=version)
    assert (answer.status, len(answer.json()["results"])) == (200, 3)
    extras = [line.split("|")[5] for line in stored(lab, jobs[0], jobs[2])]
    assert extras == [str(version)] * 3
    assert change(f"{jobs[2]}_1", {"extra": "task"}, version=version).status == 200
    extras = [line.split("|")[5] for line in stored(lab, jobs[2])]
    assert sorted(extras) == ["task", str(version)]


def test_owners_change_what_is_theirs(lab: Lab, change: Change, jobs: list[int]) -> None:
    assert change(jobs[0], {"comment": {"job": "alice's"}}, user="alice").status == 200
    assert "|alice's|" in stored(lab, jobs[0])[0]


@pytest.mark.parametrize(
    ("user", "values"),
    [
        ("alice", {"comment": {"administrator": "a"}}),
        ("alice", {"comment": {"system": "a"}}),
        ("bob", {"comment": {"job": "b"}}),
        ("restd", {"extra": "r"}),
    ],
)
def test_others_are_refused(
    lab: Lab, change: Change, jobs: list[int], user: str, values: dict[str, Any]
) -> None:
    before = stored(lab, *jobs)
    for job in (jobs[0], jobs):
        answer = change(job, values, user=user)
        assert answer.status == 422
        assert [error["error_number"] for error in answer.json()["errors"]] == [2002]
    assert stored(lab, *jobs) == before


def test_one_that_may_not_be_changed_takes_all_back(
    lab: Lab, change: Change, jobs: list[int]
) -> None:
    others = lab.submit("-p real -o /dev/null --wrap true", user="bob")
    lab.wait_for(lambda: "COMPLETED" in lab.run(f"sacct -n -X -o state -j {others}"))
    before = stored(lab, jobs[0], others)
    answer = change([jobs[0], others], {"extra": "both"}, user="alice")
    assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 2002)
    assert stored(lab, jobs[0], others) == before


def test_an_unknown_job_among_others_leaves_all_as_they_are(
    lab: Lab, change: Change, jobs: list[int]
) -> None:
    before = stored(lab, *jobs)
    answer = change([*jobs, 66000000], {"extra": "most"})
    assert answer.status == 404
    (error,) = answer.json()["errors"]
    assert (error["error_number"], error["description"]) == (2017, "Unknown jobs: 66000000")
    assert stored(lab, *jobs) == before


def test_nothing_to_change_is_no_change(change: Change, jobs: list[int]) -> None:
    for job, values in (
        (66000000, {"extra": "x"}),
        ([66000000], {"extra": "x"}),
        (jobs[0], {}),
        (jobs[0], {"extra": None}),
        ([jobs[0]], {}),
    ):
        answer = change(job, values)
        assert (answer.status, answer.body) == (304, b"")


@changing
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"job_id_list": []},
        {"job_rec": {"extra": "all"}},
        {"job_id_list": [], "job_rec": {"extra": "all"}},
        {"job_id_list": ["1"]},
        {"job_id_list": None, "job_rec": {"extra": "all"}},
    ],
    ids=str,
)
def test_a_body_that_lacks_jobs_or_values_is_refused(
    lab: Lab, jobs: list[int], version: ApiVersion, body: Any
) -> None:
    before = stored(lab, *jobs)
    answer = lab.ask("POST", f"/slurmdb/{version}/jobs/", body=body, user="root")
    assert answer.status == 422
    assert answer.json()["errors"]
    assert stored(lab, *jobs) == before


@pytest.mark.parametrize(
    ("values", "number", "place"),
    [
        ({"tres": {"allocated": [{"type": "bogus", "count": 7}]}}, 2115, "#/tres/allocated[0]/"),
        ({"tres": {"allocated": [{"type": "cpu", "count": -5}]}}, 9202, "count"),
        ({"tres": {"allocated": "cpu=4"}}, 9208, "#/tres/allocated/"),
        ({"extra": ["list"]}, 9202, "#/extra/"),
        ({"extra": {"key": "value"}}, 9202, "#/extra/"),
        ({"derived_exit_code": "ERROR"}, 9202, "#/derived_exit_code/"),
        ({"derived_exit_code": 65536}, 9202, "#/derived_exit_code/"),
        ({"derived_exit_code": {"return_code": {"number": 256}}}, 9202, "return_code"),
        ({"derived_exit_code": {"status": ["WHATEVER"]}}, 9207, "status"),
        ([], 9209, "#/"),
    ],
    ids=str,
)
def test_bad_values_are_told_and_change_nothing(
    lab: Lab, change: Change, jobs: list[int], values: Any, number: int, place: str
) -> None:
    before = stored(lab, jobs[0])
    answer = change(jobs[0], values)
    assert answer.status == 422
    error = answer.json()["errors"][0]
    assert error["error_number"] == number
    assert place in error["source"]
    assert stored(lab, jobs[0]) == before


def test_a_step_is_not_changed_alone(lab: Lab, change: Change, jobs: list[int]) -> None:
    answer = change(f"{jobs[0]}.batch", {"extra": "of all"})
    assert answer.status == 200
    assert "step information ignored" in answer.json()["warnings"][0]["description"]
    assert "|of all|" in stored(lab, jobs[0])[0]

"""Finished jobs held against the real daemons on the same database, in every version."""

from __future__ import annotations

import json
import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from comparison import SERVED, differences
from finished_jobs import KINDS, Finished, finish_jobs
from laboratory import Lab
from told_otherwise import accounted_jobs

every_version = pytest.mark.parametrize("version", SERVED)


@pytest.fixture(scope="module")
def finished(lab: Lab) -> Finished:
    return finish_jobs(lab)


def answers(lab: Lab, version: str, path: str, user: str = "root") -> tuple[Any, Any]:
    """Ours and the real daemon's, as far as they are to be the same."""
    url = f"/slurmdb/{version}/{path}"
    ours = lab.get(url, user=user)
    theirs = lab.get(url, user=user, url=lab.reference[SERVED[version]])
    assert ours.status == theirs.status
    told = json.loads(re.sub(rb"_get\(0x[0-9a-f]+\)", b"_get()", theirs.body))
    for job in told["jobs"]:
        # 24.11 loses the slash before a file without a directory.
        name = job.get("stdout_expanded", "")
        if version == "v0.0.41" and re.fullmatch(r"/tmpslurm-\d+\.out", name):
            job["stdout_expanded"] = name.replace("/tmpslurm", "/tmp/slurm")
    return accounted_jobs(ours.json(), told, SERVED[version])


def query(text: str, finished: Finished) -> str:
    """A query with ids and times filled in, its values quoted."""
    filled = text.format(since=finished.since, until=finished.until, **finished.ids)
    pairs = (pair.partition("=") for pair in filled.split("&"))
    return "&".join(f"{key}{sign}{quote(value, safe='')}" for key, sign, value in pairs)


@every_version
@pytest.mark.parametrize("kind", [*KINDS, "reserved"])
def test_a_job_is_told_as_by_the_real_daemon(
    lab: Lab, version: str, kind: str, finished: Finished
) -> None:
    ours, theirs = answers(lab, version, f"job/{finished.ids[kind]}")
    assert ours["jobs"]
    assert list(differences(ours, theirs)) == []


@every_version
@pytest.mark.parametrize(
    "part", ["{array}_2", "{het}%2B1", "{steps}.batch", "{steps}.0", "66000000"]
)
def test_what_a_path_selects_is_the_same(
    lab: Lab, version: str, part: str, finished: Finished
) -> None:
    ours, theirs = answers(lab, version, "job/" + part.format(**finished.ids))
    assert list(differences(ours, theirs)) == []


SINCE = "start_time={since}"
QUERIES = {
    # text: kinds of jobs that it finds, each once for a run or a task
    SINCE: None,
    f"{SINCE}&end_time={{until}}": None,
    f"{SINCE}&skip_steps": None,
    f"{SINCE}&skip_steps=false": None,
    f"{SINCE}&show_duplicates": None,
    f"{SINCE}&disable_truncate_usage_time": None,
    f"{SINCE}&end_time={{until}}&state=FAILED": {"array", "failed", "signaled"},
    f"{SINCE}&end_time={{until}}&state=FAILED&state=CANCELLED": {
        "array",
        "failed",
        "signaled",
        "cancelled",
        "never",
    },
    f"{SINCE}&end_time={{until}}&state=pending": None,
    f"{SINCE}&state=RUNNING": None,
    f"{SINCE}&users=alice": None,
    f"{SINCE}&users=bob": set(),
    f"{SINCE}&users=alice&users=bob": None,
    f"{SINCE}&account=sci": None,
    f"{SINCE}&account=nosuch": set(),
    f"{SINCE}&association=1": set(),
    f"{SINCE}&cluster=nosuch": set(),
    f"{SINCE}&constraints=real": {"steps"},
    f"{SINCE}&job_name=steps": {"steps"},
    f"{SINCE}&job_name=steps,failed": {"steps", "failed"},
    f"{SINCE}&job_name=steps&job_name=failed": {"steps", "failed"},
    f"{SINCE}&partition=real&job_name=failed": {"failed"},
    f"{SINCE}&partition=debug&job_name=failed": set(),
    f"{SINCE}&node=c4&job_name=steps": {"steps"},
    f"{SINCE}&node=c1&job_name=steps": set(),
    f"{SINCE}&wckey=analysis": {"steps"},
    f"{SINCE}&cpus_min=3&cpus_max=4&job_name=steps,failed": {"steps"},
    f"{SINCE}&nodes_min=3": {"steps"},
    f"{SINCE}&timelimit_min=10&timelimit_max=11": {"steps"},
    f"{SINCE}&groups=1001": None,
    f"{SINCE}&scheduled_by_main": None,
    f"{SINCE}&scheduled_on_submit&scheduled_by_backfill": None,
    f"{SINCE}&job_started": None,
    f"{SINCE}&bogus=1": None,
    "submit_time={since}": None,
    "usage_time_as_submit_time&step={never}": {"never"},
    "step={steps}": {"steps"},
    "step={steps}.0&skip_steps": {"steps"},
    "step={steps}&step={failed}": {"steps", "failed"},
    "step={array}_1": {"array"},
    "step={het}": {"het"},
    "step={het}+1&whole_hetjob": {"het"},
    "step={het}&disable_whole_hetjob": {"het"},
    "step={requeued}": {"requeued"},
    "step={steps}&show_batch_script": {"steps"},
    "step={steps}&show_job_environment": {"steps"},
    "step=66000000": set(),
    "start_time=tomorrow": set(),
    "start_time=now": None,
    "start_time=now-1hour": None,
    "start_time=2031-01-31T12:30:05": set(),
    "start_time=01/31/31": set(),
    "end_time=2001-01-01": set(),
}


@every_version
@pytest.mark.parametrize("text", QUERIES)
def test_a_query_finds_what_the_real_daemon_finds(
    lab: Lab, version: str, text: str, finished: Finished
) -> None:
    asked = query(text, finished)
    if version in ("v0.0.40", "v0.0.41"):
        # 24.11 takes no number for a time.
        theirs_asked = asked
        for moment in (finished.since, finished.until):
            date = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(moment))
            theirs_asked = theirs_asked.replace(f"_time={moment}", f"_time={quote(date)}")
        ours = lab.get(f"/slurmdb/{version}/jobs/?{asked}", user="root").json()
        _, theirs = answers(lab, version, f"jobs/?{theirs_asked}")
    else:
        ours, theirs = answers(lab, version, f"jobs/?{asked}")
    assert list(differences(ours, theirs)) == []
    kinds = QUERIES[text]
    if kinds is not None:
        first = min(finished.ids.values())  # jobs of other tests may have ended since
        assert {job["name"] for job in ours["jobs"] if job["job_id"] >= first} == kinds


@every_version
def test_without_a_query_the_jobs_of_today_are_told(
    lab: Lab, version: str, finished: Finished
) -> None:
    ours, theirs = answers(lab, version, "jobs/")
    assert list(differences(ours, theirs)) == []
    assert finished.ids["steps"] in {job["job_id"] for job in ours["jobs"]}


REFUSED = (
    "users=nosuch",
    "start_time=x",
    "start_time=",
    "exit_code=abc",
    "cpus_min=abc",
    "cpus_min=infinite",
    "step=",
    "step=abc",
)


@pytest.mark.parametrize("version", ["v0.0.42", "v0.0.45"])
@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_understood_is_told_alike(lab: Lab, version: str, text: str) -> None:
    url = f"/slurmdb/{version}/jobs/?{text}"
    ours = lab.get(url, user="root")
    theirs = lab.get(url, user="root", url=lab.reference[SERVED[version]])
    assert (ours.status, theirs.status) == (422, 422)
    for key in ("errors", "warnings"):
        assert ours.json()[key] == theirs.json()[key]


@every_version
def test_a_path_that_names_no_job_is_refused_alike(lab: Lab, version: str) -> None:
    url = f"/slurmdb/{version}/job/abc"
    ours = lab.get(url, user="root")
    theirs = lab.get(url, user="root", url=lab.reference[SERVED[version]])
    assert (ours.status, theirs.status) == (422, 422)
    assert ours.json()["errors"] == theirs.json()["errors"]


def test_other_users_see_the_same(lab: Lab, finished: Finished) -> None:
    for user in ("alice", "bob", "restd"):
        ours, theirs = answers(lab, "v0.0.45", f"job/{finished.ids['steps']}", user)
        assert list(differences(ours, theirs)) == []
        asked = query("step={steps}&show_batch_script", finished)
        ours, theirs = answers(lab, "v0.0.45", f"jobs/?{asked}", user)
        assert list(differences(ours, theirs)) == []

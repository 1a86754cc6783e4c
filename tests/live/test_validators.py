"""Lists that a client has already: asked for again with their ETag, 304 until they change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from laboratory import Answer, Lab

LISTS = ("jobs/", "nodes/", "partitions/", "reservations/", "partition/debug")
VERSIONS = ("v0.0.40", "v0.0.45")


def again(lab: Lab, path: str, tag: str, **how: Any) -> Answer:
    return lab.get(path, headers={"If-None-Match": tag, **how.pop("headers", {})}, **how)


def settled(lab: Lab, path: str) -> str:
    """The tag of an answer that holds: what changed within its second counts as news."""

    def held() -> str | None:
        tag = lab.get(path).headers["ETag"]
        return tag if again(lab, path, tag).status == 304 else None

    return lab.wait_for(held) or ""


@pytest.fixture
def reservation(lab: Lab) -> Iterator[str]:
    lab.delete_reservations("etag")
    lab.run(
        "scontrol create reservation reservationname=etag users=alice nodes=c1 start=now+1day"
        " duration=60"
    )
    yield "etag"
    lab.delete_reservations("etag")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", LISTS)
def test_what_has_not_changed_is_304(lab: Lab, reservation: str, version: str, name: str) -> None:
    path = f"/slurm/{version}/{name}"
    tag = settled(lab, path)
    answer = again(lab, path, f'"other", {tag}')
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
    assert lab.ask("HEAD", path, headers={"If-None-Match": tag}).status == 304


def test_a_tag_is_of_one_request_alone(lab: Lab, reservation: str) -> None:
    path = "/slurm/v0.0.45/partitions/"
    tag = settled(lab, path)
    for other in (
        again(lab, path, tag, user="bob"),
        again(lab, path, tag, user="root"),
        again(lab, path + "?flags=ALL", tag),
        again(lab, path, tag, headers={"Accept": "application/yaml"}),
        again(lab, "/slurm/v0.0.44/partitions/", tag),
        again(lab, "/slurm/v0.0.45/nodes/", tag),
        again(lab, path, '"x"'),
        again(lab, path, "*"),
        again(lab, path, tag.replace("-", "-0")),
    ):
        assert (other.status, bool(other.body)) == (200, True)


def test_what_has_changed_is_told_in_full(lab: Lab, reservation: str) -> None:
    path = "/slurm/v0.0.45/reservations/"
    tag = settled(lab, path)
    lab.run("scontrol update reservationname=etag duration=90")
    answer = again(lab, path, tag)
    assert answer.status == 200
    (told,) = [entry for entry in answer.json()["reservations"] if entry["name"] == "etag"]
    assert told["end_time"]["number"] - told["start_time"]["number"] == 90 * 60


def test_a_job_that_is_submitted_is_news(lab: Lab) -> None:
    path = "/slurm/v0.0.45/jobs/"
    tag = settled(lab, path)
    job = lab.submit("--hold --wrap true")
    try:
        answer = again(lab, path, tag)
        assert answer.status == 200
        assert job in [entry["job_id"] for entry in answer.json()["jobs"]]
        # The client's own update_time is answered as ever.
        mine = again(lab, f"{path}?update_time=1", tag)
        assert mine.status == 200
    finally:
        lab.cancel(job)


def test_a_partition_that_changes_changes_its_nodes(lab: Lab) -> None:
    path = "/slurm/v0.0.45/nodes/"
    tag = settled(lab, path)
    lab.run("scontrol create partitionname=etag_p nodes=c2")
    try:
        answer = again(lab, path, tag)
        assert answer.status == 200
        told = {entry["name"]: entry["partitions"] for entry in answer.json()["nodes"]}
        assert "etag_p" in told["c2"]
    finally:
        lab.delete_partitions("etag_p")


def test_whose_token_is_refused_is_told_so(lab: Lab) -> None:
    path = "/slurm/v0.0.45/partitions/"
    tag = settled(lab, path)
    token = lab.token("alice")
    headers = {"X-SLURM-USER-TOKEN": token[:-8] + "AAAAAAAA"}
    answer = again(lab, path, tag, headers=headers)
    assert answer.status == 511


@pytest.mark.parametrize("path", ["ping/", "diag/", "jobs/state/"])
def test_what_nobody_keeps_the_time_of_has_no_tag(lab: Lab, path: str) -> None:
    assert "ETag" not in lab.get(f"/slurm/v0.0.45/{path}").headers

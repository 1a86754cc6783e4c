"""Writes whose answer is lost between the daemon and Slurm: told so, and never done twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from faulty_link import FaultyLink, Where, faulty_link, is_commit
from job_bodies import SCRIPT, description
from laboratory import Answer, Lab
from rest_daemon import Daemon, StartDaemon, own_conf
from submissions import UNKNOWN

NAME = f"lost-{time.time_ns()}"
JOBS = "/slurm/v0.0.45/jobs/"
SUBMIT = "/slurm/v0.0.45/job/submit"
ACCOUNTS = "/slurmdb/v0.0.45/accounts/"


class Linked(NamedTuple):
    """A daemon, and the link over which it reaches Slurm."""

    daemon: Daemon
    link: FaultyLink


@pytest.fixture(scope="module")
def running(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory, keep_daemon: StartDaemon
) -> Iterator[Linked]:
    directory = tmp_path_factory.mktemp("conf")
    for above in directory.parents[:2]:
        above.chmod(0o755)
    conf = own_conf(directory)
    with faulty_link(conf, "slurmctld") as link:
        yield Linked(keep_daemon("-f", str(conf), "127.0.0.1:0", PYSLURMRESTD_WORKERS="1"), link)
    lab.run(f"squeue -h -o '%i %j' | awk '/{NAME}/ {{print $1}}' | xargs -r scancel", check=False)


@pytest.fixture
def linked(running: Linked) -> Iterator[Linked]:
    """Nothing fails, before and after a test."""
    running.link.fail("never")
    yield running
    running.link.fail("never")


def told(answer: Answer) -> tuple[int, bool]:
    """The status, and whether the client is told that nobody knows."""
    errors = answer.json()["errors"]
    return answer.status, any(UNKNOWN in error["description"] for error in errors)


def named(lab: Lab, name: str) -> int:
    """How many jobs of a name there are."""
    return len(lab.run(f"squeue -h -o %i --name={name}").split())


@pytest.mark.parametrize(("where", "made"), [("request", 0), ("answer", 1)])
@pytest.mark.parametrize("het", [False, True])
def test_a_submission(lab: Lab, linked: Linked, where: Where, made: int, het: bool) -> None:
    name = f"{NAME}-{where}-{het}"
    job = description(name=name)
    body = {"script": SCRIPT, **({"jobs": [job, job]} if het else {"job": job})}
    linked.link.fail(where)
    answer = lab.ask("POST", SUBMIT, url=linked.daemon.url, body=body)
    assert told(answer) == (502, True), answer.json()
    assert named(lab, name) == made * (1 + het)
    linked.link.fail("never")
    assert lab.ask("POST", SUBMIT, url=linked.daemon.url, body=body).status == 200


CHANGES: dict[str, tuple[str, str, Any]] = {
    "update": ("POST", "job/{job}", {"comment": NAME}),
    "cancel": ("DELETE", "job/{job}", None),
    "cancel several": ("DELETE", "jobs/", {"jobs": ["{job}"]}),
    "requeue": ("GET", "job/{job}/requeue", None),
    "allocate": ("POST", "job/allocate", {"job": description(name=NAME)}),
    "node": ("POST", "node/c1", {"comment": "lost"}),
    "partition": ("POST", "partitions/", {"partitions": [{"name": "lost", "node_sets": ""}]}),
    "reservation": ("DELETE", "reservation/lost", None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_of_all_kinds(lab: Lab, linked: Linked, change: str) -> None:
    method, path, body = CHANGES[change]
    job = str(lab.submit(f"--hold -J {NAME} --wrap true"))
    if body is not None and "jobs" in body:
        body = {"jobs": [job]}
    # Some look first what there is, so only what is to be changed may be lost.
    seen: list[bytes] = []

    def last(message: bytes) -> bool:
        seen.append(message)
        return len(seen) > (change in ("partition",))

    linked.link.fail("request", last)
    url = f"/slurm/v0.0.45/{path.format(job=job)}"
    answer = lab.ask(method, url, url=linked.daemon.url, user="root", body=body)
    assert told(answer) == (502, True), answer.json()
    assert lab.job_state(int(job)) == "PENDING"


def test_a_read_changes_nothing_so_it_is_asked_again(lab: Lab, linked: Linked) -> None:
    asked: list[bytes] = []

    def first(message: bytes) -> bool:
        asked.append(message)
        return len(asked) == 1

    linked.link.fail("answer", first)
    assert lab.get(JOBS, url=linked.daemon.url).status == 200
    linked.link.fail("answer")
    assert told(lab.get(JOBS, url=linked.daemon.url)) == (502, False)


@pytest.mark.parametrize(
    ("where", "commits", "unknown", "stored"),
    [
        ("request", False, False, False),
        ("answer", False, False, False),
        ("request", True, True, False),
        ("answer", True, True, True),
    ],
)
def test_accounting(
    lab: Lab,
    conf: Path,
    start_daemon: StartDaemon,
    where: Where,
    commits: bool,
    unknown: bool,
    stored: bool,
) -> None:
    """What is lost before it is committed is rolled back, and nobody has to wonder."""
    names = ("lost1", "lost2")
    body = {"accounts": [{"name": name, "description": "x", "organization": "y"} for name in names]}
    written: list[bytes] = []

    def which(message: bytes) -> bool:
        written.append(message)
        return is_commit(message) if commits else b"lost1\0" in message

    try:
        with faulty_link(conf, "slurmdbd") as link:
            daemon = start_daemon("-f", str(conf), "127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
            link.fail(where, which)
            answer = lab.ask("POST", ACCOUNTS, url=daemon.url, user="root", body=body)
            assert link.met.is_set(), written
            assert told(answer) == (502, unknown), answer.json()
            link.fail("never")
            lab.wait_for(lambda: lab.get(ACCOUNTS, url=daemon.url).status == 200)
        found = lab.run("sacctmgr -nP show account format=account").split()
        assert set(names) & set(found) == (set(names) if stored else set())
    finally:
        lab.run(f"sacctmgr -i delete account {','.join(names)}", check=False)

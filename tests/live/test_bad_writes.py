"""What writing operations refuse, for all of them: wrong types in each field, bodies that are none,
callers who may not, names that nothing has. The cluster is the same before and after."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from job_bodies import SCRIPT, description
from laboratory import Answer, Lab
from written_fields import Write, changes, fields, writes

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import VERSIONS

WRITES = list(writes())
each_write = pytest.mark.parametrize("write", WRITES, ids=str)

PASSING = re.compile(
    r"\b(RunTime|LastSchedEval|LastBusyTime|CPULoad|FreeMem|AccrueTime|EligibleTime|SchedNodeList"
    r"|StartTime|EndTime)=\S+"
)
"""What scontrol prints that moves by itself."""

ENDED = re.compile(r"JobState=(COMPLETED|CANCELLED|FAILED|TIMEOUT|COMPLETING)")
"""Jobs that Slurm forgets after a while."""


@pytest.fixture(scope="module", autouse=True)
def there(lab: Lab) -> Iterator[Mapping[str, str]]:
    """What parameters of paths stand for; all that Slurm knows is the same afterwards."""

    def known() -> dict[str, list[str]]:
        shown = {
            what: lab.run(f"scontrol --oneliner --all show {what}")
            for what in ("job", "node", "partition", "reservation")
        }
        return {
            what: sorted(
                line for line in PASSING.sub("", text).splitlines() if not ENDED.search(line)
            )
            for what, text in shown.items()
        }

    job_id = lab.submit("--hold --output=/dev/null --comment=kept --wrap true")
    lab.delete_reservations("kept")
    lab.run(
        "scontrol create reservation ReservationName=kept Users=alice StartTime=now+1day"
        " Duration=60 Nodes=c4"
    )
    before = known()
    yield {
        "job_id": str(job_id),
        "node_name": "c4",
        "partition_name": "real",
        "reservation_name": "kept",
    }
    after = known()
    lab.cancel(job_id)
    lab.delete_reservations("kept")
    assert after == before


def url(write: Write, there: Mapping[str, str]) -> str:
    return write.url.format(**there)


IGNORED = ("crontab", "reason_uid")
"""Keys that are not looked at, see docs/deviations.md; a warning says that of the first."""


@each_write
def test_no_field_takes_a_list_of_lists_of_objects(
    lab: Lab, there: Mapping[str, str], write: Write
) -> None:
    wrong = []
    asked = 0
    with lab.kept("root") as connection:
        for field in fields(write.body):
            if field.place[-1] in IGNORED:
                continue
            asked += 1
            answer = connection.ask(write.method, url(write, there), field.body([[{}]]))
            first = answer.json()["errors"][0]
            place = str(field).removesuffix("/")
            told = first["source"].startswith(place) and first["description"]
            if answer.status not in (400, 422) or not first["error_number"] or not told:
                wrong.append((str(field), answer.status, answer.json()["errors"]))
    assert asked
    assert wrong == []


NOTHING_TO_DO = {
    # (method, what follows the version): no key is a change of nothing
    ("POST", "job/{job_id}"),
    ("POST", "node/{node_name}"),
}

NO_OBJECTS = ([], [1], [[]], "text", 5, True)


@each_write
def test_a_body_that_says_nothing(lab: Lab, there: Mapping[str, str], write: Write) -> None:
    nothing = (write.method, write.url.split("/", 3)[3]) in NOTHING_TO_DO
    with lab.kept("root") as connection:
        for body in (None, {}, {"nosuch": 1}, {"nosuch": {"a": [1]}}):
            answer = connection.ask(write.method, url(write, there), body)
            if nothing:
                assert (answer.status, answer.json()["errors"]) == (200, []), body
            else:
                refused(answer)
        for other in NO_OBJECTS:
            refused(connection.ask(write.method, url(write, there), other))


def refused(answer: Answer) -> list[int]:
    """The numbers of the errors, each of which is told in full."""
    errors = answer.json()["errors"]
    assert 400 <= answer.status < 500, answer.body
    for error in errors:
        assert error["error_number"], error
        assert error["error"], error
        assert error["description"], error
        assert "source" in error, error
    assert errors
    return [error["error_number"] for error in errors]


RESERVATION = {
    "name": "kept",
    "comment": "changed",
    "users": ["bob"],
    "start_time": 2_000_000_000,
    "duration": 60,
    "node_list": ["c4"],
}

FORBIDDEN: dict[tuple[str, str], Any] = {
    ("DELETE", "jobs/"): {"jobs": ["{job_id}"]},
    ("POST", "job/{job_id}"): {"comment": "changed"},
    ("DELETE", "job/{job_id}"): None,
    ("POST", "jobs/requeue"): {"jobs": ["{job_id}"]},
    ("GET", "job/{job_id}/requeue"): None,
    ("GET", "reconfigure/"): None,
    ("POST", "nodes/"): {"name": ["{node_name}"], "state": ["DRAIN"], "reason": "x"},
    ("POST", "node/{node_name}"): {"state": ["DRAIN"], "reason": "x"},
    ("DELETE", "node/{node_name}"): None,
    ("POST", "new/node/"): {"node_conf": "NodeName=made State=CLOUD"},
    ("POST", "partitions/"): {"partitions": [{"name": "real", "partition": {"state": ["DOWN"]}}]},
    ("DELETE", "partition/{partition_name}"): None,
    ("POST", "reservations/"): {"reservations": [RESERVATION]},
    ("POST", "reservation"): RESERVATION,
    ("DELETE", "reservation/{reservation_name}"): None,
}
"""Bodies of what bob may not do, by method and what follows the version."""

OF_EVERYBODY = ("job/submit", "job/allocate")

DENIED = {2002, 2010}
"""Error numbers of what a user may not do to others' things, and of what only some may do."""


@pytest.mark.parametrize(("version", "method", "path"), list(changes()), ids=str)
def test_who_may_not_is_told_so(
    lab: Lab, there: Mapping[str, str], version: ApiVersion, method: str, path: str
) -> None:
    words = path.split("/", 3)[3]
    if words in OF_EVERYBODY:
        body = job() if words == "job/submit" else {"job": description()}
        answer = lab.ask(method, path, body=body, headers={"X-SLURM-USER-TOKEN": "a.b.c"})
        assert (answer.status, answer.json()["errors"][0]["error_number"]) == (511, 1007)
        return
    body = filled(FORBIDDEN[method, words], there)
    answer = lab.ask(method, path.format(**there), body=body, user="bob")
    found = numbers(answer)
    assert found, answer.body
    assert found <= DENIED


def numbers(answer: Answer) -> set[int]:
    """Of errors; also of those of the jobs of a list, each of which is told beside the others."""
    if answer.status == 200:
        return {status["error"]["code"] for status in answer.json().get("status") or ()}
    return set(refused(answer))


def filled(body: Any, there: Mapping[str, str]) -> Any:
    """The body with what stands for parameters of paths in it."""
    text = json.dumps(body)
    for name, value in there.items():
        text = text.replace(f"{{{name}}}", value)
    return json.loads(text)


NO_JOB = "66000000"


def job(**keys: Any) -> dict[str, Any]:
    return {"script": SCRIPT, "job": description(**keys)}


UNKNOWN: dict[str, tuple[str, str, Any, int]] = {
    "partition of a job": ("POST", "job/submit", job(partition="nosuch"), 2000),
    "reservation of a job": ("POST", "job/submit", job(reservation="nosuch"), 2053),
    "license of a job": ("POST", "job/submit", job(licenses="nosuch:1"), 2048),
    "node of a job": ("POST", "job/submit", job(required_nodes=["nosuch"]), 2018),
    "job to wait for": ("POST", "job/submit", job(dependency="afterok:nosuch"), 2038),
    "GRES of a job": ("POST", "job/submit", job(tres_per_node="gres/nosuch:1"), 2072),
    "feature of a job": ("POST", "job/submit", job(constraints="nosuch"), 2029),
    "job to change": ("POST", f"job/{NO_JOB}", {"comment": "x"}, 2017),
    "partition to move to": ("POST", "job/{job_id}", {"partition": "nosuch"}, 2000),
    "reservation to move to": ("POST", "job/{job_id}", {"reservation": "nosuch"}, 2053),
    "license to ask for": ("POST", "job/{job_id}", {"licenses": "nosuch:1"}, 2048),
    "job to signal": ("DELETE", f"job/{NO_JOB}", None, 2017),
    "job to requeue": ("GET", f"job/{NO_JOB}/requeue", None, 2017),
    "jobs to requeue": ("POST", "jobs/requeue", {"jobs": [NO_JOB]}, 2017),
    "node to change": ("POST", "node/nosuch", {"comment": "x"}, 2018),
    "nodes to change": ("POST", "nodes/", {"name": ["c4", "nosuch"], "comment": "x"}, 2018),
    "node to delete": ("DELETE", "node/nosuch", None, 2018),
    "nodes of a partition": (
        "POST",
        "partitions/",
        {"partitions": [{"name": "made", "nodes": {"configured": "nosuch"}}]},
        2018,
    ),
    "QOS of a partition": (
        "POST",
        "partitions/",
        {"partitions": [{"name": "made", "qos": {"assigned": "nosuch"}}]},
        2066,
    ),
    "partition to delete": ("DELETE", "partition/nosuch", None, 2000),
    "nodes of a reservation": (
        "POST",
        "reservation",
        {**RESERVATION, "name": "made", "node_list": ["nosuch"]},
        2018,
    ),
    "user of a reservation": (
        "POST",
        "reservation",
        {**RESERVATION, "name": "made", "users": ["nosuch"]},
        2053,
    ),
    "partition of a reservation": (
        "POST",
        "reservation",
        {**RESERVATION, "name": "made", "partition": "nosuch"},
        2000,
    ),
    "reservation to delete": ("DELETE", "reservation/nosuch", None, 2053),
}
"""Names that nothing has: method, what follows the version, the body, the number of the error. The
lab's controller takes jobs of any account and QOS."""


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_names_that_nothing_has(lab: Lab, there: Mapping[str, str], version: ApiVersion) -> None:
    has = {(method, path.split("/", 3)[3]) for at, method, path in changes() if at == version}
    asked, wrong = 0, []
    for what, (method, words, body, number) in UNKNOWN.items():
        if not any(method == other and pattern(path).fullmatch(words) for other, path in has):
            continue
        asked += 1
        answer = lab.ask(
            method, f"/slurm/{version}/{words}".format(**there), body=body, user="root"
        )
        if number not in numbers(answer):
            wrong.append((what, answer.status, answer.json()["errors"] or answer.body))
    assert asked
    assert wrong == []


def pattern(path: str) -> re.Pattern[str]:
    """Of a path with its parameters."""
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))

"""Reservations made and changed, held against the real daemon on the same cluster."""

from __future__ import annotations

from typing import Any

import pytest
from laboratory import Answer, Lab

NAME = "both"
START = 2_000_000_000
WHOLE = {
    "name": NAME,
    "users": ["alice"],
    "start_time": {"set": True, "number": START},
    "duration": {"set": True, "number": 60},
    "node_list": ["c2"],
    "partition": "real",
}


def without(*keys: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in WHOLE.items() if key not in keys} | more


REQUESTS: dict[str, list[dict[str, Any]]] = {
    "made": [WHOLE],
    "ranges and flags": [without(node_list="c[2-3]", flags=["MAINT", "ignore_jobs"])],
    "accounts": [without("users", accounts=["sci"])],
    "groups": [without("users", groups=["alice"], comment="c")],
    "nodes by number": [without("node_list", node_count={"set": True, "number": 2})],
    "whole partition": [without("node_list")],
    "cores": [without("node_list", core_count={"set": True, "number": 2})],
    "licenses": [
        without("node_list", "partition", licenses=["matlab:2", "ansys:1"], flags=["ANY_NODES"])
    ],
    "tres": [without("node_list", tres=[{"type": "cpu", "count": 4}])],
    "dates": [without("duration", start_time="2033-05-18T12:00:00", end_time="2033-05-19")],
    "numbers as texts": [without(duration="60", max_start_delay="90")],
    "purged": [without(purge_completed={"time": 120}, flags=["PURGE_COMP"])],
    "duration": [WHOLE, {"name": NAME, "duration": {"set": True, "number": 30}}],
    "longer": [WHOLE, {"name": NAME, "duration": 30, "flags": ["DURATION_PLUS"]}],
    "endless": [WHOLE, {"name": NAME, "duration": {"infinite": True}}],
    "later": [WHOLE, {"name": NAME, "start_time": START + 60}],
    "users": [WHOLE, {"name": NAME, "users": ["bob"]}, {"name": NAME, "users": ["+alice"]}],
    "users left out": [without(users=["-bob"]), {"name": NAME, "users": ["-alice"]}],
    "no users": [WHOLE, {"name": NAME, "users": []}, {"name": NAME, "users": ""}],
    "other nodes": [WHOLE, {"name": NAME, "node_list": ["c3", "c4"]}],
    "no nodes": [WHOLE, {"name": NAME, "node_list": []}],
    "flags": [
        WHOLE,
        {"name": NAME, "flags": ["FLEX", "DAILY"]},
        {"name": NAME, "flags": "NO_FLEX"},
    ],
    "licenses given back": [
        WHOLE,
        {"name": NAME, "licenses": "matlab:1"},
        {"name": NAME, "licenses": ""},
    ],
    "nothing": [WHOLE, {"name": NAME}],
    "another case": [WHOLE, {"name": NAME.upper(), "duration": 5}],
    "no such node": [without(node_list="nosuch")],
    "no such partition": [without(partition="nosuch")],
    "no such license": [without(licenses="nosuch:1")],
    "no such tres": [without("node_list", tres=[{"type": "nosuch", "count": 1}])],
    "too many nodes": [without("node_list", node_count=2000)],
    "users and groups": [without(groups=["alice"])],
    "no hostlist": [without(node_list="c[2")],
    "no date": [without(start_time="whenever")],
    "nobody": [without("users")],
    "no name": [without("name")],
}
"""Bodies of requests, one after the other."""


def told(answer: Answer) -> dict[str, Any]:
    """An answer as the real daemons should give it.

    Theirs shows times that were not given as Slurm's mark for them, and leaves the list out that
    the document requires where there is an error; see docs/deviations.md.
    """
    found = answer.repaired_json()
    for entry in found.get("reservations", ()):
        for key in ("start_time", "end_time"):
            if entry[key] == {"set": True, "infinite": False, "number": 0xFFFFFFFE}:
                entry[key] = {"set": False, "infinite": False, "number": 0}
    if found["errors"] and found.get("reservations") == []:
        del found["reservations"]
    return {key: found[key] for key in ("reservations", "errors", "warnings") if key in found}


@pytest.mark.parametrize("version", ["v0.0.43", "v0.0.44", "v0.0.45"])
@pytest.mark.parametrize("bodies", REQUESTS.values(), ids=REQUESTS)
def test_a_request_does_what_it_does_with_the_real_daemon(
    lab: Lab, version: str, bodies: list[dict[str, Any]]
) -> None:
    outcomes = []
    for url in (lab.ours, lab.reference["26.05"]):
        lab.delete_reservations(NAME)
        answers = [
            lab.ask("POST", f"/slurm/{version}/reservation", body=body, user="root", url=url)
            for body in bodies
        ]
        left = lab.get("/slurm/v0.0.45/reservations/", user="root").json()["reservations"]
        outcomes.append(([(answer.status, told(answer)) for answer in answers], left))
        lab.delete_reservations(NAME)
    ours, theirs = outcomes
    assert ours == theirs

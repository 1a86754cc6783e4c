"""QOS in the real database: what is stored, found, refused and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from accounting import Ask, aged, at, cpus, joined, nested, number, one, store
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V45, VERSIONS

QOS = {"name": "lq", "description": "first"}


@pytest.fixture(autouse=True)
def forgotten(lab: Lab) -> Iterator[None]:
    """What a test stores goes with it."""
    yield
    lab.run("sacctmgr -i delete qos lq,lq2,lq3", check=False)


def stored(lab: Lab) -> str:
    """All QOS with all their values, as sacctmgr shows them."""
    return lab.run("sacctmgr -nP show qos")


def real(value: float) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


ENDLESS = {"set": False, "infinite": True, "number": 0}
GONE = [{"type": "cpu", "count": -1}]

VALUES: dict[str, tuple[Any, Any, Any, Any]] = {
    # path: two values, what takes it away, what is told of that
    "description": ("one", "other", "", ""),
    "flags": (["DENY_LIMIT"], ["NO_DECAY"], [], []),
    "limits/grace_time": (11, 12, 0, 0),
    "limits/max/active_jobs/accruing": (number(13), number(14), ENDLESS, ENDLESS),
    "limits/max/active_jobs/count": (number(15), number(16), ENDLESS, ENDLESS),
    "limits/max/jobs/count": (number(17), number(18), ENDLESS, ENDLESS),
    "limits/max/tres/total": (cpus(19), cpus(20), GONE, []),
    "limits/max/tres/minutes/total": (cpus(21), cpus(22), GONE, []),
    "limits/max/tres/minutes/per/qos": (cpus(23), cpus(24), GONE, []),
    "limits/max/wall_clock/per/qos": (number(25), number(26), ENDLESS, ENDLESS),
    "limits/factor": (real(1.5), real(2.5), ENDLESS, {**ENDLESS, "number": 0.0}),
    "limits/max/jobs/active_jobs/per/account": (number(27), number(28), ENDLESS, ENDLESS),
    "limits/max/jobs/active_jobs/per/user": (number(29), number(30), ENDLESS, ENDLESS),
    "limits/max/accruing/per/account": (number(31), number(32), ENDLESS, ENDLESS),
    "limits/max/accruing/per/user": (number(33), number(34), ENDLESS, ENDLESS),
    "limits/max/jobs/per/account": (number(35), number(36), ENDLESS, ENDLESS),
    "limits/max/jobs/per/user": (number(37), number(38), ENDLESS, ENDLESS),
    "limits/max/tres/minutes/per/job": (cpus(39), cpus(40), GONE, []),
    "limits/max/tres/per/account": (cpus(41), cpus(42), GONE, []),
    "limits/max/tres/per/job": (cpus(43), cpus(44), GONE, []),
    "limits/max/tres/per/node": (cpus(45), cpus(46), GONE, []),
    "limits/max/tres/per/user": (cpus(47), cpus(48), GONE, []),
    "limits/max/tres/minutes/per/account": (cpus(49), cpus(50), GONE, []),
    "limits/max/tres/minutes/per/user": (cpus(51), cpus(52), GONE, []),
    "limits/max/wall_clock/per/job": (number(53), number(54), ENDLESS, ENDLESS),
    "limits/min/priority_threshold": (number(55), number(56), ENDLESS, ENDLESS),
    "limits/min/tres/per/job": (cpus(57), cpus(58), GONE, []),
    "preempt/list": (["normal"], ["normal", "high"], [], []),
    "preempt/mode": (["REQUEUE"], ["CANCEL", "GANG"], [], ["DISABLED"]),
    "preempt/exempt_time": (number(59), number(60), ENDLESS, ENDLESS),
    "priority": (number(61), number(62), number(0), number(0)),
    "usage_factor": (real(0.5), real(3.25), ENDLESS, real(1.0)),
    "usage_threshold": (real(0.25), real(0.75), ENDLESS, {**ENDLESS, "number": 0.0}),
}
"""All that can be written of a QOS."""

SINCE_42 = {"limits/max/jobs/count", "limits/max/tres/minutes/total"}


def values_of(version: ApiVersion) -> dict[str, tuple[Any, Any, Any, Any]]:
    return {
        path: values for path, values in VALUES.items() if version >= V42 or path not in SINCE_42
    }


def test_every_value_that_is_told_can_be_written(ask: Ask, version: ApiVersion) -> None:
    def leaves(data: Any, path: str = "") -> Iterator[str]:
        if isinstance(data, dict) and "infinite" not in data:
            for key, value in data.items():
                yield from leaves(value, f"{path}/{key}".lstrip("/"))
        else:
            yield path

    told = one(ask, "qos/normal", version=version)
    assert {*leaves(told)} == {*values_of(version), "id", "name"}


def test_a_qos_is_added_changed_and_removed(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    store(ask, "qos", QOS, version=version)
    added = one(ask, "qos/lq", version=version)
    assert added["description"] == "first"
    store(ask, "qos", {"name": "lq", "description": "second"}, version=version)
    store(ask, "qos", {"id": added["id"], "priority": number(5)}, version=version)
    assert one(ask, f"qos/{added['id']}", version=version) == {
        **added,
        "description": "second",
        "priority": number(5),
    }
    aged(lab, "qos_table")
    removed = ask("DELETE", "qos/lq", version=version)
    assert (removed.status, removed.json()["removed_qos"]) == (200, ["lq"])
    again = ask("DELETE", "qos/lq", version=version)
    assert (again.status, again.body) == (304, b"")
    gone = ask("GET", "qos/lq", version=version).json()
    assert (gone["qos"], gone["warnings"][0]["description"]) == (
        [],
        "slurmdb_qos_get() found nothing",
    )
    assert one(ask, "qos/lq?with_deleted", version=version)["id"] == added["id"]
    assert stored(lab) == before


def test_a_new_qos_is_made_by_its_name_alone(ask: Ask, version: ApiVersion) -> None:
    store(ask, "qos", {"name": "lq"}, version=version)
    told = one(ask, "qos/lq", version=version)
    assert {path: at(path, told) for path in values_of(version)} == {
        path: (nothing if path != "flags" else [])
        for path, (_, _, _, nothing) in values_of(version).items()
    }


@pytest.mark.parametrize("version", [V40, V45], ids=str)
def test_each_value_changes_and_goes_alone_and_all_others_stay(
    ask: Ask, version: ApiVersion
) -> None:
    values = values_of(version)
    everything: dict[str, Any] = {"name": "lq"}
    for path, (first, *_) in values.items():
        everything = joined(everything, nested(path, first))
    store(ask, "qos", everything, version=version)
    now = {path: first for path, (first, *_) in values.items()}

    def told() -> dict[str, Any]:
        found = one(ask, "qos/lq", version=version)
        return {path: at(path, found) for path in now}

    assert told() == now
    for path, (_, other, away, nothing) in values.items():
        for given, shown in ((other, other), (away, nothing)):
            store(ask, "qos", {"name": "lq", **nested(path, given)}, version=version)
            now[path] = shown
            assert told() == now, path


def test_what_is_unset_stays(ask: Ask, version: ApiVersion) -> None:
    store(ask, "qos", {**QOS, "priority": number(7), "flags": ["DENY_LIMIT"]}, version=version)
    before = one(ask, "qos/lq", version=version)
    unset = {"set": False, "infinite": False, "number": 9}
    nothing = {"priority": unset, "limits": {"factor": unset, "max": {"tres": {"total": []}}}}
    store(ask, "qos", {"name": "lq", **nothing}, version=version)
    assert one(ask, "qos/lq", version=version) == before


def test_flags_are_added_and_taken_away(ask: Ask) -> None:
    store(ask, "qos", {**QOS, "flags": ["DENY_LIMIT"]})
    for given, now in (
        (["ADD", "NO_DECAY"], ["DENY_LIMIT", "NO_DECAY"]),
        (["REMOVE", "DENY_LIMIT"], ["NO_DECAY"]),
        (["NOT_SET", "DENY_LIMIT"], ["NO_DECAY"]),
        (["NO_RESERVE"], ["NO_RESERVE"]),
    ):
        store(ask, "qos", {"name": "lq", "flags": given})
        assert one(ask, "qos/lq")["flags"] == now


def test_qos_that_were_read_are_written_back(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    everything: dict[str, Any] = {"name": "lq"}
    for path, (first, *_) in values_of(version).items():
        everything = joined(everything, nested(path, first))
    store(ask, "qos", everything, {"name": "lq2"}, version=version)
    before = stored(lab)
    for _ in range(2):
        told = ask("GET", "qos/", version=version).json()["qos"]
        assert store(ask, "qos", *told, version=version)["warnings"] == []
        assert stored(lab) == before


def test_what_slurmdbd_alone_says_of_a_qos_is_not_stored(ask: Ask) -> None:
    told = store(ask, "qos", {**QOS, "flags": ["DELETED", "PARTITION_QOS", "NO_DECAY"]})
    assert [warning["description"] for warning in told["warnings"]] == [
        "Ignoring request to set flag: DELETED",
        "Ignoring request to set flag: PARTITION_QOS",
    ]
    assert one(ask, "qos/lq")["flags"] == ["NO_DECAY"]


def test_a_deleted_qos_comes_back_when_it_is_added_again(lab: Lab, ask: Ask) -> None:
    store(ask, "qos", {**QOS, "priority": number(9)})
    number_ = one(ask, "qos/lq")["id"]
    aged(lab, "qos_table")
    ask("DELETE", "qos/lq")
    store(ask, "qos", {"name": "lq"})
    again = one(ask, "qos/lq")
    assert (again["id"], again["priority"], again["description"]) == (number_, number(0), "")


def test_a_removed_qos_is_named_nowhere(lab: Lab, ask: Ask) -> None:
    store(ask, "qos", QOS)
    store(ask, "qos", {"name": "lq2", "preempt": {"list": ["lq", "normal"]}})
    lab.run("sacctmgr -i modify user alice set qos+=lq")
    assert ask("DELETE", "qos/lq").status == 200
    assert one(ask, "qos/lq2")["preempt"]["list"] == ["normal"]
    assert "lq" not in one(ask, "association/?user=alice&account=sci")["qos"]


def test_filters_leave_others_out(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    store(ask, "qos", {**QOS, "preempt": {"mode": ["CANCEL", "GANG"]}}, version=version)
    store(ask, "qos", {"name": "lq2", "description": "se,cond"}, version=version)
    store(ask, "qos", {"name": "lq3"}, version=version)
    number_ = one(ask, "qos/lq", version=version)["id"]
    aged(lab, "qos_table")
    assert ask("DELETE", "qos/lq3", version=version).status == 200
    deleted = "with_deleted" if version in (V40, V41) else "Include%20deleted%20QOS"

    def names(query: str) -> list[str]:
        answer = ask("GET", f"qos/?{query}", version=version)
        told = answer.json()
        assert (answer.status, told["errors"]) == (200, [])
        return [qos["name"] for qos in told["qos"]]

    for query, found in (
        ("", ["normal", "high", "lq", "lq2"]),
        ("name=lq", ["lq"]),
        ("name=LQ", ["lq"]),
        ("name=lq%2Chigh", ["high", "lq"]),
        ("name=lq&name=lq2", ["lq", "lq2"]),
        ("name=1", ["normal"]),
        ("name=nosuch", []),
        (f"id={number_}", ["lq"]),
        (f"id={number_}%2Clq2%2C1", ["normal", "lq", "lq2"]),
        ("description=first", ["lq"]),
        ("description=nosuch", []),
        ("preempt_mode=GANG", ["lq"]),
        ("preempt_mode=SUSPEND", []),
        ("preempt_mode=DISABLED&name=lq%2Clq2", ["lq2"]),
        ("name=lq3", []),
        (f"name=lq3&{deleted}", ["lq3"]),
        (f"name=lq%2Clq3&{deleted}", ["lq", "lq3"]),
        (f"name=lq3&{deleted}=no", []),
    ):
        assert names(query) == found, query


BAD_QUERIES = (
    ("id=nosuch", 2066, "#/id[0]/"),
    ("id=7777777", 2066, "#/id[0]/"),
    ("preempt_mode=SOMETIMES", 9207, "#/preempt_mode[0]/"),
)


@pytest.mark.parametrize(("query", "number_", "source"), BAD_QUERIES, ids=lambda text: str(text))
def test_a_bad_filter_is_told(ask: Ask, query: str, number_: int, source: str) -> None:
    answer = ask("GET", f"qos/?{query}")
    (error,) = answer.json()["errors"]
    assert (answer.status, error["error_number"], error["source"]) == (422, number_, source)


@pytest.mark.parametrize("name", ["~", "null", "true", "007", "a%20b", "%27", "1.5"])
def test_a_name_that_no_qos_has_is_not_found(ask: Ask, version: ApiVersion, name: str) -> None:
    answer = ask("GET", f"qos/{name}", version=version)
    assert (answer.status, answer.json()["qos"]) == (200, [])
    assert ask("DELETE", f"qos/{name}", version=version).status == 304


def limit(path: str, value: Any) -> dict[str, Any]:
    return {"qos": [QOS, {"name": "lq2", **nested(path, value)}]}


REFUSED: tuple[tuple[Any, int, str], ...] = (
    ({}, 9200, "#/qos/"),
    ({"qos": "x"}, 9209, "#/qos[0]/"),
    ({"qos": [QOS, {}]}, 9000, "#/qos[1]/"),
    ({"qos": [QOS, {"name": ""}]}, 9000, "#/qos[1]/"),
    ({"qos": [QOS, {"description": "x"}]}, 9000, "#/qos[1]/"),
    ({"qos": [QOS, {"id": 7777777}]}, 9000, "#/qos[1]/id/"),
    ({"qos": [QOS, {"id": 1, "name": "high"}]}, 9000, "#/qos[1]/id/"),
    ({"qos": [QOS, {"name": "q" * 300}]}, 9216, "#/qos[1]/"),
    (limit("flags", ["NO"]), 9207, "#/qos[1]/flags[0]/"),
    (limit("preempt/list", ["nosuch"]), 2066, "#/qos[1]/preempt/list[0]/"),
    (limit("preempt/list", ["high", "+normal"]), 2066, "#/qos[1]/preempt/list[1]/"),
    (limit("preempt/list", ["lq2"]), 2066, "#/qos[1]/preempt/list[0]/"),
    (limit("preempt/mode", ["SOMETIMES"]), 9207, "#/qos[1]/preempt/mode[0]/"),
    (limit("priority", number(1 << 31)), 9202, "#/qos[1]/priority/"),
    (limit("priority", number(-3)), 9202, "#/qos[1]/priority/number/"),
    (limit("limits/grace_time", 1 << 31), 9202, "#/qos[1]/limits/grace_time/"),
    (
        limit("limits/max/active_jobs/count", 3_000_000_000),
        9202,
        "#/qos[1]/limits/max/active_jobs/count/",
    ),
    (limit("limits/factor", real(0)), 9202, "#/qos[1]/limits/factor/"),
    (limit("usage_factor", real(-0.5)), 9202, "#/qos[1]/usage_factor/"),
    (limit("usage_threshold", real(-2.5)), 9202, "#/qos[1]/usage_threshold/"),
    (
        limit("limits/min/tres/per/job", [{"type": "gres", "name": "nosuch", "count": 1}]),
        2115,
        "#/qos[1]/limits/min/tres/per/job[0]/",
    ),
)


@pytest.mark.parametrize(
    ("body", "number_", "source"), REFUSED, ids=[json.dumps(body)[:90] for body, *_ in REFUSED]
)
def test_bad_input_is_told_and_changes_nothing(
    lab: Lab, ask: Ask, body: Any, number_: int, source: str
) -> None:
    before = stored(lab)
    answer = ask("POST", "qos/", body)
    assert answer.status == 422, answer.body
    errors = answer.json()["errors"]
    assert [(error["error_number"], error["source"]) for error in errors] == [(number_, source)]
    assert errors[0]["description"]
    assert stored(lab) == before


def test_qos_do_not_preempt_each_other(lab: Lab, ask: Ask) -> None:
    store(ask, "qos", QOS)
    store(ask, "qos", {"name": "lq2", "preempt": {"list": ["lq"]}})
    before = stored(lab)
    for name, preempted in (("lq", "lq2"), ("lq", "lq"), ("lq2", "lq2")):
        body = {"qos": [{"name": name, "preempt": {"list": [preempted]}}]}
        answer = ask("POST", "qos/", body)
        (error,) = answer.json()["errors"]
        assert (answer.status, error["error_number"]) == (422, 2067)
        assert error["description"] == f"slurmdb_qos_modify() failed for QOS {name}"
    assert stored(lab) == before


def test_a_deleted_qos_is_preempted_by_none(lab: Lab, ask: Ask) -> None:
    store(ask, "qos", QOS)
    number_ = one(ask, "qos/lq")["id"]
    aged(lab, "qos_table")
    ask("DELETE", "qos/lq")
    before = stored(lab)
    for given in ("lq", number_):
        body = {"qos": [{"name": "high", "preempt": {"list": [given]}}]}
        answer = ask("POST", "qos/", body)
        (error,) = answer.json()["errors"]
        assert (answer.status, error["error_number"], error["source"]) == (
            422,
            2066,
            "#/qos[0]/preempt/list[0]/",
        )
    assert stored(lab) == before


def test_nothing_given_is_no_error(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    assert store(ask, "qos", version=version)["warnings"] == []
    store(ask, "qos", {"name": "high"}, version=version)
    assert stored(lab) == before


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_a_plain_user_reads_and_changes_nothing(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    assert one(ask, "qos/high", user="alice", version=version)["name"] == "high"
    answers = [
        ask(method, path, body, user="alice", version=version)
        for method, path, body in (
            ("POST", "qos/", {"qos": [QOS]}),
            ("POST", "qos/", {"qos": [{"name": "high", "priority": number(1)}]}),
            ("DELETE", "qos/high", None),
        )
    ]
    assert [(answer.status, answer.json()["errors"][0]["error_number"]) for answer in answers] == [
        (422, 2002)
    ] * len(answers)
    assert answers[2].json()["removed_qos"] == []
    assert stored(lab) == before


def test_a_part_that_fails_takes_back_what_came_before_it(lab: Lab, ask: Ask) -> None:
    store(ask, "qos", QOS)
    before = stored(lab)
    changed = {"name": "lq", "description": "changed"}
    failing = {"name": "lq", "preempt": {"list": ["lq"]}}
    answer = ask("POST", "qos/", {"qos": [{"name": "lq2"}, changed, failing]})
    (error,) = answer.json()["errors"]
    assert (answer.status, error["error_number"]) == (422, 2067)
    assert error["description"] == "slurmdb_qos_modify() failed for QOS lq"
    assert stored(lab) == before

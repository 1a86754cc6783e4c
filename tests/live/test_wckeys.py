"""Wckeys in the real database: what is stored, found, refused and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from accounting import Ask, aged, one, store
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import VERSIONS

KEY = {"name": "lk", "cluster": "lab", "user": "alice"}
OTHER = {**KEY, "user": "bob"}


@pytest.fixture(autouse=True)
def forgotten(lab: Lab) -> Iterator[None]:
    """What a test stores goes with it."""
    yield
    lab.run("mariadb -e 'delete from slurm_acct_db.lab_wckey_table where wckey_name like \"%lk%\"'")


def stored(lab: Lab) -> str:
    """All wckeys there are, defaults with a star."""
    return lab.run("sacctmgr -nP show wckey format=cluster,wckey,user")


def make_default(lab: Lab, name: str) -> None:
    """Make one the default among those that tests store; the user's other ones stay as they are."""
    update = f'update slurm_acct_db.lab_wckey_table set is_def = wckey_name = "{name}"'
    lab.run(f"mariadb -e '{update} where wckey_name like \"%lk%\"'")


def keys(told: dict[str, Any]) -> list[tuple[str, str]]:
    assert told["errors"] == []
    return [(wckey["name"], wckey["user"]) for wckey in told["wckeys"]]


def test_a_wckey_is_added_found_and_removed(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    told = store(ask, "wckeys", KEY, OTHER, version=version)
    assert told["warnings"] == []
    found = ask("GET", "wckey/lk", version=version).json()
    assert keys(found) == [("lk", "alice"), ("lk", "bob")]
    assert found["wckeys"][0] | {"id": 0} == {
        "accounting": [],
        "cluster": "lab",
        "id": 0,
        "name": "lk",
        "user": "alice",
        "flags": [],
    }
    removed = ask("DELETE", "wckey/lk", version=version).json()
    assert [text.split() for text in removed["deleted_wckeys"]] == [
        ["C", "=", "lab", "W", "=", "lk", "U", "=", user] for user in ("alice", "bob")
    ]
    again = ask("DELETE", "wckey/lk", version=version)
    assert (again.status, again.json()["deleted_wckeys"], again.json()["warnings"]) == (
        200,
        [],
        [{"description": "slurmdb_wckeys_remove() found nothing", "source": "_delete_wckey"}],
    )
    gone = ask("GET", "wckey/lk", version=version).json()
    assert (gone["wckeys"], gone["warnings"][0]["description"]) == (
        [],
        "slurmdb_wckeys_get() found nothing",
    )
    assert stored(lab) == before


def test_a_wckey_is_named_by_its_number_too(ask: Ask, version: ApiVersion) -> None:
    store(ask, "wckeys", KEY, OTHER, version=version)
    numbers = [wckey["id"] for wckey in ask("GET", "wckey/lk").json()["wckeys"]]
    assert one(ask, f"wckey/{numbers[1]}", version=version)["user"] == "bob"
    removed = ask("DELETE", f"wckey/{numbers[0]}", version=version).json()["deleted_wckeys"]
    assert [text.split()[-1] for text in removed] == ["alice"]
    assert one(ask, "wckey/lk", version=version)["user"] == "bob"


def test_a_name_goes_before_a_number(lab: Lab, ask: Ask) -> None:
    store(ask, "wckeys", KEY)
    number = str(one(ask, "wckey/lk")["id"])
    store(ask, "wckeys", {**KEY, "name": number})
    try:
        assert one(ask, f"wckey/{number}")["name"] == number
        assert len(ask("DELETE", f"wckey/{number}").json()["deleted_wckeys"]) == 1
        assert one(ask, f"wckey/{number}")["name"] == "lk"
    finally:
        table = "slurm_acct_db.lab_wckey_table"
        lab.run(f"mariadb -e 'delete from {table} where wckey_name={number}'")


def test_what_is_there_stays_as_it_is(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    store(ask, "wckeys", KEY, {**KEY, "name": "lk2"}, version=version)
    make_default(lab, "lk2")
    before = stored(lab)
    told = ask("GET", "wckeys/", version=version).json()["wckeys"]
    assert len(told) > 2
    for wckeys in (told, [{**KEY, "name": "LK2"}], [KEY, KEY]):
        store(ask, "wckeys", *wckeys, version=version)
        assert stored(lab) == before


def test_the_same_twice_is_one(ask: Ask) -> None:
    store(ask, "wckeys", KEY, KEY, {**KEY, "name": "LK"})
    assert keys(ask("GET", "wckey/lk").json()) == [("lk", "alice")]


def test_nothing_given_is_warned_of(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    assert store(ask, "wckeys", version=version)["warnings"] == [
        {
            "description": "ignoring empty or non-existent wckeys array for update",
            "source": "_update_wckeys",
        }
    ]
    assert stored(lab) == before


def test_a_deleted_flag_is_warned_of(ask: Ask) -> None:
    told = store(ask, "wckeys", {**KEY, "flags": ["DELETED"]})
    assert [warning["description"] for warning in told["warnings"]] == [
        "Ignoring request to set flag: DELETED"
    ]
    assert one(ask, "wckey/lk")["flags"] == []


def test_filters_leave_others_out(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    store(ask, "wckeys", KEY, OTHER, {**KEY, "name": "lk2"}, {**KEY, "name": "lk3"})
    number = ask("GET", "wckey/lk").json()["wckeys"][0]["id"]
    make_default(lab, "lk2")
    aged(lab, "lab_wckey_table")
    ask("DELETE", "wckey/lk3")
    for query, found in (
        ("name=lk", [("lk", "alice"), ("lk", "bob")]),
        ("name=lk%2Clk2", [("lk", "alice"), ("lk", "bob"), ("lk2", "alice")]),
        ("name=lk&name=lk2&user=alice", [("lk", "alice"), ("lk2", "alice")]),
        ("name=lk&cluster=lab", [("lk", "alice"), ("lk", "bob")]),
        ("name=lk&cluster=nosuch", []),
        ("user=nosuch", []),
        (f"id={number}", [("lk", "alice")]),
        (f"id={number}%2C7777777", [("lk", "alice")]),
        ("id=7777777", []),
        ("name=lk%2Clk2&only_defaults=true", [("lk2", "alice")]),
        ("name=lk%2Clk2&user=alice&only_defaults", [("lk2", "alice")]),
        ("name=lk&only_defaults=false", [("lk", "alice"), ("lk", "bob")]),
        ("name=lk3", []),
        ("name=lk3&with_deleted", [("lk3", "alice")]),
        ("name=lk&with_usage&usage_start=2026-01-01&usage_end=now",
         [("lk", "alice"), ("lk", "bob")]),
    ):  # fmt: skip
        assert keys(ask("GET", f"wckeys/?{query}", version=version).json()) == found, query
    deleted = one(ask, "wckeys/?name=lk3&with_deleted", version=version)
    assert deleted["flags"] == ["DELETED"]


@pytest.mark.parametrize(
    ("query", "number", "source"),
    [
        ("id=x", 9202, "#/id[0]/"),
        ("id=1%2C-1", 9202, "#/id[1]/"),
        ("id=1%20or%201%3D1", 9202, "#/id[0]/"),
        ("usage_end=x", 9202, "#/usage_end/"),
        ("usage_end=x&only_defaults=x", 9202, "#/usage_end/"),
    ],
)
def test_a_bad_filter_is_told(
    ask: Ask, version: ApiVersion, query: str, number: int, source: str
) -> None:
    answer = ask("GET", f"wckeys/?{query}", version=version)
    error = answer.json()["errors"][0]
    assert (answer.status, error["error_number"], error["source"]) == (422, number, source)
    assert answer.json()["wckeys"] == []


REFUSED: tuple[tuple[Any, int, str], ...] = (
    ({}, 9200, "#/wckeys/"),
    ({"wckeys": "x"}, 9209, "#/wckeys[0]/"),
    ({"wckeys": [KEY, {}]}, 9216, "#/wckeys[1]/cluster/"),
    ({"wckeys": [KEY, {"name": "lk2", "cluster": "lab"}]}, 9200, "#/wckeys[1]/user/"),
    ({"wckeys": [KEY, {**KEY, "user": ""}]}, 9216, "#/wckeys[1]/user/"),
    ({"wckeys": [KEY, {**KEY, "cluster": ""}]}, 9216, "#/wckeys[1]/cluster/"),
    ({"wckeys": [KEY, {**KEY, "cluster": "nosuch"}]}, 9216, "#/wckeys[1]/"),
    ({"wckeys": [{**KEY, "cluster": "nosuch"}, KEY]}, 9216, "#/wckeys[0]/"),
    ({"wckeys": [KEY, {**KEY, "name": "lk" * 200}]}, 9216, "#/wckeys[1]/"),
    ({"wckeys": [KEY, {**OTHER, "flags": ["NO"]}]}, 9207, "#/wckeys[1]/flags[0]/"),
)


@pytest.mark.parametrize(
    ("body", "number", "source"), REFUSED, ids=[json.dumps(body)[:90] for body, *_ in REFUSED]
)
def test_bad_input_is_told_and_changes_nothing(
    lab: Lab, ask: Ask, body: Any, number: int, source: str
) -> None:
    before = stored(lab)
    answer = ask("POST", "wckeys/", body)
    errors = answer.json()["errors"]
    assert (answer.status, errors[0]["error_number"], errors[0]["source"]) == (
        422,
        number,
        source,
    )
    assert errors[0]["description"]
    assert stored(lab) == before


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_a_plain_user_reads_and_changes_nothing(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    store(ask, "wckeys", KEY)
    before = stored(lab)
    answers = [
        ask(method, path, body, user="alice", version=version)
        for method, path, body in (
            ("GET", "wckeys/", None),
            ("GET", "wckey/lk", None),
            ("POST", "wckeys/", {"wckeys": [KEY]}),
            ("POST", "wckeys/", {"wckeys": [{**KEY, "name": "lk2"}]}),
            ("DELETE", "wckey/lk", None),
            ("DELETE", "wckey/7777777", None),
        )
    ]
    assert [(answer.status, answer.json()["errors"][0]["error_number"]) for answer in answers] == [
        (422, 2002)
    ] * len(answers)
    assert answers[4].json()["deleted_wckeys"] == []
    assert stored(lab) == before

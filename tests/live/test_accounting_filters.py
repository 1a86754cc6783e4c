"""Conditions of queries for accounts, users and associations: each leaves out what it is to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from accounting import Ask
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V45


@pytest.fixture(scope="module", autouse=True)
def tree(lab: Lab) -> Iterator[None]:
    """fa above fb; fu in both, in fa with a partition too; fv in fb, an operator; fw is removed."""
    remove = "delete user fu,fv,fw", "delete account fb,fa"
    for line in remove:
        lab.run(f"sacctmgr -i {line}", check=False)
    for line in (
        "add account fa description=upper organization=org",
        "add account fb description=lower organization=org parent=fa",
        "add user fu account=fa,fb defaultaccount=fa wckey=fk",
        "add user fu account=fa partition=debug qos=high defaultqos=high",
        "add user fv account=fb adminlevel=operator qos=normal",
        "add user fw account=fb",
    ):
        lab.run(f"sacctmgr -i {line}")
    for table in ("lab_assoc_table", "user_table"):
        lab.run(f"mariadb -e 'update slurm_acct_db.{table} set creation_time=1700000000'")
    lab.run("sacctmgr -i delete user fw")
    yield
    for line in remove:
        lab.run(f"sacctmgr -i {line}", check=False)
    lab.run("mariadb -e 'delete from slurm_acct_db.lab_wckey_table where wckey_name = \"fk\"'")


def told(ask: Ask, path: str, version: ApiVersion) -> list[dict[str, Any]]:
    answer = ask("GET", path, version=version)
    data = answer.json()
    assert (answer.status, data["errors"]) == (200, []), path
    return list(next(iter(data.values())))


FA, FB = ("fa", "", ""), ("fb", "", "")
FU, FU_DEBUG, FU_LOW = ("fa", "fu", ""), ("fa", "fu", "debug"), ("fb", "fu", "")
FV, FW = ("fb", "fv", ""), ("fb", "fw", "")

ASSOCIATIONS = (
    ("account=fa", [FA, FU, FU_DEBUG]),
    ("account=FA", [FA, FU, FU_DEBUG]),
    ("account=fa%2Cfb", [FA, FB, FU, FU_DEBUG, FU_LOW, FV]),
    ("account=fa&account=fb&user=fu", [FU, FU_DEBUG, FU_LOW]),
    ("account=nosuch", []),
    ("cluster=lab&account=fb", [FB, FU_LOW, FV]),
    ("cluster=nosuch&account=fb", []),
    ("parent_account=fa", [FB]),
    ("parent_account=fb", []),
    ("partition=debug&account=fa", [FU_DEBUG]),
    ("partition=nosuch", []),
    ("user=fv", [FV]),
    ("user=fu%2Cfv", [FU, FU_DEBUG, FU_LOW, FV]),
    ("user=nosuch", []),
    ("account=fa&default_qos=high", [FU_DEBUG]),
    ("account=fa&default_qos=2", [FU_DEBUG]),
    ("account=fa&default_qos=normal", []),
    ("account=fa%2Cfb&qos=normal&user=fu%2Cfv", [FU, FU_LOW, FV]),
    ("account=fa&usage_start=2026-01-01&usage_end=now", [FA, FU, FU_DEBUG]),
)

SWITCHES = (
    # words of v0.0.42 and later, of v0.0.40 and v0.0.41, the rest of the query, what is found
    ("Include%20deleted%20associations", "with_deleted", "user=fw", [FW]),
    ("Include%20deleted%20associations=false", "with_deleted=false", "user=fw", []),
    ("Filter%20to%20only%20defaults", "only_defaults", "user=fu", [FU]),
    (
        "Include%20sub%20acct%20information",
        "with_sub_accts",
        "account=fa",
        [FA, FB, FU, FU_DEBUG, FU_LOW, FV],
    ),
    ("Include%20usage", "with_usage", "user=fv", [FV]),
)


def test_conditions_of_associations(ask: Ask, version: ApiVersion) -> None:
    old = version in (V40, V41)
    queries = [
        *ASSOCIATIONS,
        *((f"{rest}&{word if old else words}", found) for words, word, rest, found in SWITCHES),
    ]
    for query, found in queries:
        names = [
            (one["account"], one["user"], one["partition"])
            for one in told(ask, f"associations/?{query}", version)
        ]
        assert sorted(names) == sorted(found), query


def test_an_association_is_found_by_its_number(ask: Ask, version: ApiVersion) -> None:
    one = told(ask, "association/?user=fv", V45)[0]
    for path in (f"association/?id={one['id']}", f"associations/?id={one['id']}%2C7777777"):
        assert [found["user"] for found in told(ask, path, version)] == ["fv"]
    assert told(ask, "associations/?id=7777777", version) == []


def test_switches_of_associations_change_what_is_told(ask: Ask, version: ApiVersion) -> None:
    old = version in (V40, V41)

    def one(words: str, word: str, query: str) -> dict[str, Any]:
        found = told(ask, f"associations/?{query}&{word if old else words}", version)
        return next(association for association in found if association["partition"] == "")

    whole = one("format", "format", "parent_account=fa")
    assert whole["parent_account"] == "fa"
    without = one("Exclude%20parent%20id%2Fname", "without_parent_info", "parent_account=fa")
    assert without["parent_account"] == ""
    raw = one("Include%20the%20raw%20QOS%20or%20delta_qos", "with_raw_qos", "user=fv")
    assert raw["qos"] == ["normal"]


USERS = (
    ("admin_level=Operator", ["fv"]),
    ("default_account=fa", ["fu"]),
    ("default_account=fa%2Cfb", ["fu", "fv"]),
    ("default_account=nosuch", []),
    ("default_wckey=fk", ["fu"]),
    ("default_wckey=nosuch", []),
)


def test_conditions_of_users(ask: Ask, version: ApiVersion) -> None:
    for query, found in USERS:
        names = [one["name"] for one in told(ask, f"users/?{query}", version)]
        assert [name for name in names if name != "root"] == found, query
    everybody = {one["name"] for one in told(ask, "users/", version)}
    deleted = {one["name"] for one in told(ask, "users/?with_deleted", version)}
    assert deleted - everybody == {"fw"}
    assert {"fu", "fv"} <= everybody


def test_switches_of_users_change_what_is_told(ask: Ask, version: ApiVersion) -> None:
    (plain,) = told(ask, "user/fu", version)
    assert (plain["associations"], plain["wckeys"]) == ([], [])
    (whole,) = told(ask, "user/fu?with_assocs&with_wckeys&with_coords", version)
    assert len(whole["associations"]) == 3
    assert [wckey["name"] for wckey in whole["wckeys"]] == ["fk"]
    assert whole["default"]["account"] == "fa"


def test_conditions_of_accounts(ask: Ask, version: ApiVersion) -> None:
    for query, found in (
        ("description=upper", ["fa"]),
        ("description=upper&description=lower", ["fa", "fb"]),
        ("description=nosuch", []),
    ):
        names = [one["name"] for one in told(ask, f"accounts/?{query}", version)]
        assert names == found, query
    switch = "with_assocs" if version == V40 else "WithAssociations"
    (one,) = told(ask, f"accounts/?description=upper&{switch}", version)
    assert sorted(of["user"] for of in one["associations"]) == ["", "fu", "fu"]

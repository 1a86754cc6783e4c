"""All of accounting exported, and restored on an empty database and on a full one."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from laboratory import Answer, Lab
from rest_daemon import StartDaemon
from second_slurmdbd import second_slurmdbd

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V45

Config = dict[str, Any]

LISTS = ("clusters", "tres", "accounts", "users", "qos", "wckeys", "associations")

USERS = 5000
"""As many as a restored configuration may well have."""


@pytest.fixture(scope="module", autouse=True)
def rich(lab: Lab) -> Iterator[None]:
    """Accounting in which everything is told that a restore has to store."""
    for line in (
        "add qos cq priority=5 preempt=normal maxtres=cpu=4,node=2 grptres=fs/disk=3 "
        "description='two words' flags=DenyOnLimit gracetime=7 usagefactor=0.5",
        "modify qos high set preempt=cq",
        "add account ca description='rich, in all' organization=öl fairshare=7 grpjobs=11 "
        "grptres=cpu=10,mem=2000 maxjobs=5 maxwall=90 priority=9 qos=high,cq defaultqos=cq "
        "comment='two words'",
        "add account cb parent=ca description=below organization=y",
        "add account cc parent=cb description='further below' organization=y",
        "add user cu account=cc adminlevel=Operator maxjobs=2",
        "add user cu account=ca partition=debug",
        "add user cv account=cb fairshare=parent",
        "add user cv account=cc defaultaccount=cc",
        "add user cu wckeys=cw",
        "add coordinator account=cb name=cv",
    ):
        lab.run(f"sacctmgr -i {line}")
    yield
    lab.run("sacctmgr -i delete user cu,cv && sacctmgr -i delete account cc,cb,ca")
    lab.run("sacctmgr -i delete qos cq")


@pytest.fixture
def other(lab: Lab, start_daemon: StartDaemon) -> Iterator[str]:
    """The address of a daemon whose accounting is empty."""
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as directory,
        second_slurmdbd(lab, Path(directory)) as conf,
    ):
        # Five thousand users take half a minute on a machine that does nothing else.
        yield start_daemon("127.0.0.1:0", "-f", str(conf), PYSLURMRESTD_TIMEOUT="600").url


def config(lab: Lab, version: ApiVersion = V45, **how: Any) -> Config:
    answer = lab.get(f"/slurmdb/{version}/config", user="root", **how)
    told: Config = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    if "url" not in how:
        # Of clusters and QOS, v0.0.40 to v0.0.42 do not tell which are deleted.
        for name, shown in (("clusters", "cluster format=cluster"), ("qos", "qos format=name")):
            living = lab.run(f"sacctmgr -nP show {shown}").split()
            told[name] = [item for item in told[name] if item["name"] in living]
    return told


def restore(
    lab: Lab, told: Any, version: ApiVersion = V45, *, user: str = "root", **how: Any
) -> Answer:
    return lab.ask("POST", f"/slurmdb/{version}/config", user=user, body=told, **how)


def portable(told: Config) -> Config:
    """What two databases can have in common: neither their numbers, nor what a controller reports,
    nor what was used, nor what is deleted."""

    def stripped(data: Any) -> Any:
        if isinstance(data, dict):
            return {
                key: stripped(value)
                for key, value in data.items()
                if key not in ("id", "accounting")
            }
        return [stripped(item) for item in data] if isinstance(data, list) else data

    kept: Config = stripped({name: told[name] for name in LISTS})
    for cluster in kept["clusters"]:
        cluster["nodes"] = cluster["tres"] = None
    for user in kept["users"]:
        user["default"].pop("qos", None)  # a number
    who = ("cluster", "account", "user", "partition")
    living = {
        tuple(place[key] for key in who)
        for place in kept["associations"]
        if "DELETED" not in place["flags"]
    }
    for name in LISTS:
        items = [item for item in kept[name] if "DELETED" not in item.get("flags", ())]
        for item in items if name in ("accounts", "users") else ():
            # Users and accounts tell of deleted ones, too, and do not mark them.
            item["associations"] = sorted(
                (it for it in item["associations"] if tuple(it[key] for key in who) in living),
                key=json.dumps,
            )
        kept[name] = sorted(items, key=json.dumps)
    return kept


def test_an_export_is_restored_on_an_empty_database(
    lab: Lab, other: str, version: ApiVersion
) -> None:
    before = config(lab, version)
    answer = restore(lab, before, version, url=other)
    assert (answer.status, answer.json()["errors"]) == (200, []), answer.json()
    after = config(lab, version, url=other)
    assert portable(after) == portable(before)
    again = restore(lab, after, version, url=other)
    assert (again.status, again.json()["errors"]) == (200, [])
    assert without_meta(config(lab, version, url=other)) == without_meta(after)


def test_five_thousand_users_are_restored_and_exported_again(lab: Lab, other: str) -> None:
    told = with_users(config(lab), USERS)
    answer = restore(lab, told, url=other, timeout=600)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    after = config(lab, url=other)
    assert portable(after) == portable(told)
    again = restore(lab, after, url=other, timeout=600)
    assert (again.status, again.json()["errors"]) == (200, [])
    assert config(lab, url=other)["associations"] == after["associations"]


def with_users(told: Config, count: int) -> Config:
    """With users more, each with an association like that of cv below account cc."""
    told = copy.deepcopy(told)
    (user,) = (user for user in told["users"] if user["name"] == "cv")
    (place,) = (
        place
        for place in told["associations"]
        if (place["user"], place["account"], place["partition"]) == ("cv", "cc", "")
    )
    (account,) = (account for account in told["accounts"] if account["name"] == "cc")
    for number in range(count):
        name = f"c{number:05}"
        short = {"account": "cc", "cluster": "lab", "partition": "", "user": name, "id": 0}
        account["associations"].append(short)
        told["users"].append({**user, "name": name, "associations": [short], "coordinators": []})
        lineage = place["lineage"].replace("cv", name)
        told["associations"].append({**place, "user": name, "lineage": lineage})
    return told


def test_tres_and_qos_that_there_are_none_of_come_with_the_limits_that_name_them(
    lab: Lab, other: str, version: ApiVersion
) -> None:
    told = config(lab, version)
    told["tres"].append({"type": "gres", "name": "lab", "id": 1001, "count": 0})
    (cq,) = (qos for qos in told["qos"] if qos["name"] == "cq")
    cq["limits"]["max"]["tres"]["per"]["job"].append({"type": "gres", "name": "lab", "count": 3})
    for place in told["associations"]:
        if place["account"] == "ca":
            place["max"]["tres"]["total"].append({"type": "gres", "name": "lab", "count": 8})
    assert restore(lab, told, version, url=other).json()["errors"] == []
    after = config(lab, version, url=other)
    limits = {
        limit["name"]: limit["count"]
        for qos in after["qos"]
        for limit in qos["limits"]["max"]["tres"]["per"]["job"]
        if qos["name"] == "cq"
    }
    assert limits["lab"] == 3
    places = [place for place in after["associations"] if place["account"] == "ca"]
    assert places
    for place in places:
        assert {"type": "gres", "name": "lab"}.items() <= place["max"]["tres"]["total"][-1].items()


def without_meta(told: Config) -> Config:
    return {name: told[name] for name in LISTS}


NEW = {
    "tres": [{"type": "cpu"}],
    "qos": [{"name": "cnew", "limits": {"grace_time": 5}}],
    "accounts": [{"name": "cd", "description": "d", "organization": "o"}],
    "users": [{"name": "cx", "administrator_level": ["Operator"]}],
    "associations": [
        {"cluster": "lab", "account": "cd", "parent_account": "ca", "user": ""},
        {"cluster": "lab", "account": "cd", "user": "cx", "default": {"qos": "cnew"}},
    ],
    "wckeys": [{"cluster": "lab", "user": "cx", "name": "cw"}],
}

BAD: tuple[tuple[Config, int, str], ...] = (
    ({"accounts": [{"name": "cd", "description": "d"}]}, 9200, "#/accounts[0]/"),
    ({"accounts": 7}, 9209, "#/accounts[0]/"),
    ({"users": [{"name": ""}]}, 9210, "#/users[0]/"),
    (
        {"users": [{"name": "cx", "default": {"account": "ca"}}]},
        2045,
        "#/users[0]/default/account/",
    ),
    ({"tres": [{"type": "gres"}]}, 9216, "#/tres[0]/"),
    ({"qos": [{"name": "cnew", "limits": {"factor": -1}}]}, 9202, "#/qos[0]/limits/factor/"),
    ({"clusters": [{"name": ""}]}, 9216, "#/clusters[0]/name/"),
    ({"wckeys": [{"cluster": "lab", "user": "", "name": "x"}]}, 9216, "#/wckeys[0]/user/"),
    ({"wckeys": [{"cluster": "nosuch", "user": "cx", "name": "x"}]}, 9216, "#/wckeys[0]/"),
    (
        {
            "associations": [
                {"cluster": "lab", "account": "cd", "user": "", "default": {"qos": "no"}}
            ]
        },
        2066,
        "#/associations[0]/default/qos/",
    ),
    (
        {"associations": [{"cluster": "lab", "account": "cd", "user": "cx", "parent_account": ""}]},
        2045,
        "#/associations[0]/account/",
    ),
    (
        {"associations": [{"cluster": "lab", "account": "cd", "user": "", "parent_account": "no"}]},
        2046,
        "#/associations[0]/parent_account/",
    ),
    (
        {"accounts": [{**NEW["accounts"][0], "coordinators": [{"name": "nosuch"}]}]},
        2166,
        "#/accounts[0]/coordinators/",
    ),
)


@pytest.mark.parametrize(("bad", "number", "source"), BAD)
def test_a_part_that_cannot_be_stored_is_named_and_takes_all_back(
    lab: Lab, bad: Config, number: int, source: str
) -> None:
    before = without_meta(config(lab))
    answer = restore(lab, {**NEW, **bad})
    error = answer.json()["errors"][0]
    assert (answer.status, error["error_number"]) == (422, number), error
    assert error["source"].startswith(source)
    assert without_meta(config(lab)) == before


def test_who_is_no_administrator_stores_nothing(lab: Lab, version: ApiVersion) -> None:
    before = without_meta(config(lab))
    for told in (NEW, before, {"accounts": NEW["accounts"]}):
        answer = restore(lab, told, version, user="alice")
        assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 2002)
    assert without_meta(config(lab)) == before


def test_an_export_is_refused_to_who_is_no_administrator(lab: Lab, version: ApiVersion) -> None:
    answer = lab.get(f"/slurmdb/{version}/config", user="alice")
    error = answer.json()["errors"][0]
    assert (answer.status, error["error_number"], error["source"]) == (422, 2002, "_dump")
    assert error["description"] == "slurmdb_wckeys_get failed"


def test_what_is_not_mentioned_stays_as_it_is(lab: Lab, version: ApiVersion) -> None:
    before = without_meta(config(lab, version))
    told = {
        "qos": [{"name": "cq"}],
        "accounts": [{"name": "ca", "description": "rich, in all", "organization": "öl"}],
        "users": [{"name": "cu"}],
        "associations": [
            {"cluster": "lab", "account": "ca", "user": ""},
            {"cluster": "lab", "account": "cc", "user": "cu"},
        ],
    }
    answer = restore(lab, told, version)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    assert without_meta(config(lab, version)) == before
    assert restore(lab, {}, version).status == 200


def test_what_differs_is_changed(lab: Lab, version: ApiVersion) -> None:
    before = config(lab, version)
    told = copy.deepcopy(before)
    (place,) = (
        place
        for place in told["associations"]
        if (place["account"], place["user"]) == ("ca", "") and place["cluster"] == "lab"
    )
    place["comment"] = "changed"
    place["max"]["jobs"]["active"] = {"set": True, "infinite": False, "number": 77}
    (account,) = (account for account in told["accounts"] if account["name"] == "cb")
    account["description"] = "changed"
    account["coordinators"] = [{"name": "cu", "direct": True}]
    for user in told["users"]:
        user["coordinators"] = []
    assert restore(lab, told, version).json()["errors"] == []
    after = config(lab, version)
    (changed,) = (it for it in after["associations"] if it["lineage"] == place["lineage"])
    assert (changed["comment"], changed["max"]["jobs"]["active"]["number"]) == ("changed", 77)
    (changed,) = (it for it in after["accounts"] if it["name"] == "cb")
    assert changed["description"] == "changed"
    assert [it["name"] for it in changed["coordinators"] if it["direct"]] == ["cu"]
    assert restore(lab, before, version).json()["errors"] == []
    assert portable(config(lab, version)) == portable(before)

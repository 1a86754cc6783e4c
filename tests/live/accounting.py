"""What tests of the accounting database share: how it is asked, what they store in it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from laboratory import Answer, Lab

__all__ = [
    "ACCOUNT",
    "OF_ACCOUNT",
    "OF_USER",
    "ON_CLUSTER",
    "Ask",
    "aged",
    "at",
    "cpus",
    "joined",
    "nested",
    "number",
    "one",
    "store",
    "stored",
]

Ask = Callable[..., Answer]

ACCOUNT = {"name": "la", "description": "first", "organization": "org"}
ON_CLUSTER = {"account": "la", "cluster": "lab"}
OF_ACCOUNT = {**ON_CLUSTER, "user": "", "parent_account": "root"}
OF_USER = {**ON_CLUSTER, "user": "lu"}


def stored(lab: Lab) -> list[str]:
    """All of the database that is written here, as sacctmgr shows it."""
    shown = (
        "show account withcoordinators format=account,description,organization,coordinators",
        "show user format=user,adminlevel,defaultaccount,defaultwckey",
        "show assoc format=cluster,account,user,partition,parentname,share,priority,defaultqos,qos,"
        "grpjobs,grpsubmit,grptres,grpwall,maxjobs,maxsubmit,maxtres,maxwall,comment",
    )
    return [lab.run(f"sacctmgr -nP {what}") for what in shown]


def aged(lab: Lab, table: str) -> None:
    """Make what there is older than a day: slurmdbd forgets what was deleted within one."""
    line = f"update slurm_acct_db.{table} set creation_time=1700000000"
    lab.run(f"mariadb -e '{line}'")


def store(ask: Ask, path: str, *items: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Post items, which are all taken; gives what was told."""
    answer = ask("POST", f"{path}/", {path: list(items)}, **how)
    told: dict[str, Any] = answer.json()
    assert (answer.status, told["errors"]) == (200, []), told
    return told


def one(ask: Ask, path: str, **how: Any) -> dict[str, Any]:
    """The one element that a query finds."""
    told = ask("GET", path, **how).json()
    assert told["errors"] == []
    (element,) = next(iter(told.values()))
    return dict(element)


def nested(path: str, value: Any) -> dict[str, Any]:
    """``{"max": {"jobs": {"active": value}}}`` for ``max/jobs/active``."""
    for key in reversed(path.split("/")):
        value = {key: value}
    return dict(value)


def joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(one)
    for key, value in other.items():
        inner = isinstance(value, dict) and "set" not in value and isinstance(found.get(key), dict)
        found[key] = joined(found[key], value) if inner else value
    return found


def at(path: str, data: Any) -> Any:
    for key in path.split("/"):
        data = data[key]
    return data


def number(value: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


def cpus(count: int) -> list[dict[str, Any]]:
    return [{"type": "cpu", "name": "", "id": 1, "count": count}]

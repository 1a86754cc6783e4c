"""Accounts, users and associations held against the real daemons on the same database: every GET,
every version, and what a write by either leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from comparison import SERVED
from database import Write, answers_alike, writes_alike
from laboratory import Lab

PATHS = (
    "accounts/",
    "accounts/?description=science",
    "accounts/?description=nothing",
    "account/sci",
    "account/sci?with_assocs&with_coords",
    "account/rich?with_assocs&with_coords",
    "account/root",
    "account/nosuch",
    "account/gone?with_deleted",
    "users/",
    "users/?with_assocs&with_coords&with_wckeys",
    "users/?with_deleted",
    "users/?without_defaults&with_assocs",
    "users/?admin_level=Administrator",
    "users/?default_account=sci&with_assocs",
    "users/?bogus=1",
    "user/alice",
    "user/alice?with_assocs&with_coords&with_wckeys",
    "user/nosuch",
    "associations/",
    "associations/?user=alice%2Cbob",
    "associations/?user=alice&user=bob",
    "associations/?account=rich",
    "associations/?account=nosuch",
    "associations/?cluster=lab&parent_account=root",
    "associations/?partition=debug",
    "associations/?usage_start=2026-01-01&usage_end=now",
    "association/?user=alice&account=sci",
    "association/?user=nosuch",
)

SWITCHES = {
    # (whether the version has them by one word each, the switches)
    True: ("with_assocs", "with_coords", "with_deleted"),
    False: ("WithAssociations", "WithCoordinators", "DELETED"),
}
ASSOCIATION_SWITCHES = {
    True: (
        "with_deleted",
        "with_usage",
        "only_defaults",
        "with_raw_qos",
        "with_sub_accts",
        "without_parent_info",
        "without_parent_limits",
    ),
    False: (
        "Include%20deleted%20associations",
        "Include%20usage",
        "Filter%20to%20only%20defaults",
        "Include%20the%20raw%20QOS%20or%20delta_qos",
        "Include%20sub%20acct%20information",
        # "Exclude parent id/name" is found by ours alone.
        "Exclude%20limits%20from%20parents",
    ),
}

every_version = pytest.mark.parametrize("version", SERVED)


@pytest.fixture(scope="module", autouse=True)
def rich(lab: Lab) -> Iterator[None]:
    """An account with all limits, coordinators and users; one that was deleted again."""
    for line in (
        "add account rich description='rich, \"quoted\"' organization=öl fairshare=7 grpjobs=11 "
        "grpsubmit=12 grptres=cpu=10,mem=2000,fs/disk=3 grptresmins=cpu=100 grptresrunmins=cpu=50 "
        "grpwall=60 maxjobs=5 maxsubmit=6 maxtres=cpu=4,node=2 maxtrespernode=cpu=2 "
        "maxtresmins=cpu=30 maxwall=90 priority=9 qos=high defaultqos=high comment='two words'",
        "add user ruth account=rich adminlevel=Operator maxjobs=2",
        "add user ruth account=rich partition=debug",
        "add user rolf account=rich fairshare=parent",
        "add coordinator account=rich name=ruth",
        "add account gone description=x organization=y",
        "delete account gone",
    ):
        lab.run(f"sacctmgr -i {line}")
    yield
    lab.run("sacctmgr -i delete user ruth,rolf && sacctmgr -i delete account rich")


def paths_of(version: str) -> Iterator[str]:
    yield from PATHS
    old = version == "v0.0.40"
    for switch in SWITCHES[old]:
        yield f"accounts/?{switch}"
    for switch in ASSOCIATION_SWITCHES[version in ("v0.0.40", "v0.0.41")]:
        yield f"associations/?{switch}"


@pytest.mark.parametrize(
    ("version", "path"), [(version, path) for version in SERVED for path in paths_of(version)]
)
def test_answer_is_the_real_daemons(lab: Lab, version: str, path: str) -> None:
    answers_alike(lab, version, path)


LIMITED = {
    "account": "tacct",
    "cluster": "lab",
    "user": "tuser",
    "shares_raw": 5,
    "qos": ["high", "normal"],
    "default": {"qos": "high"},
    "priority": {"set": True, "number": 3},
    "min": {"priority_threshold": {"set": True, "number": 8}},
    "max": {
        "jobs": {"active": {"set": True, "number": 4}, "total": {"set": True, "number": 9}},
        "tres": {
            "total": [{"type": "cpu", "count": 7}, {"type": "mem", "count": 70}],
            "per": {"job": [{"type": "node", "count": 2}]},
        },
    },
}

# Without what the real daemons lose of it: an association's comment when it is changed, the place
# of a new account in the tree, coordinators that are not mentioned.
WRITES: tuple[Write, ...] = (
    (
        "POST",
        "accounts_association/",
        {
            "association_condition": {"accounts": ["tacct"], "clusters": ["lab"]},
            "account": {"description": "first", "organization": "org"},
        },
    ),
    (
        "POST",
        "accounts_association/",
        {
            "association_condition": {"accounts": ["tother"], "association": {"parent": "tacct"}},
            "account": {"description": "second", "organization": "org"},
        },
    ),
    (
        "POST",
        "accounts_association/",
        {"association_condition": {"accounts": ["tnone"], "clusters": ["nosuch"]}},
    ),
    (
        "POST",
        "accounts/",
        {
            "accounts": [
                {
                    "name": "tother",
                    "description": "changed",
                    "organization": "org2",
                    "coordinators": [{"name": "alice"}, {"name": "bob"}],
                },
                {"name": "tplain", "description": "plain", "organization": "org"},
            ]
        },
    ),
    (
        "POST",
        "accounts/",
        {
            "accounts": [
                {
                    "name": "tother",
                    "description": "changed",
                    "organization": "org2",
                    "coordinators": [{"name": "bob"}],
                }
            ]
        },
    ),
    ("POST", "users/", {"users": [{"name": "tuser"}, {"name": "told"}]}),
    ("POST", "users/", {"users": [{"name": "tuser", "administrator_level": ["Operator"]}]}),
    ("POST", "users/", {"users": [{"name": "tnew", "old_name": "told"}]}),
    (
        "POST",
        "associations/",
        {
            "associations": [
                {"account": "tacct", "cluster": "lab", "user": "tuser", "is_default": True},
                {"account": "tother", "cluster": "lab", "user": "tuser"},
                {"account": "tacct", "cluster": "lab", "user": "tuser", "partition": "debug"},
            ]
        },
    ),
    ("POST", "associations/", {"associations": [LIMITED]}),
    ("POST", "users/", {"users": [{"name": "tuser", "default": {"account": "tother"}}]}),
    ("DELETE", "association/?account=tacct&user=tuser&partition=debug", None),
    (
        "POST",
        "accounts_association/",
        {
            "association_condition": {
                "accounts": ["tmore1", "tmore2"],
                "clusters": ["lab"],
                "association": {
                    "parent": "tacct",
                    "fairshare": 6,
                    "maxjobs": {"set": True, "number": 3},
                    "grptres": [{"type": "cpu", "count": 5}],
                },
            },
            "account": {"description": "more", "organization": "org"},
        },
    ),
    (
        "POST",
        "users_association/",
        {
            "association_condition": {
                "users": ["tmore"],
                "accounts": ["tmore1", "tmore2"],
                "wckeys": ["tkey"],
                "association": {"qoslevel": ["high"], "defaultqos": "high", "comment": "c"},
            },
            "user": {"adminlevel": ["None"], "defaultaccount": "tmore2"},
        },
    ),
    ("POST", "users_association/", {"association_condition": {"users": ["tmore"]}, "user": {}}),
    ("DELETE", "account/tmore1", None),
    ("DELETE", "user/tnew", None),
    ("DELETE", "user/tnew", None),
    ("DELETE", "associations/?account=nosuch", None),
)

SHOWN = (
    "show account format=account,description,organization",
    "show user format=user,adminlevel,defaultaccount",
    "show assoc format=cluster,account,user,partition,parentname,share,priority,defaultqos,qos,"
    "maxjobs,maxsubmit,grptres,maxtres,comment",
    "show wckey format=cluster,user,wckey",
)


def forget(lab: Lab) -> None:
    lab.run("sacctmgr -i delete user tuser,told,tnew,tmore", check=False)
    lab.run("sacctmgr -i delete account tother,tmore1,tmore2,tplain,tacct", check=False)


def coordinators(lab: Lab, account: str) -> list[str]:
    told = lab.run(f"sacctmgr -nP show account {account} withcoordinators format=coordinators")
    return told.strip().split(",")


@every_version
def test_writes_leave_what_the_real_daemons_leave(lab: Lab, version: str) -> None:
    def stored() -> list[Any]:
        state: list[Any] = [lab.run(f"sacctmgr -nP {what}").splitlines() for what in SHOWN]
        state.append(sorted(coordinators(lab, "tother")))
        return state

    writes_alike(lab, version, WRITES, forget=lambda: forget(lab), stored=stored)

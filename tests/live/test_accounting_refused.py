"""What writes of accounts, users and associations refuse: bad input, and who may not make them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accounting import ACCOUNT, OF_ACCOUNT, OF_USER, ON_CLUSTER, Ask, store, stored
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion

pytestmark = pytest.mark.usefixtures("forgotten")


BEYOND = {"accounts": ["la"], "association": {"grpjobs": 1 << 31}}

REFUSED: tuple[tuple[str, Any, int, int, str], ...] = (
    ("accounts/", {}, 422, 9200, "#/accounts/"),
    ("accounts/", {"accounts": "x"}, 422, 9209, "#/accounts[0]/"),
    ("accounts/", {"accounts": [ACCOUNT, {"name": "lb"}]}, 422, 9200, "#/accounts[1]/description/"),
    ("accounts/", {"accounts": [ACCOUNT, {**ACCOUNT, "name": ""}]}, 422, 9216, "#/accounts[1]/"),
    (
        "accounts/",
        {"accounts": [{**ACCOUNT, "coordinators": [{"name": "nosuch"}]}]},
        422,
        2166,
        "#/accounts[0]/coordinators/",
    ),
    (
        "accounts/",
        {"accounts": [{**ACCOUNT, "flags": ["NO"]}]},
        422,
        9207,
        "#/accounts[0]/flags[0]/",
    ),
    ("accounts/", '{"accounts": [', 400, 0, ""),
    ("users/", {}, 422, 9200, "#/users/"),
    ("users/", {"users": [{"name": "lu"}, {}]}, 422, 9210, "_foreach_update_user"),
    (
        "users/",
        {"users": [{"name": "lu", "old_name": "nosuch"}]},
        422,
        2166,
        "#/users[0]/old_name/",
    ),
    (
        "users/",
        {"users": [{"name": "lu", "default": {"account": "sci"}}]},
        422,
        2045,
        "#/users[0]/default/account/",
    ),
    (
        "users/",
        {"users": [{"name": "lu", "default": {"wckey": "nosuch"}}]},
        422,
        2057,
        "#/users[0]/default/wckey/",
    ),
    (
        "users/",
        {"users": [{"name": "alice", "default": {"qos": 2}}]},
        422,
        2066,
        "#/users[0]/default/qos/",
    ),
    ("associations/", {"associations": [{}]}, 422, 9216, "#/associations[0]/"),
    (
        "associations/",
        {"associations": [{"account": "sci", "cluster": "lab"}]},
        422,
        9200,
        "#/associations[0]/user/",
    ),
    (
        "associations/",
        {"associations": [{"account": "nosuch", "cluster": "lab", "user": "alice"}]},
        422,
        2045,
        "#/associations[0]/account/",
    ),
    (
        "associations/",
        {"associations": [{"account": "sci", "cluster": "nosuch", "user": "alice"}]},
        422,
        2045,
        "#/associations[0]/account/",
    ),
    (
        "associations/",
        {"associations": [{**OF_ACCOUNT, "parent_account": "nosuch"}]},
        422,
        2046,
        "#/associations[0]/parent_account/",
    ),
    *(
        (
            "associations/",
            {"associations": [{"account": "sci", "cluster": "lab", "user": "", **parent}]},
            422,
            2046,
            "#/associations[0]/parent_account/",
        )
        for parent in ({"parent_account": "nosuch"}, {"parent_account": "sci"})
    ),
    (
        "associations/",
        {
            "associations": [
                {"account": "sci", "cluster": "lab", "user": "bob", "parent_account": "root"}
            ]
        },
        422,
        2046,
        "#/associations[0]/parent_account/",
    ),
    (
        "associations/",
        {"associations": [{**ON_CLUSTER, "user": ""}]},
        422,
        2046,
        "#/associations[0]/parent_account/",
    ),
    (
        "associations/",
        {
            "associations": [
                {"account": "sci", "cluster": "lab", "user": "alice", "qos": ["nosuch"]}
            ]
        },
        422,
        2066,
        "#/associations[0]/qos[0]/",
    ),
    (
        "associations/",
        {
            "associations": [
                {
                    "account": "sci",
                    "cluster": "lab",
                    "user": "alice",
                    "max": {"tres": {"total": [{"type": "gres", "name": "nosuch", "count": 1}]}},
                }
            ]
        },
        422,
        2115,
        "#/associations[0]/max/tres/total[0]/",
    ),
    (
        "associations/",
        {"associations": [{**OF_USER, "max": {"jobs": {"active": 3_000_000_000}}}]},
        422,
        9202,
        "#/associations[0]/max/jobs/active/",
    ),
    (
        "users_association/",
        {"association_condition": BEYOND | {"users": ["lu"]}, "user": {}},
        422,
        9202,
        "#/association_condition/association/grpjobs/",
    ),
    (
        "accounts_association/",
        {"association_condition": BEYOND},
        422,
        9202,
        "#/association_condition/association/grpjobs/",
    ),
    (
        "users_association/",
        {"association_condition": {"users": ["lu"], "accounts": ["nosuch"]}, "user": {}},
        422,
        2045,
        "#/association_condition/accounts[0]/",
    ),
    (
        "users_association/",
        {"association_condition": {"users": ["lu"], "accounts": ["sci", "nosuch"]}, "user": {}},
        422,
        2045,
        "#/association_condition/accounts[1]/",
    ),
    (
        "users_association/",
        {
            "association_condition": {
                "users": ["lu"],
                "accounts": ["sci"],
                "clusters": ["lab", "nosuch"],
            },
            "user": {},
        },
        422,
        2045,
        "#/association_condition/clusters[1]/",
    ),
    (
        "users_association/",
        {"association_condition": {"users": [], "accounts": ["sci"]}, "user": {}},
        422,
        2162,
        "slurmdb_users_add_cond",
    ),
    (
        "users_association/",
        {
            "association_condition": {
                "users": ["lu"],
                "accounts": ["sci"],
                "association": {"qoslevel": ["nosuch"]},
            },
            "user": {},
        },
        422,
        2066,
        "#/association_condition/association/qoslevel[0]/",
    ),
    (
        "accounts_association/",
        {"association_condition": {"accounts": ["la"], "association": {"parent": "nosuch"}}},
        422,
        2046,
        "_add_accounts_association",
    ),
    ("users_association/", {"user": {}}, 422, 9200, "#/association_condition/"),
    ("accounts_association/", {}, 422, 9200, "#/association_condition/"),
    (
        "accounts_association/",
        {"association_condition": {"accounts": []}},
        422,
        2162,
        "_add_accounts_association",
    ),
    (
        "accounts_association/",
        {"association_condition": {"accounts": ["la"], "clusters": ["nosuch"]}},
        422,
        7104,
        "_add_accounts_association",
    ),
    (
        "users_association/",
        {"association_condition": {"users": ["lu"]}, "user": {}},
        422,
        9211,
        "_add_users_association",
    ),
)


@pytest.mark.parametrize(
    ("path", "body", "status", "number", "source"),
    REFUSED,
    ids=[f"{path}{json.dumps(body)[:70]}" for path, body, *_ in REFUSED],
)
def test_bad_input_is_told_and_changes_nothing(
    lab: Lab, ask: Ask, path: str, body: Any, status: int, number: int, source: str
) -> None:
    before = stored(lab)
    answer = ask("POST", path, body)
    assert answer.status == status, answer.body
    if number:
        (error,) = answer.json()["errors"]
        assert (error["error_number"], error["source"]) == (number, source)
        assert error["description"]
    assert stored(lab) == before


@pytest.mark.parametrize(
    "query",
    ["id=abc", "id=-1", "qos=nosuch", "usage_start=never", "default_qos=x"],
)
def test_a_bad_filter_removes_and_finds_nothing(lab: Lab, ask: Ask, query: str) -> None:
    before = stored(lab)
    for method in ("GET", "DELETE"):
        assert ask(method, f"associations/?{query}").status in (400, 422)
    assert stored(lab) == before


def test_a_plain_user_changes_nothing(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    association = {"account": "sci", "cluster": "lab", "user": "alice", "comment": "mine"}
    condition = {"accounts": ["sci"], "users": ["lu"]}
    answers = [
        ask(method, path, body, user="alice", version=version)
        for method, path, body in (
            ("POST", "accounts/", {"accounts": [ACCOUNT]}),
            ("POST", "accounts/", {"accounts": [{**ACCOUNT, "name": "sci"}]}),
            ("POST", "users/", {"users": [{"name": "lu"}]}),
            ("POST", "users/", {"users": [{"name": "alice", "administrator_level": "Operator"}]}),
            ("POST", "associations/", {"associations": [association]}),
            ("POST", "associations/", {"associations": [{**association, "partition": "debug"}]}),
            ("POST", "users_association/", {"association_condition": condition, "user": {}}),
            ("DELETE", "account/sci", None),
            ("DELETE", "user/bob", None),
            ("DELETE", "association/?user=alice", None),
        )
    ]
    assert [(answer.status, answer.json()["errors"][0]["error_number"]) for answer in answers] == [
        (422, 2002)
    ] * len(answers)
    assert stored(lab) == before


PARTS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("accounts", ACCOUNT, {**ACCOUNT, "name": "lb", "coordinators": [{"name": "nosuch"}]}),
    ("users", {"name": "lu"}, {"name": "lu2", "default": {"account": "nosuch"}}),
    ("associations", {**OF_USER, "account": "sci", "user": "root"}, {**OF_USER, "account": "la"}),
)


@pytest.mark.parametrize(("path", "good", "bad"), PARTS, ids=[path for path, *_ in PARTS])
def test_a_part_that_fails_takes_back_what_came_before_it(
    lab: Lab, ask: Ask, path: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    before = stored(lab)
    answer = ask("POST", f"{path}/", {path: [good, bad]})
    (error,) = answer.json()["errors"]
    assert answer.status == 422
    assert error["source"].startswith(f"#/{path}[1]/")
    assert stored(lab) == before
    store(ask, path, good)
    assert stored(lab) != before
    lab.run("sacctmgr -i delete user root account=sci", check=False)

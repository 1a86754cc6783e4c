"""Accounts, users and associations in the real database: what is stored, refused and taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from accounting import (
    ACCOUNT,
    OF_ACCOUNT,
    OF_USER,
    Ask,
    at,
    cpus,
    joined,
    nested,
    number,
    one,
    store,
    stored,
)
from laboratory import Lab
from rest_daemon import StartDaemon

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V40, V45, VERSIONS

pytestmark = pytest.mark.usefixtures("forgotten")


def test_an_account_is_added_changed_and_removed(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    store(ask, "accounts", ACCOUNT, version=version)
    assert one(ask, "account/la", version=version)["description"] == "first"
    store(ask, "accounts", {**ACCOUNT, "description": "second"}, version=version)
    assert one(ask, "account/la", version=version)["description"] == "second"
    assert stored(lab) != before
    removed = ask("DELETE", "account/la", version=version)
    assert (removed.status, removed.json()["removed_accounts"]) == (200, ["la"])
    again = ask("DELETE", "account/la", version=version)
    assert (again.status, again.body) == (304, b"")
    assert stored(lab) == before


def test_a_user_is_added_renamed_and_removed(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    before = stored(lab)
    store(ask, "users", {"name": "lu", "administrator_level": ["Operator"]}, version=version)
    store(ask, "users", {"name": "lu"}, version=version)
    assert one(ask, "user/lu", version=version)["administrator_level"] == ["Operator"]
    store(ask, "users", {"name": "lu2", "old_name": "lu"}, version=version)
    assert one(ask, "user/lu2", version=version)["administrator_level"] == ["Operator"]
    removed = ask("DELETE", "user/lu2", version=version)
    assert (removed.status, removed.json()["removed_users"]) == (200, ["lu2"])
    assert ask("DELETE", "user/lu2", version=version).status == 304
    assert stored(lab) == before


def test_an_association_is_added_changed_and_removed(
    lab: Lab, ask: Ask, version: ApiVersion
) -> None:
    before = stored(lab)
    store(ask, "accounts", ACCOUNT, version=version)
    store(ask, "users", {"name": "lu"}, version=version)
    partial = {**OF_USER, "partition": "debug"}
    store(ask, "associations", OF_ACCOUNT, OF_USER, partial, version=version)
    store(ask, "associations", {**OF_USER, "comment": "changed"}, version=version)
    told = ask("GET", "associations/?account=la", version=version).json()["associations"]
    assert [
        (found["user"], found["partition"], found["comment"], found["lineage"]) for found in told
    ] == [
        ("", "", "", "/la/"),
        ("lu", "", "changed", "/la/0-lu/"),
        ("lu", "debug", "", "/la/0-lu/debug/"),
    ]
    removed = ask("DELETE", "association/?user=lu&partition=debug", version=version).json()
    assert removed["removed_associations"] == [
        "C = lab        A = la         U = lu        P = debug"
    ]
    assert ask("DELETE", "association/?user=lu&partition=debug", version=version).status == 304
    assert ask("DELETE", "associations/?account=la", version=version).status == 200
    ask("DELETE", "user/lu", version=version)
    ask("DELETE", "account/la", version=version)
    assert stored(lab) == before


def test_accounts_and_users_are_added_with_associations(
    lab: Lab, ask: Ask, version: ApiVersion
) -> None:
    condition: dict[str, Any] = {"accounts": ["la"], "clusters": ["lab"]}
    added = ask(
        "POST", "accounts_association/", {"association_condition": condition, "account": {}}
    )
    assert added.json()["added_accounts"].startswith(" Adding Account(s)\n  la\n")
    condition |= {"users": ["lu"], "association": {"maxjobs": {"set": True, "number": 3}}}
    added = ask(
        "POST", "users_association/", {"association_condition": condition, "user": {}},
        version=version,
    )  # fmt: skip
    assert added.json()["added_users"].startswith(" Adding User(s)\n  lu\n")
    limit = one(ask, "association/?user=lu", version=version)["max"]["jobs"]["active"]
    assert limit == {"set": True, "infinite": False, "number": 3}
    again = ask("POST", "users_association/", {"association_condition": condition, "user": {}})
    assert (again.status, again.body) == (304, b"")


def add_account_la(lab: Lab, user: str) -> None:
    """With an association of the user; slurmdbd knows removed clusters for a while."""
    there = "account=la cluster=lab"
    lab.run(f"sacctmgr -i add account la cluster=lab && sacctmgr -i add user {user} {there}")


LIMITS: dict[str, tuple[Any, Any]] = {
    "comment": ("one", "other"),
    "default/qos": ("high", "normal"),
    "max/jobs/per/count": (number(11), number(12)),
    "max/jobs/per/accruing": (number(13), number(14)),
    "max/jobs/per/submitted": (number(15), number(16)),
    "max/jobs/per/wall_clock": (number(17), number(18)),
    "max/jobs/active": (number(19), number(20)),
    "max/jobs/accruing": (number(21), number(22)),
    "max/jobs/total": (number(23), number(24)),
    "max/tres/total": (cpus(25), cpus(26)),
    "max/tres/group/minutes": (cpus(27), cpus(28)),
    "max/tres/group/active": (cpus(29), cpus(30)),
    "max/tres/minutes/total": (cpus(31), cpus(32)),
    "max/tres/minutes/per/job": (cpus(33), cpus(34)),
    "max/tres/per/job": (cpus(35), cpus(36)),
    "max/tres/per/node": (cpus(37), cpus(38)),
    "max/per/account/wall_clock": (number(39), number(40)),
    "min/priority_threshold": (number(41), number(42)),
    "priority": (number(43), number(44)),
    "qos": (["normal", "high"], ["high", "normal"]),
    "shares_raw": (45, 46),
}
"""Of each limit of an association two values, as they are given and told."""


@pytest.mark.parametrize("version", [V40, V45], ids=str)
def test_each_limit_changes_alone_and_all_others_stay(
    lab: Lab, ask: Ask, version: ApiVersion
) -> None:
    add_account_la(lab, "lu")
    everything: dict[str, Any] = dict(OF_USER)
    for path, (first, _) in LIMITS.items():
        everything = joined(everything, nested(path, first))
    store(ask, "associations", everything, version=version)
    now = {path: first for path, (first, _) in LIMITS.items()}
    for path, (_, other) in LIMITS.items():
        store(ask, "associations", {**OF_USER, **nested(path, other)}, version=version)
        now[path] = other
        told = one(ask, "association/?user=lu", version=version)
        found = {name: at(name, told) for name in now}
        assert {**found, "qos": sorted(found["qos"])} == {**now, "qos": sorted(now["qos"])}, path


def test_an_association_that_was_read_is_written_back(lab: Lab, ask: Ask) -> None:
    store(ask, "accounts", ACCOUNT)
    store(ask, "users", {"name": "lu"})
    store(ask, "associations", OF_ACCOUNT, OF_USER)
    before = stored(lab)
    told = ask("GET", "associations/?account=la").json()["associations"]
    store(ask, "associations", *told)
    store(ask, "users", one(ask, "user/lu?with_assocs"))
    store(ask, "accounts", one(ask, "account/la?with_assocs&with_coords"))
    assert stored(lab) == before


def test_an_account_moves_below_another(lab: Lab, ask: Ask) -> None:
    store(ask, "accounts", ACCOUNT, {**ACCOUNT, "name": "lb"})
    of_b = {**OF_ACCOUNT, "account": "lb"}
    store(ask, "associations", OF_ACCOUNT, of_b)
    store(ask, "associations", {**of_b, "parent_account": "la"})
    assert one(ask, "association/?account=lb")["lineage"] == "/la/lb/"
    answer = ask(
        "POST", "associations/", {"associations": [{**OF_ACCOUNT, "parent_account": "lb"}]}
    )
    told = [one(ask, f"association/?account={name}")["lineage"] for name in ("la", "lb")]
    assert (answer.status, told) == (422, ["/la/", "/la/lb/"])


def test_the_same_again_is_no_error(lab: Lab, ask: Ask, version: ApiVersion) -> None:
    for _ in range(2):
        store(ask, "accounts", ACCOUNT, version=version)
        store(ask, "users", {"name": "lu", "administrator_level": ["None"]}, version=version)
        store(ask, "associations", OF_ACCOUNT, {**OF_USER, "comment": "c"}, version=version)
        store(ask, "associations", OF_USER, version=version)
        before = stored(lab)
    assert stored(lab) == before


def test_limits_are_taken_away(lab: Lab, ask: Ask) -> None:
    add_account_la(lab, "lu")
    before = stored(lab)
    gone = {"set": False, "infinite": True, "number": 0}
    limits = {"jobs": {"active": number(3)}, "tres": {"total": cpus(4)}}
    store(ask, "associations", {**OF_USER, "max": limits})
    assert stored(lab) != before
    limits = {"jobs": {"active": gone}, "tres": {"total": [{"type": "cpu", "count": -1}]}}
    store(ask, "associations", {**OF_USER, "max": limits})
    assert stored(lab) == before


def test_coordinators_stay_unless_they_are_mentioned(lab: Lab, ask: Ask) -> None:
    def coordinators() -> list[str]:
        told = one(ask, "account/la?with_coords")["coordinators"]
        return sorted(coordinator["name"] for coordinator in told)

    store(ask, "accounts", {**ACCOUNT, "coordinators": [{"name": "alice"}, {"name": "bob"}]})
    assert coordinators() == ["alice", "bob"]
    store(ask, "accounts", {**ACCOUNT, "description": "second"})
    assert coordinators() == ["alice", "bob"]
    store(ask, "accounts", {**ACCOUNT, "coordinators": [{"name": "bob"}]})
    assert coordinators() == ["bob"]
    store(ask, "accounts", {**ACCOUNT, "coordinators": []})
    assert coordinators() == []


def test_what_an_end_point_does_not_set_is_warned_of(ask: Ask) -> None:
    told = store(ask, "accounts", {**ACCOUNT, "flags": ["DELETED"], "associations": [OF_USER]})
    assert [warning["description"] for warning in told["warnings"]] == [
        "Account associations ignored. They must be set via the associations end point.",
        "Ignoring request to set flag: DELETED",
    ]
    wckey = {"name": "k", "cluster": "lab", "user": "lu"}
    told = store(
        ask,
        "users",
        {"name": "lu", "coordinators": [{"name": "la"}], "wckeys": [wckey]},
    )
    assert [warning["description"] for warning in told["warnings"]] == [
        "User lu coordinators list ignored."
        " They must be set via the coordinators or accounts end point.",
        "User lu wckeys list ignored. They must be set via the wckeys end point.",
    ]


def test_an_account_with_jobs_is_not_removed(lab: Lab, ask: Ask, held: Callable[..., int]) -> None:
    add_account_la(lab, "alice")
    job = held("--account=la")
    lab.wait_for(lambda: "|la|" in lab.run(f"sacct -nPX -j {job} -o jobid,account,associd"))
    for path in ("account/la", "associations/?account=la"):
        answer = ask("DELETE", path)
        (error,) = answer.json()["errors"]
        assert (answer.status, error["error_number"]) == (422, 7001)
        assert f"JobID = {job} " in error["description"]
    assert one(ask, "account/la")["name"] == "la"
    lab.cancel(job)
    assert lab.wait_for(lambda: ask("DELETE", "account/la").status == 200)


def test_not_all_associations_are_removed_at_once(lab: Lab, ask: Ask) -> None:
    before = stored(lab)
    paths = ("", "?account=%2C", "?usage_end=now", "?Include%20deleted%20associations")
    for path in (*(f"associations/{query}" for query in paths), "association/?account=sci"):
        answer = ask("DELETE", path)
        assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 9210)
    assert stored(lab) == before


def test_without_slurmdbd_its_paths_say_so_and_the_others_work(lab: Lab, ask: Ask) -> None:
    lab.token("root")
    assert ask("GET", "accounts/").status == 200
    with lab.stopped("slurmdbd"):
        for version in VERSIONS:
            for path in ("accounts/", "account/sci", "users/", "associations/"):
                told = ask("GET", path, version=version)
                assert (told.status, told.json()["errors"]) == (
                    502,
                    [
                        {
                            "description": "Failed to open slurmdbd connection",
                            "error_number": 7000,
                            "error": "Unable to connect to database",
                            "source": "openapi_get_db_conn",
                        }
                    ],
                )
            assert ask("POST", "accounts/", {"accounts": [ACCOUNT]}, version=version).status == 502
            for path in ("ping/", "nodes/", "partitions/", "jobs/"):
                assert lab.get(f"/slurm/{version}/{path}").status == 200
    assert ask("GET", "account/la").json()["accounts"] == []


def test_reads_and_writes_go_on_when_slurmdbd_was_restarted(lab: Lab, ask: Ask) -> None:
    def all_at_once() -> list[int]:
        with ThreadPoolExecutor(8) as threads:
            return [
                answer.status for answer in threads.map(lambda _: ask("GET", "users/"), range(16))
            ]

    assert all_at_once() == [200] * 16
    with lab.stopped("slurmdbd"):
        pass
    assert all_at_once() == [200] * 16
    with lab.stopped("slurmdbd"):
        pass
    store(ask, "accounts", ACCOUNT)
    assert one(ask, "account/la")["description"] == "first"


def test_a_slurmdbd_that_is_stuck_costs_its_requests_alone(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT="2", PYSLURMRESTD_WORKERS="1")
    path = "/slurmdb/v0.0.45/users/"
    assert lab.get(path, url=daemon.url).status == 200  # and a connection is kept
    with lab.frozen("slurmdbd"):
        stuck = lab.get(path, url=daemon.url)
        assert (stuck.status, stuck.json()["errors"][0]["error_number"]) == (504, 5004)
        nodes = lab.wait_for(lambda: lab.get("/slurm/v0.0.45/nodes/", url=daemon.url).status == 200)
    assert nodes
    assert lab.wait_for(lambda: lab.get(path, url=daemon.url).status == 200, 20)


def test_callers_in_parallel_never_share_a_connection(lab: Lab, ask: Ask) -> None:
    """alice may change nothing; with anybody else's connection she could."""
    for user in ("alice", "bob", "root"):
        lab.token(user)
    store(ask, "users", {"name": "lu"})
    mixed = threading.Barrier(3)

    def change(user: str) -> set[int]:
        body = {"users": [{"name": "lu", "administrator_level": ["None"]}]}
        mixed.wait()
        return {ask("POST", "users/", body, user=user).status for _ in range(60)}

    with ThreadPoolExecutor(3) as threads:
        statuses = list(threads.map(change, ("alice", "bob", "root")))
    assert statuses == [{422}, {422}, {200}]


def test_what_one_caller_changes_another_sees_at_once(lab: Lab, ask: Ask) -> None:
    """A connection that is kept must not show the database as it was when it was opened."""
    for number_ in range(5):
        assert ask("GET", "account/la", user="alice").json()["accounts"] == []
        store(ask, "accounts", {**ACCOUNT, "description": f"number {number_}"})
        assert one(ask, "account/la", user="alice")["description"] == f"number {number_}"
        ask("DELETE", "account/la")

"""Partitions through the daemon: made, changed, deleted, and refused.

What was changed is read back with the real daemon and with scontrol.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from comparison import SERVED
from laboratory import Answer, Lab

NAME = "lab_p"
URL = "/slurm/v0.0.45/partitions/"
WHOLE = {"name": NAME, "nodes": {"configured": "c[2-3]"}}


def number(value: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


UNSET = {"set": False, "infinite": False, "number": 0}


@pytest.fixture
def none(lab: Lab) -> Iterator[None]:
    """No partition of the names that are made here, before and after."""
    lab.delete_partitions(NAME, "lab_p2")
    yield
    lab.delete_partitions(NAME, "lab_p2")


@pytest.fixture
def one(lab: Lab, none: None) -> dict[str, Any]:
    """A partition, as the real daemon shows it."""
    answer = write(lab, WHOLE)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    return all_shown(lab)[NAME]


def write(lab: Lab, *descriptions: Any, user: str = "root") -> Answer:
    return lab.ask("POST", URL, body={"partitions": list(descriptions)}, user=user)


def all_shown(lab: Lab) -> dict[str, dict[str, Any]]:
    """All partitions as the real daemon shows them."""
    told = lab.get(URL + "?flags=ALL", user="root", url=lab.reference["26.05"]).repaired_json()
    return {entry["name"]: entry for entry in told["partitions"]}


def of_scontrol(lab: Lab) -> set[str]:
    return set(lab.run(f"scontrol show partition {NAME}").split())


def merged(record: dict[str, Any], effect: dict[str, Any]) -> dict[str, Any]:
    """A record with some of its keys changed, at any depth; numbers replace whole objects."""
    found = copy.deepcopy(record)
    for key, value in effect.items():
        if isinstance(value, dict) and "set" not in value:
            found[key] = merged(found[key], value)
        else:
            found[key] = value
    return found


@pytest.mark.parametrize(
    ("change", "effect", "printed"),
    [
        (
            {"nodes": {"allowed_allocation": "c1"}},
            {"nodes": {"allowed_allocation": "c1"}},
            {"AllocNodes=c1"},
        ),
        (
            {"nodes": {"configured": "c4"}},
            {
                "nodes": {"configured": "c4", "total": 1},
                "cpus": {"total": 4},
                "tres": {"configured": "cpu=4,mem=2000M,node=1,billing=4"},
            },
            {
                "Nodes=c4",
                "TotalCPUs=4",
                "TotalNodes=1",
                "TRES=cpu=4,mem=2000M,node=1,billing=4",
            },
        ),
        ({"accounts": {"allowed": "sci"}}, {"accounts": {"allowed": "sci"}}, {"AllowAccounts=sci"}),
        ({"accounts": {"deny": "sci"}}, {"accounts": {"deny": "sci"}}, {"DenyAccounts=sci"}),
        ({"groups": {"allowed": "alice"}}, {"groups": {"allowed": "alice"}}, {"AllowGroups=alice"}),
        ({"qos": {"allowed": "high"}}, {"qos": {"allowed": "high"}}, {"AllowQos=high"}),
        ({"qos": {"deny": "high"}}, {"qos": {"deny": "high"}}, {"DenyQos=high"}),
        ({"qos": {"assigned": "high"}}, {"qos": {"assigned": "high"}}, {"QoS=high"}),
        ({"alternate": "debug"}, {"alternate": "debug"}, {"Alternate=debug"}),
        (
            {"tres": {"billing_weights": "CPU=2.0"}},
            {"tres": {"billing_weights": "CPU=2.0"}},
            {"TRESBillingWeights=CPU=2.0"},
        ),
        (
            {"cpus": {"task_binding": ["CPU_BIND_TO_CORES"]}},
            {"cpus": {"task_binding": ["CPU_BIND_TO_CORES"]}},
            {"CpuBind=cores"},
        ),
        (
            {"defaults": {"partition_memory_per_cpu": number(50)}},
            {
                "defaults": {
                    "partition_memory_per_cpu": number(50),
                    "partition_memory_per_node": UNSET,
                }
            },
            {"DefMemPerCPU=50"},
        ),
        (
            {"defaults": {"partition_memory_per_node": "50"}},
            {"defaults": {"partition_memory_per_node": number(50)}},
            {"DefMemPerNode=50"},
        ),
        ({"defaults": {"time": 5}}, {"defaults": {"time": number(5)}}, {"DefaultTime=00:05:00"}),
        (
            {"defaults": {"job": "DefCpuPerGPU=2"}},
            {},  # slurmrestd does not show it
            {"JobDefaults=DefCpuPerGPU=2"},
        ),
        ({"flags": ["HIDDEN"]}, {"flags": ["HIDDEN"]}, {"Hidden=YES"}),
        (
            {"flags": ["LLN", "req_resv"]},
            {"flags": ["REQ_RESV", "LLN"]},
            {"LLN=YES", "ReqResv=YES"},
        ),
        (
            {"partition": {"exclusive": "USER"}},
            {"partition": {"exclusive": "USER"}},
            {"Exclusive=USER"},
        ),
        (
            {"partition": {"exclusive": "NODE"}},
            {"partition": {"exclusive": "NODE"}},
            {"Exclusive=NODE"},
        ),
        (
            {"partition": {"oversubscribe": "FORCE:2"}},
            {"partition": {"oversubscribe": "FORCE:2"}},
            {"OverSubscribe=FORCE:2"},
        ),
        ({"partition": {"state": ["DRAIN"]}}, {"partition": {"state": ["DRAIN"]}}, {"State=DRAIN"}),
        ({"grace_time": 90}, {"grace_time": 90}, {"GraceTime=90"}),
        (
            {"maximums": {"cpus_per_node": 3}},
            {"maximums": {"cpus_per_node": number(3)}},
            {"MaxCPUsPerNode=3"},
        ),
        (
            {"maximums": {"cpus_per_socket": 1}},
            {"maximums": {"cpus_per_socket": number(1)}},
            {"MaxCPUsPerSocket=1"},
        ),
        (
            {"maximums": {"partition_memory_per_node": 900}},
            {"maximums": {"partition_memory_per_node": number(900)}},
            {"MaxMemPerNode=900"},
        ),
        ({"maximums": {"nodes": 1}}, {"maximums": {"nodes": number(1)}}, {"MaxNodes=1"}),
        ({"maximums": {"time": 90}}, {"maximums": {"time": number(90)}}, {"MaxTime=01:30:00"}),
        (
            {"maximums": {"over_time_limit": 7}},
            {"maximums": {"over_time_limit": number(7)}},
            {"OverTimeLimit=7"},
        ),
        ({"minimums": {"nodes": 2}}, {"minimums": {"nodes": 2}}, {"MinNodes=2"}),
        ({"preempt_mode": ["REQUEUE"]}, {"preempt_mode": ["REQUEUE"]}, {"PreemptMode=REQUEUE"}),
        ({"priority": {"job_factor": 3}}, {"priority": {"job_factor": 3}}, {"PriorityJobFactor=3"}),
        ({"priority": {"tier": 4}}, {"priority": {"tier": 4}}, {"PriorityTier=4"}),
        ({"node_sets": "", "topology": "", "flags": [], "alternate": None}, {}, set()),
        ({}, {}, set()),
    ],
    ids=str,
)
def test_an_update_changes_what_it_mentions_and_nothing_else(
    lab: Lab,
    one: dict[str, Any],
    change: dict[str, Any],
    effect: dict[str, Any],
    printed: set[str],
) -> None:
    before, others = of_scontrol(lab), all_shown(lab)
    answer = write(lab, {"name": NAME, **change})
    assert (answer.status, answer.json()["errors"]) == (200, [])
    assert all_shown(lab) == others | {NAME: merged(one, effect)}
    assert of_scontrol(lab) - before == printed


def test_a_partition_is_made_with_what_was_asked_for(lab: Lab, none: None) -> None:
    answer = write(
        lab,
        {
            **WHOLE,
            "maximums": {"time": number(60), "nodes": 2},
            "defaults": {"time": 30},
            "priority": {"tier": 7},
            "flags": ["HIDDEN"],
        },
    )
    assert (answer.status, answer.json()["errors"], answer.json()["warnings"]) == (200, [], [])
    assert {
        "Nodes=c[2-3]",
        "MaxTime=01:00:00",
        "MaxNodes=2",
        "DefaultTime=00:30:00",
        "PriorityTier=7",
        "Hidden=YES",
    } <= of_scontrol(lab)


def test_the_default_partition_changes_hands(lab: Lab, one: dict[str, Any]) -> None:
    try:
        assert write(lab, {"name": NAME, "flags": ["DEFAULT"]}).status == 200
        now = {name for name, entry in all_shown(lab).items() if "DEFAULT" in entry["flags"]}
    finally:
        write(lab, {"name": "debug", "flags": ["DEFAULT"]})
    after = {name for name, entry in all_shown(lab).items() if "DEFAULT" in entry["flags"]}
    assert (now, after) == ({NAME}, {"debug"})


def test_what_the_controller_takes_no_value_for_is_a_warning(lab: Lab, one: dict[str, Any]) -> None:
    answer = write(lab, {"name": NAME, "suspend_time": 5, "nodes": {"total": 3}, "cluster": "x"})
    assert (answer.status, answer.json()["warnings"], all_shown(lab)[NAME]) == (
        200,
        [
            {
                "description": "The partition description at index 0 contains the following"
                " ignored fields: cluster, suspend_time, nodes/total",
                "source": "_warn_on_ignore_values",
            }
        ],
        one,
    )


@pytest.mark.parametrize(
    ("bad", "errno", "status", "source"),
    [
        ({"name": {}}, 9202, 422, "name/"),
        ({"nodes": {"configured": ["c2"]}}, 9202, 422, "nodes/configured/"),
        ({"accounts": {"allowed": ["sci"]}}, 9202, 422, "accounts/allowed/"),
        ({"alternate": {}}, 9202, 422, "alternate/"),
        ({"cpus": {"task_binding": ["NOSUCH"]}}, 9207, 422, "cpus/task_binding[0]/"),
        (
            {"defaults": {"partition_memory_per_cpu": "x"}},
            9202,
            422,
            "defaults/partition_memory_per_cpu/",
        ),
        ({"defaults": {"time": "x"}}, 9202, 422, "defaults/time/"),
        ({"flags": ["HIDDEN", "NOSUCH"]}, 9207, 422, "flags[1]/"),
        ({"flags": {}}, 9206, 422, "flags/"),
        ({"grace_time": "x"}, 9202, 422, "grace_time/"),
        ({"maximums": {"nodes": True}}, 9202, 422, "maximums/nodes/"),
        ({"maximums": {"over_time_limit": 70000}}, 9202, 422, "maximums/over_time_limit/"),
        ({"minimums": {"nodes": "x"}}, 9202, 422, "minimums/nodes/"),
        ({"partition": {"state": "NOSUCH"}}, 9207, 422, "partition/state[0]/"),
        ({"partition": {"exclusive": "x"}}, 9001, 400, "partition/exclusive/"),
        ({"partition": {"oversubscribe": "FORCE:0"}}, 9001, 400, "partition/oversubscribe/"),
        ({"preempt_mode": ["NOSUCH"]}, 9207, 422, "preempt_mode[0]/"),
        ({"priority": {"tier": 70000}}, 9202, 422, "priority/tier/"),
    ],
    ids=str,
)
def test_bad_input_names_its_place_and_changes_nothing(
    lab: Lab, one: dict[str, Any], bad: dict[str, Any], errno: int, status: int, source: str
) -> None:
    before = all_shown(lab)
    answer = write(
        lab, {"name": "debug", "grace_time": 5}, {"name": NAME, "alternate": "debug", **bad}
    )
    told = [(error["error_number"], error["source"]) for error in answer.json()["errors"]]
    assert (answer.status, told, all_shown(lab)) == (
        status,
        [(errno, f"#/partitions[1]/{source}"), (9000, "_partitions_mod")],
        before,
    )


@pytest.mark.parametrize(
    ("change", "errno"),
    [
        ({"nodes": {"configured": "nosuch"}}, 2018),
        ({"node_sets": "nosuch"}, 2018),
        ({"qos": {"allowed": "nosuch"}}, 2066),
        ({"qos": {"assigned": "nosuch"}}, 2066),
        ({"topology": "nosuch"}, 2178),
        ({"defaults": {"job": "nosuch"}}, 2117),
        ({"tres": {"billing_weights": "cpu=x"}}, 2116),
    ],
    ids=str,
)
def test_what_the_controller_refuses_is_told_in_its_words(
    lab: Lab, one: dict[str, Any], change: dict[str, Any], errno: int
) -> None:
    before = all_shown(lab)
    answer = write(lab, {"name": NAME, **change}, {"name": "lab_p2", **change})
    told = [
        (error["error_number"], error["description"], error["source"])
        for error in answer.json()["errors"]
    ]
    assert (answer.status, told, all_shown(lab)) == (
        422,
        [
            (
                errno,
                f"Failed to {do} partition {name} with description at index {index}",
                f"slurm_{do}_partition",
            )
            for index, (do, name) in enumerate([("update", NAME), ("create", "lab_p2")])
        ],
        before,
    )


def test_one_that_is_refused_does_not_stop_the_others(lab: Lab, none: None) -> None:
    answer = write(lab, {}, {"name": ""}, {"name": "lab_p2", "topology": "nosuch"}, WHOLE)
    told = [(error["error_number"], error["description"]) for error in answer.json()["errors"]]
    missing = "The partition description at index {} must specify a name. Skipping"
    assert (answer.status, told, all_shown(lab).keys() & {"", NAME, "lab_p2"}) == (
        422,
        [
            (2000, missing.format(0)),
            (2000, missing.format(1)),
            (2178, "Failed to create partition lab_p2 with description at index 2"),
        ],
        {NAME},
    )


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"partitions": []}, 200, []),
        ({}, 422, [(9200, "#/partitions/"), (9000, "_partitions_mod")]),
        (None, 422, [(9200, "#/partitions/"), (9000, "_partitions_mod")]),
        ([], 422, [(9209, "#/"), (9000, "_partitions_mod")]),
        ({"partitions": "x"}, 422, [(9209, "#/partitions[0]/"), (9000, "_partitions_mod")]),
        ({"partitions": {}}, 422, [(9208, "#/partitions/"), (9000, "_partitions_mod")]),
    ],
    ids=str,
)
def test_a_body_without_partitions_changes_none(
    lab: Lab, body: Any, status: int, told: list[tuple[int, str]]
) -> None:
    before = all_shown(lab)
    answer = lab.ask("POST", URL, body=body, user="root")
    errors = [(error["error_number"], error["source"]) for error in answer.json()["errors"]]
    assert (answer.status, errors, all_shown(lab)) == (status, told, before)


def test_only_administrators_make_change_and_delete_partitions(
    lab: Lab, one: dict[str, Any]
) -> None:
    before = all_shown(lab)
    answers = [
        write(lab, {"name": NAME, "grace_time": 5}, {"name": "lab_p2"}, user="alice"),
        lab.ask("DELETE", f"/slurm/v0.0.45/partition/{NAME}"),
    ]
    assert [
        [(error["error_number"], error["description"]) for error in answer.json()["errors"]]
        for answer in answers
    ] == [
        [
            (2010, f"Failed to update partition {NAME} with description at index 0"),
            (2010, "Failed to create partition lab_p2 with description at index 1"),
        ],
        [(2010, "Unable to delete partition")],
    ]
    assert ([answer.status for answer in answers], all_shown(lab)) == ([422, 422], before)


def test_a_partition_is_deleted(lab: Lab, one: dict[str, Any]) -> None:
    url = f"/slurm/v0.0.45/partition/{NAME}"
    first, second = (lab.ask("DELETE", url, user="root") for _ in range(2))
    assert (first.status, first.json()["errors"], NAME in all_shown(lab)) == (200, [], False)
    assert (second.status, second.json()["errors"]) == (
        422,
        [
            {
                "description": "Unable to delete partition",
                "error_number": 2000,
                "error": "Invalid partition name specified",
                "source": "slurm_delete_partition()",
            }
        ],
    )


@pytest.mark.parametrize("version", [version for version in SERVED if version != "v0.0.45"])
def test_versions_without_a_way_to_write_say_so(lab: Lab, version: str) -> None:
    answers = [
        lab.ask("POST", f"/slurm/{version}/partitions", body={"partitions": []}, user="root"),
        lab.ask("DELETE", f"/slurm/{version}/partition/debug", user="root"),
    ]
    assert [answer.status for answer in answers] == [405, 405]

"""Partitions made, changed and deleted: held against the real daemon on the same cluster."""

from __future__ import annotations

from typing import Any

import pytest
from laboratory import Answer, Lab

NAME = "both"
URL = "/slurm/v0.0.45/partitions/"
WHOLE = {"name": NAME, "nodes": {"configured": "c[2-3]"}}


def changed(**change: Any) -> list[Any]:
    return [{"partitions": [WHOLE]}, {"partitions": [{"name": NAME, **change}]}]


REQUESTS: dict[str, list[Any]] = {
    "made": [{"partitions": [WHOLE]}],
    "made empty": [{"partitions": [{"name": NAME}]}],
    "made with all": [
        {
            "partitions": [
                {
                    **WHOLE,
                    "maximums": {"time": 60, "nodes": 2},
                    "minimums": {"nodes": 1},
                    "defaults": {"time": 30, "partition_memory_per_cpu": 100},
                    "priority": {"job_factor": 5, "tier": 2},
                    "partition": {"state": ["DRAIN"], "oversubscribe": "FORCE:2"},
                    "flags": ["HIDDEN", "LLN"],
                    "grace_time": 30,
                }
            ]
        }
    ],
    "allowed nodes": changed(nodes={"allowed_allocation": "c1"}),
    "accounts": changed(accounts={"allowed": "sci"}) + changed(accounts={"deny": "sci"}),
    "groups": changed(groups={"allowed": "alice,bob"}),
    "qos allowed": changed(qos={"allowed": "normal,high"}),
    "qos denied": changed(qos={"deny": "high"}),
    "qos assigned": changed(qos={"assigned": "high"}) + changed(qos={"assigned": ""}),
    "alternate": changed(alternate="debug"),
    "billing": changed(tres={"billing_weights": "CPU=1.0,Mem=0.25G"}),
    "binding": changed(cpus={"task_binding": ["CPU_BIND_TO_CORES", "VERBOSE"]}),
    "binding off": changed(cpus={"task_binding": "CPU_BIND_OFF"}),
    "memory of a cpu": changed(
        defaults={"partition_memory_per_cpu": {"set": True, "number": 50}},
        maximums={"partition_memory_per_cpu": {"set": True, "number": 500}},
    ),
    "memory of a node": changed(
        defaults={"partition_memory_per_node": {"set": True, "number": 50}},
        maximums={"partition_memory_per_node": {"set": True, "number": 500}},
    ),
    "default time": changed(defaults={"time": {"set": True, "number": 5}}),
    "more defaults": changed(defaults={"job": "DefCpuPerGPU=2,DefMemPerGPU=100"}),
    "flags": changed(flags=["HIDDEN", "ROOT_ONLY"]) + changed(flags=["HIDDEN_CLEAR"]),
    "a flag": changed(flags="REQ_RESV"),
    "no flags": changed(flags=[]),
    "exclusive user": changed(partition={"exclusive": "USER"}),
    "exclusive node": changed(partition={"exclusive": "node"}),
    "exclusive topo": changed(partition={"exclusive": "TOPO", "oversubscribe": "YES:2"}),
    "exclusive not": changed(partition={"exclusive": "USER"})
    + changed(partition={"exclusive": "NO"}),
    "shared": changed(partition={"oversubscribe": "YES"}),
    "shared by force": changed(partition={"oversubscribe": "FORCE:8"}),
    "not shared": changed(partition={"oversubscribe": "no"}),
    "grace": changed(grace_time=90),
    "cpus": changed(maximums={"cpus_per_node": 2, "cpus_per_socket": 1}),
    "nodes": changed(maximums={"nodes": {"infinite": True}}, minimums={"nodes": 2}),
    "time": changed(maximums={"time": {"set": True, "number": 90}}),
    "endless": changed(maximums={"time": {"infinite": True}}),
    "overrun": changed(maximums={"over_time_limit": {"set": True, "number": 7}}),
    "other nodes": changed(nodes={"configured": "c4"}),
    "a node more": changed(nodes={"configured": "+c4"}),
    "preemption": changed(preempt_mode=["SUSPEND"]),
    "no preemption": changed(preempt_mode=["DISABLED"]),
    "priority": changed(priority={"job_factor": 3, "tier": 4}),
    "down": changed(partition={"state": ["DOWN"]}),
    "inactive": changed(partition={"state": "inactive"}) + changed(partition={"state": ["UP"]}),
    "what is not written": changed(
        cluster="x", select_type=["CORE"], suspend_time=5, timeouts={"resume": 3, "suspend": 4}
    ),
    "placeholders": changed(maximums={"shares": 3, "oversubscribe": {"jobs": 2}}),
    "nulls": changed(alternate=None, maximums={"time": None}, flags=[]),
    "nothing": changed(),
    "an unknown key": changed(nosuch=1, maximums={"nosuch": 1}),
    "no such node": changed(nodes={"configured": "nosuch"}),
    "made of no such node": [{"partitions": [{"name": NAME, "nodes": {"configured": "nosuch"}}]}],
    "no such node set": changed(nodes={"configured": "c2"}, node_sets="nosuch"),
    "no such qos": changed(qos={"assigned": "nosuch"}) + changed(qos={"allowed": "nosuch"}),
    "no such topology": changed(topology="nosuch"),
    "no such default": changed(defaults={"job": "nosuch"}),
    "no such weight": changed(tres={"billing_weights": "cpu=x"}),
    "no such sharing": changed(partition={"oversubscribe": "x"}),
    "no such exclusion": changed(partition={"exclusive": "x"}),
    "too much sharing": changed(partition={"oversubscribe": "FORCE:99999"}),
    "no number": changed(maximums={"time": "x"}),
    "one refused": [{"partitions": [{}, {"name": "both2", "topology": "nosuch"}, WHOLE]}],
    "empty list": [{"partitions": []}],
    "no list": [{"partitions": None}],
    "a text": [{"partitions": "x"}],
    "an element that is none": [{"partitions": [[]]}],
    "no key": [{}],
    "no body": [None],
    "no object": [[]],
}
"""Bodies of requests, one after the other."""


def told(answer: Answer) -> tuple[Any, Any]:
    """Errors and warnings; the status is by one table here, see docs/deviations.md."""
    found = answer.repaired_json()
    return found["errors"], found["warnings"]


def left(lab: Lab) -> list[dict[str, Any]]:
    """Partitions, and what scontrol prints of the one that is made here."""
    found: list[dict[str, Any]] = lab.get(URL + "?flags=ALL", user="root").json()["partitions"]
    printed = lab.run(f"scontrol show partition {NAME}", check=False)
    return [*found, {"printed": printed}]


@pytest.mark.parametrize("user", ["root", "alice"])
@pytest.mark.parametrize("bodies", REQUESTS.values(), ids=REQUESTS)
def test_a_request_does_what_it_does_with_the_real_daemon(
    lab: Lab, bodies: list[Any], user: str
) -> None:
    outcomes = []
    for url in (lab.ours, lab.reference["26.05"]):
        lab.delete_partitions(NAME)
        answers = [lab.ask("POST", URL, body=body, user=user, url=url) for body in bodies]
        outcomes.append(([told(answer) for answer in answers], left(lab)))
    lab.delete_partitions(NAME)
    ours, theirs = outcomes
    assert ours == theirs


@pytest.mark.parametrize("user", ["root", "alice"])
@pytest.mark.parametrize("name", [NAME, NAME.upper(), "nosuch", "0", "a%2Cb"])
def test_a_partition_is_deleted_as_the_real_daemon_deletes_it(
    lab: Lab, name: str, user: str
) -> None:
    outcomes = []
    for url in (lab.ours, lab.reference["26.05"]):
        lab.run(f"scontrol create partitionname={NAME} nodes=c2", check=False)
        path = f"/slurm/v0.0.45/partition/{name}"
        answers = [lab.ask("DELETE", path, user=user, url=url) for _ in range(2)]
        outcomes.append(([told(answer) for answer in answers], left(lab)))
    lab.delete_partitions(NAME)
    ours, theirs = outcomes
    assert ours == theirs


def test_a_partition_is_read_and_written_back(lab: Lab) -> None:
    """What a client read it may send again, to ours as to the real daemon: nothing changes."""
    outcomes = []
    for url in (lab.ours, lab.reference["26.05"]):
        lab.run(
            f"scontrol create partitionname={NAME} nodes=c2 maxtime=60 defaulttime=30 lln=yes"
            " oversubscribe=force:3 maxmempercpu=300 prioritytier=3 qos=high"
        )
        before = left(lab)
        path = f"/slurm/v0.0.45/partition/{NAME}"
        read = lab.get(path, user="root", url=url).json()["partitions"]
        written = lab.ask("POST", URL, body={"partitions": read}, user="root", url=url)
        outcomes.append((written.json()["errors"], left(lab) == before, before))
        lab.delete_partitions(NAME)
    ours, theirs = outcomes
    assert ours == theirs

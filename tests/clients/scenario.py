"""A scenario that calls every operation of a version, for clients of whatever make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from laboratory import Lab

__all__ = ["REFUSED", "VERSIONS", "Call", "by_name", "forget", "lost", "play"]

VERSIONS = ("v0.0.40", "v0.0.42", "v0.0.44", "v0.0.45")
"""Those of which clients are made: of either release, and the oldest and the newest of each."""

REFUSED = {"post_tres"}
"""Operations that there are, and that are refused whatever is asked."""

NAME = "lab-client"
ACCOUNT = "lab-client"
JOB = {
    "name": NAME,
    "current_working_directory": "/tmp",
    "environment": ["PATH=/usr/bin:/bin"],
    "partition": "real",
}
SLEEPS = f"-J {NAME} -o /dev/null -p real --wrap 'sleep 600'"


def by_name(operations: Iterable[str], version: str) -> dict[str, str]:
    """Operations by their names without plugin and version.

    ``slurmdb_`` stays in front of those that the controller has too: ``slurmdb_get_ping``.
    """
    mark = f"_{version.replace('.', '')}_"
    found: dict[str, str] = {}
    for operation in sorted(operations, key=lambda name: f"slurmdb{mark}" in name):
        name = operation.rpartition(mark)[2]
        found[f"slurmdb_{name}" if name in found else name] = operation
    return found


class Call(Protocol):
    """Calls an operation, by its name (see :func:`by_name`), if the version has it.

    Gives the answer as JSON, or None if there is no such operation.
    """

    def __call__(self, operation: str, *, body: Any = None, **parameters: str) -> Any: ...


def lost(read: Any, told: Any, place: str = "") -> Iterator[str]:
    """Where a client has read less than an answer told, or something else.

    Null is nothing to lose, and a client may add what the document says of keys left out.
    """
    if isinstance(told, dict) and isinstance(read, dict):
        for key, value in told.items():
            if value is not None:
                yield from lost(read.get(key), value, f"{place}/{key}")
    elif isinstance(told, list) and isinstance(read, list) and len(told) == len(read):
        for index, (mine, value) in enumerate(zip(read, told, strict=True)):
            yield from lost(mine, value, f"{place}[{index}]")
    elif read != told:
        yield f"{place}: {read!r:.80} is not {told!r:.80}"


def forget(lab: Lab) -> None:
    """Take away what the scenario leaves behind when it fails."""
    lab.run(f"scancel -n {NAME}", check=False)
    lab.delete_reservations(NAME, f"{NAME}2")
    lab.delete_partitions(NAME)
    lab.delete_nodes(NAME)
    lab.run(f"sacctmgr -i delete user {NAME}", check=False)
    lab.run(f"sacctmgr -i delete cluster {NAME}", check=False)
    lab.run(f"sacctmgr -i delete qos {NAME}", check=False)
    lab.run(f"sacctmgr -i delete user alice wckey={NAME}", check=False)
    lab.run(f"sacctmgr -i delete account {ACCOUNT}2,{ACCOUNT}", check=False)


def play(lab: Lab, call: Call, there: dict[str, int]) -> None:
    """Call every operation as root; ``there`` are ids of jobs in several states."""
    _numbers(call)
    _jobs(lab, call, there)
    _nodes(lab, call)
    _partitions(call)
    _reservations(lab, call)
    _accounting(call)
    _finished_jobs(call, there)
    _host_names(call)


def _number(value: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


def _numbers(call: Call) -> None:
    for what in ("ping", "diag", "licenses", "shares", "conf", "reconfigure"):
        call(f"get_{what}")


def _jobs(lab: Lab, call: Call, there: dict[str, int]) -> None:
    submitted = call(
        "post_job_submit",
        body={"script": "#!/bin/sh\nsleep 60\n", "job": {**JOB, "hold": True}},
    )
    job = str(submitted["job_id"])
    call("post_job", job_id=job, body={"comment": "of a client"})
    call("get_jobs")
    call("get_jobs_state")
    for known in (job, *map(str, there.values())):
        call("get_job", job_id=known)
    call("get_resources", job_id=str(there["running"]))
    allocated = call("post_job_allocate", body={"job": {**JOB, "time_limit": _number(5)}})
    for answer in filter(None, (submitted, allocated)):
        call("delete_job", job_id=str(answer["job_id"]), signal="KILL")
    held = lab.submit(f"--hold --array=1-3 {SLEEPS}", user="root")
    call("delete_jobs", body={"jobs": [str(held)]})
    runs = [str(lab.submit(f"--requeue {SLEEPS}", user="root")) for _ in range(2)]
    for run in runs:
        lab.wait_for(lambda run=run: lab.job_state(int(run)) == "RUNNING")
    call("get_job_requeue", job_id=runs[0])
    call("post_jobs_requeue", body={"jobs": [runs[1]]})
    lab.cancel(*map(int, runs))


def _nodes(lab: Lab, call: Call) -> None:
    line = f"NodeName={NAME} State=CLOUD CPUs=2"
    if not call("post_new_node", body={"node_conf": line}):
        lab.run(f"scontrol create {line}")
    call("post_nodes", body={"name": [NAME], "comment": "of a client"})
    call("post_node", node_name=NAME, body={"weight": _number(2)})
    call("get_nodes")
    for name in ("c1", "c2", NAME):
        call("get_node", node_name=name)
    call("delete_node", node_name=NAME)


def _partitions(call: Call) -> None:
    call("post_partitions", body={"partitions": [{"name": NAME, "nodes": {"configured": "c4"}}]})
    call("get_partitions")
    call("get_partition", partition_name="real")
    call("delete_partition", partition_name=NAME)


def _reservations(lab: Lab, call: Call) -> None:
    wanted = {
        "name": NAME,
        "users": ["alice"],
        "start_time": _number(2_100_000_000),
        "duration": _number(60),
        "node_list": ["c2"],
        "partition": "real",
    }
    if not call("post_reservation", body=wanted):
        options = "Users=alice StartTime=now+30days Duration=60 Nodes=c2"
        lab.run(f"scontrol create reservation ReservationName={NAME} {options}")
    another = {**wanted, "name": f"{NAME}2", "node_list": ["c3"]}
    made = call("post_reservations", body={"reservations": [another]})
    call("get_reservations")
    call("get_reservation", reservation_name=NAME)
    for name in (NAME, f"{NAME}2") if made else (NAME,):
        call("delete_reservation", reservation_name=name)


def _accounting(call: Call) -> None:
    for what in ("ping", "diag", "conf"):
        call(f"slurmdb_get_{what}")
    # Each node that this made was an instance, and one alone is told.
    call("get_instance", instance_id=NAME)
    for what in ("tres", "instances", "clusters"):
        call(f"get_{what}")
    call("post_clusters", body={"clusters": [{"name": NAME}]})
    call("get_cluster", cluster_name=NAME)
    call("delete_cluster", cluster_name=NAME)
    account = {"name": ACCOUNT, "description": "of a client", "organization": "lab"}
    place = {"account": ACCOUNT, "cluster": "lab", "user": "", "parent_account": "root"}
    call("post_accounts", body={"accounts": [account]})
    call("post_associations", body={"associations": [place]})
    condition = {"accounts": [f"{ACCOUNT}2"], "clusters": ["lab"]}
    call("post_accounts_association", body={"association_condition": condition, "account": {}})
    condition |= {"users": [NAME], "accounts": [f"{ACCOUNT}2", ACCOUNT]}
    call("post_users_association", body={"association_condition": condition, "user": {}})
    call("post_users", body={"users": [{"name": NAME, "administrator_level": ["Operator"]}]})
    call("post_qos", body={"qos": [{"name": NAME, "priority": _number(5)}]})
    call("post_config", body={"accounts": [{**account, "description": "restored"}]})
    for what in ("accounts", "users", "associations", "qos", "config"):
        call(f"get_{what}")
    call("post_wckeys", body={"wckeys": [{"name": NAME, "cluster": "lab", "user": "alice"}]})
    call("get_wckeys")
    call("get_wckey", id=NAME)
    call("delete_wckey", id=NAME)
    call("get_single_qos", qos=NAME)
    call("delete_single_qos", qos=NAME)
    call("get_account", account_name=ACCOUNT)
    call("get_user", name=NAME)
    call("get_association", user=NAME, account=f"{ACCOUNT}2")
    call("delete_association", user=NAME, account=f"{ACCOUNT}2")
    call("delete_associations", user=NAME)
    call("delete_user", name=NAME)
    for name in (f"{ACCOUNT}2", ACCOUNT):
        call("delete_account", account_name=name)


def _finished_jobs(call: Call, there: dict[str, int]) -> None:
    call("slurmdb_get_jobs", start_time="now-1hour", users="alice", skip_steps="false")
    for known in there.values():
        call("slurmdb_get_job", job_id=str(known))
    job = str(there["completed"])
    call("slurmdb_post_job", job_id=job, body={"extra": "of a client"})
    call("post_jobs", body={"job_id_list": [job], "job_rec": {"extra": "of another"}})


def _host_names(call: Call) -> None:
    call("post_hostnames", body={"hostlist": "c[1-3]"})
    call("post_hostlist", body={"hostnames": ["c1", "c2", "c3"]})

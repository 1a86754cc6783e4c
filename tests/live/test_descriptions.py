"""What a description says is what the controller gets: read back, and held against the real daemon.

A job of each description is submitted through ours and through the real slurmrestd that serves the
version; what the controller then knows of the two must be the same.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from comparison import SERVED
from job_bodies import SCRIPT, description
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion


def n(number: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": number}


INFINITE = {"set": True, "infinite": True, "number": 0}

DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "texts": {
        "account": "sci",
        "account_gather_frequency": "task=30",
        "burst_buffer": None,
        "comment": 'é "quoted" \\ / 日本',
        "constraints": "real&fast",
        "container": "/tmp/bundle",
        "container_id": "one",
        "extra": "more",
        "licenses": "matlab:2,ansys:1",
        "mail_type": ["END", "FAIL", "TIME=50%"],
        "mail_user": "alice@example.com",
        "network": "any",
        "partition": "real",
        "prefer": "fast",
        "qos": "high",
        "standard_error": "/tmp/%x.err",
        "standard_input": "/dev/zero",
        "standard_output": "/tmp/%j.out",
        "wckey": "analysis",
    },
    "numbers": {
        "partition": "real",
        "tasks": 4,
        "cpus_per_task": 1,
        "minimum_cpus": 4,
        "maximum_cpus": 8,
        "minimum_cpus_per_node": 1,
        "minimum_nodes": 2,
        "maximum_nodes": 3,
        "tasks_per_node": 2,
        "tasks_per_socket": 2,
        "tasks_per_core": 1,
        "threads_per_core": 1,
        "sockets_per_node": 1,
        "nice": 100,
        "delay_boot": 60,
        "core_specification": 1,
        "temporary_disk_per_node": 0,
        "reserve_ports": 0,
    },
    "numbers as other types": {
        "tasks": "0x2",
        "cpus_per_task": 1.2,
        "contiguous": "yes",
        "overcommit": "off",
        "name": 5,
        "comment": 1.5,
        "mail_user": True,
        "nice": "7",
    },
    "times": {
        "time_limit": n(90),
        "time_minimum": n(30),
        "begin_time": "2030-01-02T03:04:05",
        "deadline": "2031-01-01T00:00:00",
    },
    "times as numbers": {"begin_time": 1900000000, "deadline": 1990000000, "time_limit": n(5)},
    "infinite time": {"time_limit": INFINITE},
    "memory of a node": {"memory_per_node": n(100)},
    "memory of a CPU": {"memory_per_cpu": n(50)},
    "memory as text": {"memory_per_node": "1G"},
    "tres": {
        "partition": "real",
        "tres_per_job": "gres/gpu:2",
        "tres_per_node": "gres/gpu:1",
        "cpus_per_tres": "gres/gpu:1",
        "memory_per_tres": "gres/gpu:10",
    },
    "tres of tasks": {
        "partition": "real",
        "tasks": 2,
        "tres_per_task": "gres/gpu:1",
        "tres_bind": "gres/gpu:closest",
        "tres_freq": "gpu:low",
    },
    "node range": {"partition": "real", "nodes": "1-2"},
    "node count": {"partition": "real", "nodes": "2"},
    "node list": {"partition": "real", "nodes": [3, 1]},
    "node sizes": {"partition": "real", "nodes": "1,3"},
    "node names": {
        "partition": "real",
        "required_nodes": ["c2", "c3"],
        "excluded_nodes": "c4",
        "minimum_nodes": 2,
    },
    "switches": {
        "flags": ["KILL_INVALID_DEPENDENCY"],
        "dependency": "singleton",
        "shared": ["none"],
        "contiguous": True,
        "overcommit": True,
        "requeue": False,
        "kill_on_node_fail": False,
        "reboot": False,
        "wait_all_nodes": True,
        "open_mode": ["APPEND"],
        "required_switches": n(1),
        "wait_for_switch": 60,
    },
    "more flags": {
        "flags": ["spread_job", "TEST_NOW_ONLY"],
        "open_mode": "TRUNCATE",
        "profile": ["TASK"],
        "requeue": True,
    },
    "shared with a user": {"shared": ["user"]},
    "shared": {"shared": ["oversubscribe"]},
    "exclusive": {"exclusive": True},
    "limits": {
        "rlimits": {
            "cpu": n(100),
            "fsize": n(1 << 40),
            "data": n(1 << 30),
            "stack": n(1 << 20),
            "core": INFINITE,
            "rss": n(4),
            "nproc": n(5),
            "nofile": n(1024),
            "memlock": n(7),
            "as": n(8),
        }
    },
    "this and that": {
        "cpu_frequency": "Low-High:Performance",
        "allocation_node_list": "login1",
        "allocation_node_port": 5555,
        "segment_size": n(1),
        "oom_kill_step": 1,
        "memory_update_margin": 10,
        "memory_update_delay": 5,
        "bogus": {"a": {"b": [1]}},
        "x": 1,
        "kill_warning_signal": "USR1",
        "kill_warning_delay": n(120),
        "kill_warning_flags": ["BATCH_JOB"],
    },
    "environment": {
        "cpu_frequency": "2000000",
        "environment": ["PATH=/bin", "A=b=c", "EMPTY=", "É=日本", "SPACE= x "],
        "spank_environment": ["SPANK_A=b"],
    },
    "plane": {"distribution_plane_size": 4},
    "distribution": {"distribution": "cyclic:block"},
    "plane by name": {"distribution": "plane=3"},
    "binding": {
        "cpu_binding": "map_cpu:0,1",
        "cpu_binding_flags": ["CPU_BIND_MAP", "VERBOSE"],
        "memory_binding": "map_mem:0",
        "memory_binding_type": ["MAP"],
    },
    "threads": {"thread_specification": 1},
    "boards": {
        "minimum_boards_per_node": 1,
        "minimum_sockets_per_board": 1,
        "tasks_per_board": 1,
    },
    "array": {"array": "0-7:2%2"},
    "cores": {"cores_per_socket": 1},
    "unset numbers": {"time_limit": {"set": False, "number": 9}, "nice": None, "name": None},
    "begin released": {"hold": False, "begin_time": "2030-01-02T03:04:05"},
}

VOLATILE = frozenset(
    (
        "accrue_time",
        "array_job_id",
        "eligible_time",
        "job_id",
        "last_sched_evaluation",
        "priority",
        "step_id",
        "submit_time",
    )
)


def known(lab: Lab, job_id: int) -> dict[str, Any]:
    """What the controller knows of a job, without what two jobs cannot share."""

    def still(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: still(value) for key, value in data.items() if key not in VOLATILE}
        if isinstance(data, list):
            return [still(value) for value in data]
        # In paths, that is: a count may be the same number by chance.
        return re.sub(rf"(?<=[-/]){job_id}\b", "ID", data) if isinstance(data, str) else data

    (job,) = json.loads(lab.run(f"scontrol show job {job_id} --json"))["jobs"]
    return {**still(job), "environment": environment(job_id)}


def environment(job_id: int) -> list[str]:
    """What the controller keeps as the environment of a pending job."""
    kept = Path(f"/var/lib/slurm/slurmctld/hash.{job_id % 10}/job.{job_id}/environment")
    return [text.decode() for text in kept.read_bytes()[4:].split(b"\0") if text]


def submitted(lab: Lab, version: ApiVersion, job: dict[str, Any], url: str | None = None) -> Any:
    body = {"script": SCRIPT, "job": job}
    answer = lab.ask("POST", f"/slurm/{version}/job/submit", body=body, url=url)
    return answer.status, answer.json()


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_controller_gets_what_the_real_daemon_would_send(
    lab: Lab, version: ApiVersion, name: str
) -> None:
    job = description(**DESCRIPTIONS[name])
    status, ours = submitted(lab, version, job)
    _, theirs = submitted(lab, version, job, lab.reference[SERVED[str(version)]])
    assert (status, ours["errors"]) == (200, [])
    try:
        # The scheduler may have looked at one of them already; where much runs it takes its time.
        for _ in range(20):
            mine, other = known(lab, ours["job_id"]), known(lab, theirs["job_id"])
            if mine == other:
                break
            time.sleep(0.5)
        assert mine == other
        assert warnings(ours) == warnings(theirs)
    finally:
        lab.cancel(ours["job_id"], theirs["job_id"])


def warnings(told: dict[str, Any]) -> list[dict[str, str]]:
    # 24.11 tells a parser's number where 26.05 has its name.
    return [
        {key: re.sub(r"support parser \w+", "support parser", text) for key, text in entry.items()}
        for entry in told["warnings"]
    ]


WIDE = {
    "account": "sci",
    "begin_time": "2030-01-02T03:04:05",
    "comment": "wide",
    "constraints": "real",
    "cpus_per_task": 2,
    "deadline": "2031-01-01T00:00:00",
    "environment": ["PATH=/bin", "A=b"],
    "excluded_nodes": ["c4"],
    "licenses": "matlab:2",
    "mail_type": ["BEGIN", "END"],
    "mail_user": "alice@example.com",
    "memory_per_node": n(300),
    "name": "wide",
    "nice": 100,
    "nodes": "1-2",
    "open_mode": ["APPEND"],
    "partition": "real",
    "qos": "high",
    "requeue": False,
    "standard_error": "/tmp/wide.err",
    "standard_input": "/dev/zero",
    "standard_output": "/tmp/wide.out",
    "tasks": 2,
    "time_limit": n(90),
    "tres_per_node": "gres/gpu:1",
    "wckey": "analysis",
}

SHOWN = {
    "Account": "sci",
    "Comment": "wide",
    "CPUs/Task": "2",
    "Deadline": "2031-01-01T00:00:00",
    "ExcNodeList": "c4",
    "Features": "real",
    "JobName": "wide",
    "Licenses": "matlab:2",
    "MailType": "BEGIN,END",
    "MailUser": "alice@example.com",
    "MinMemoryNode": "300M",
    "Nice": "100",
    "NumNodes": "1-2",
    "NumTasks": "2",
    "Partition": "real",
    "Priority": "0",
    "QOS": "high",
    "Reason": "JobHeldUser",
    "Requeue": "0",
    "StartTime": "2030-01-02T03:04:05",
    "StdErr": "/tmp/wide.err",
    "StdIn": "/dev/zero",
    "StdOut": "/tmp/wide.out",
    "TimeLimit": "01:30:00",
    "TresPerNode": "gres/gpu:1",
    "UserId": "alice(1001)",
    "WCKey": "analysis",
    "WorkDir": "/tmp",
}


def test_scontrol_shows_what_was_submitted(lab: Lab, version: ApiVersion) -> None:
    status, told = submitted(lab, version, description(**WIDE))
    assert (status, told["errors"]) == (200, [])
    text = lab.run(f"scontrol --oneliner show job {told['job_id']}")
    kept = environment(told["job_id"])
    lab.cancel(told["job_id"])
    shown = dict(part.split("=", 1) for part in text.split() if "=" in part)
    assert {name: shown.get(name) for name in SHOWN} == SHOWN
    assert kept[:2] == ["PATH=/bin", "A=b"]

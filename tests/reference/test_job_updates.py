"""Each field of a job changed through ours and through the real daemon: the same comes of it.

What a change has done is read from the real daemon and from scontrol: what differs between before
and after, so what was not mentioned has to stay.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from comparison import SERVED
from laboratory import Lab

CHANGES: dict[str, Any] = {
    "admin_comment": "by an administrator",
    "begin_time": {"set": True, "number": 2_000_000_000},
    "comment": 'é "quoted" / slash',
    "constraints": "nosuch|other",
    "contiguous": True,
    "core_specification": 1,
    "cpus_per_task": 2,
    "current_working_directory": "/var/tmp",
    "deadline": 2_000_000_000,
    "delay_boot": 60,
    "dependency": "singleton",
    "excluded_nodes": ["c1"],
    "extra": "more",
    "hold": False,
    "licenses": "matlab:2",
    "mail_type": ["END", "FAIL"],
    "mail_user": "bob",
    "memory_per_cpu": {"set": True, "number": 100},
    "memory_per_node": {"set": True, "number": 200},
    "minimum_cpus": 2,
    "minimum_cpus_per_node": 2,
    "minimum_nodes": 2,
    "name": "renamed",
    "network": "sn_all",
    "nice": 7,
    "partition": "real",
    "prefer": "nosuch",
    "priority": {"set": True, "number": 77},
    "reboot": True,
    "requeue": False,
    "required_nodes": "c1",
    "required_switches": {"set": True, "number": 1},
    "shared": ["user"],
    "sockets_per_node": 2,
    "standard_error": "/tmp/other.err",
    "standard_input": "/dev/zero",
    "standard_output": "/tmp/other.out",
    "tasks": 3,
    "tasks_per_node": 2,
    "temporary_disk_per_node": 5,
    "thread_specification": 1,
    "threads_per_core": 1,
    "time_limit": {"set": True, "number": 11},
    "time_minimum": {"set": True, "number": 3},
    "tres_per_job": "gres/gpu:1",
    "tres_per_node": "gres/gpu:1",
    "wait_for_switch": 30,
    "wckey": "analysis",
}
"""By key of JOB_DESC_MSG, what it is set to."""

MORE: dict[str, Any] = {
    # Taken.
    "cores_per_socket": 1,
    "maximum_cpus": 4,
    "maximum_nodes": 2,
    "nodes": "1-2",
    "ntasks_per_tres": 2,
    "qos": "high",
    "tasks_per_socket": 1,
    "tres_bind": "gres/gpu:closest",
    "tres_freq": "gpu:low",
    "tres_per_task": "gres/gpu:1",
    # Refused by the controller.
    "burst_buffer": "x",
    "cpus_per_tres": "gres/gpu:1",
    "end_time": 2_000_000_000,
    "memory_per_tres": "gres/gpu:10",
    "reservation": "nosuch",
    "tres_per_socket": "gres/gpu:1",
    # Without effect on a job that is there.
    "account": "sci",
    "account_gather_frequency": "10",
    "argv": ["a"],
    "batch_features": "real",
    "container": "/tmp/x",
    "container_id": "x",
    "cpu_binding": "none",
    "cpu_frequency": "low",
    "crontab": {"specification": "x"},
    "distribution": "block",
    "distribution_plane_size": 2,
    "environment": ["A=b"],
    "exclusive": ["true"],
    "flags": ["SPREAD_JOB"],
    "group_id": "alice",
    "hetjob_group": 1,
    "immediate": True,
    "job_id": 5,
    "kill_on_node_fail": False,
    "kill_warning_delay": {"set": True, "number": 60},
    "kill_warning_signal": "USR1",
    "mcs_label": "x",
    "memory_binding": "none",
    "minimum_boards_per_node": 1,
    "minimum_sockets_per_board": 1,
    "oom_kill_step": 1,
    "open_mode": ["APPEND"],
    "overcommit": True,
    "profile": ["TASK"],
    "reserve_ports": 1,
    "rlimits": {"cpu": {"set": True, "number": 5}},
    "script": "#!/bin/sh\n",
    "segment_size": {"set": True, "number": 1},
    "selinux_context": "x",
    "site_factor": 3,
    "spank_environment": ["A=b"],
    "step_id": {"job_id": 3},
    "tasks_per_board": 1,
    "tasks_per_core": 1,
    "user_id": "alice",
    "wait_all_nodes": True,
    "x11": ["BATCH_NODE"],
}
"""Likewise, of v0.0.45: whatever comes of it. What arrays alone have is left out, and what names
other clusters."""

TOGETHER = {"name": "both", "comment": "two at once", "time_limit": 9, "nice": -3}

VOLATILE = {"last_sched_evaluation", "priority", "accrue_time", "eligible_time", "submit_time"}
"""They move by themselves, or from one job to the next, unless they are what is changed."""


def record(lab: Lab, job_id: int) -> dict[str, Any]:
    """A job as the real daemon tells it."""
    url = f"/slurm/v0.0.45/job/{job_id}"
    (job,) = lab.get(url, user="root", url=lab.reference["26.05"]).repaired_json()["jobs"]
    found: dict[str, Any] = job
    return found


def shown(lab: Lab, job_id: int) -> dict[str, str]:
    """The same as scontrol tells it."""
    told = lab.run(f"scontrol --oneliner show job {job_id}")
    return dict(re.findall(r"(\S+?)=(.*?)(?= \S+=|\s*$)", told))


def changes(before: dict[str, Any], after: dict[str, Any], also: set[str]) -> dict[str, Any]:
    return {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key) and (key not in VOLATILE or key in also)
    }


def outcome(lab: Lab, url: str, version: str, body: dict[str, Any]) -> Any:
    """What a change has done to a job of its own, and what was told of it."""
    job_id = lab.submit("--hold -p debug -t 20 -o /dev/null --wrap 'sleep 60'")
    try:
        before = record(lab, job_id), shown(lab, job_id)
        answer = lab.ask("POST", f"/slurm/{version}/job/{job_id}", body=body, user="root", url=url)
        after = record(lab, job_id), shown(lab, job_id)
        errors = [error["error_number"] for error in answer.repaired_json()["errors"]]
        return (
            errors,
            changes(before[0], after[0], set(body)),
            {
                key: value
                for key, value in changes(before[1], after[1], set(body)).items()
                if key not in ("LastSchedEval", "Priority", "EligibleTime", "AccrueTime")
            },
        )
    finally:
        lab.cancel(job_id)


def outcomes(lab: Lab, version: str, body: dict[str, Any]) -> tuple[Any, Any]:
    """With ours and with the real daemon, the same if the scheduler ever leaves both jobs alone: it
    may come by between before and after."""
    for _ in range(5):
        ours = outcome(lab, lab.ours, version, body)
        theirs = outcome(lab, lab.reference[SERVED[version]], version, body)
        if ours == theirs:
            break
    return ours, theirs


@pytest.mark.parametrize("version", ["v0.0.41", "v0.0.45"])
@pytest.mark.parametrize("key", CHANGES)
def test_a_changed_field_is_changed_as_by_the_real_daemon(lab: Lab, version: str, key: str) -> None:
    ours, theirs = outcomes(lab, version, {key: CHANGES[key]})
    assert ours == theirs
    assert any(ours)


@pytest.mark.parametrize("key", MORE)
def test_any_other_field_does_what_it_does_with_the_real_daemon(lab: Lab, key: str) -> None:
    ours, theirs = outcomes(lab, "v0.0.45", {key: MORE[key]})
    assert ours == theirs


@pytest.mark.parametrize("version", SERVED)
def test_several_fields_are_changed_and_the_others_stay(lab: Lab, version: str) -> None:
    body = dict(TOGETHER)
    if version == "v0.0.40":
        body["time_limit"] = {"set": True, "number": 9}
    errors, changed, listed = outcome(lab, lab.ours, version, body)
    assert (errors, set(changed) - {"hold"}, set(listed)) == (
        [],
        {"name", "comment", "time_limit", "nice"},
        {"JobName", "Comment", "TimeLimit", "Nice"},
    )

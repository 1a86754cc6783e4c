"""Finished jobs and their steps, as slurmdbd stores them: the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["BEGIN", "END", "Owner", "past_jobs"]

BEGIN, END = 1735689600, 1751328000
"""The first half of 2025, UTC: before any job that a lab of Slurm 26.05 runs."""

FIRST_ID = 40_000_001  # far from the ids that the lab's controller gives

UNSET = 0xFFFFFFFE
UNLIMITED = 0xFFFFFFFF

# State, exit code, how often of a hundred.
ENDS = (
    (3, 0, 70),  # COMPLETED
    (5, 1 << 8, 11),  # FAILED
    (5, 11, 1),  # FAILED, by a signal
    (4, 0, 6),  # CANCELLED
    (6, 0, 5),  # TIMEOUT
    (11, 0, 3),  # OUT_OF_MEMORY
    (7, 1, 2),  # NODE_FAIL
    (8, 0, 1),  # PREEMPTED
    (10, 0, 1),  # DEADLINE
)
CANCELLED = 4

# Partition, nodes of one job at most, cores of a node, names of the nodes by number.
PARTITIONS = (("debug", 1, 2, "c{}"), ("real", 3, 4, "c{}"), ("batch", 16, 64, "sim{:04d}"))

NAMES = ("wrap", "train", "align", "relax.sh", "post-process", "Größe", "it's", 'say "hi"', "a\\b")

BATCH, EXTERN, INTERACTIVE = -5, -4, -6


@dataclass(frozen=True)
class Owner:
    """Who a job belongs to.

    :ivar wckey: its name and number; an empty name where there is none.
    """

    user_id: int
    user: str
    account: str
    association: int
    wckey: tuple[str, int]


def past_jobs(
    count: int, owners: list[Owner], qos: list[int]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """So many jobs with their steps, in the order of their submission."""
    chance = random.Random(13)
    ends, weights = [end[:2] for end in ENDS], [end[2] for end in ENDS]
    made = 0
    while made < count:
        # A job alone, or the tasks of an array, or the components of a heterogeneous job.
        kind = chance.choices(("job", "array", "het"), (90, 7, 3))[0]
        size = min({"job": 1, "array": chance.randint(2, 20), "het": 2}[kind], count - made)
        submit = BEGIN + (END - BEGIN - 10 * 86400) * made // count
        leader = FIRST_ID + made
        owner = chance.choice(owners)
        first = _job(chance, leader, submit, owner, chance.choice(qos))
        for place in range(size):
            if kind == "het" and place:
                job = _job(chance, leader + place, submit, owner, first["id_qos"])
            else:
                job = first | {"id_job": leader + place}
            # As a controller makes them: a cluster's number (no cluster has 1), time, sequence.
            job["job_db_inx"] = job["sluid"] = 1 << 52 | submit * 1000 << 10 | place
            job["job_name"] = first["job_name"]
            if kind == "array" and size > 1:
                job |= {"id_array_job": leader, "id_array_task": place, "array_max_tasks": 0}
            if kind == "het" and size > 1:
                job |= {"het_job_id": leader, "het_job_offset": place}
            state, code = chance.choices(ends, weights)[0]
            _end(chance, job, owner, state, code)
            yield job, list(_steps(chance, job))
        made += size
        while submit == BEGIN + (END - BEGIN - 10 * 86400) * made // count:  # two of a second
            submit += 1


def _job(chance: random.Random, number: int, submit: int, owner: Owner, qos: int) -> dict[str, Any]:
    partition, most, cores, names = chance.choices(PARTITIONS, (3, 2, 5))[0]
    nodes = chance.randint(1, most)
    cpus = nodes * chance.randint(1, cores)
    memory = nodes * chance.choice((500, 1000, 4000))
    begin = chance.randint(1, 3 if partition == "real" else 1000 - nodes)
    name = chance.choice(NAMES)
    tres = f"1={cpus},2={memory},4={nodes},5={cpus}"
    home = f"/home/{owner.user}"
    return {
        "account": owner.account,
        "admin_comment": "seen" if chance.random() < 0.02 else None,
        "array_max_tasks": 0,
        "array_task_pending": 0,
        "array_task_str": None,
        "constraints": "fast" if chance.random() < 0.1 else "",
        "container": None,
        "cpus_req": cpus,
        "deleted": 0,
        "derived_ec": 0,
        "derived_es": None,
        "env_hash_inx": 0,
        "exclusive": "NO",
        "extra": None,
        "flags": 4 | chance.choice((8, 16)),  # started by the main scheduler, or by backfill
        "gres_used": "",
        "het_job_id": 0,
        "het_job_offset": UNSET,
        "id_array_job": 0,
        "id_array_task": UNSET,
        "id_assoc": owner.association,
        "id_block": None,
        "id_group": owner.user_id,
        "id_job": number,
        "id_qos": qos,
        "id_resv": 0,
        "id_user": owner.user_id,
        "id_wckey": owner.wckey[1],
        "job_name": name,
        "kill_requid": None,
        "licenses": "matlab:1" if chance.random() < 0.05 else None,
        "mcs_label": "",
        "mem_req": memory // nodes,
        "node_inx": f"{begin}-{begin + nodes - 1}" if nodes > 1 else str(begin),
        "nodelist": _hosts(names, begin if partition != "debug" else 1, nodes),
        "nodes_alloc": nodes,
        "oversubscribe": "NO",
        "partition": partition,
        "priority": chance.randint(1, 5000),
        "qos_req": None,
        "restart_cnt": 1 if chance.random() < 0.02 else 0,
        "resv_req": None,
        "script_hash_inx": 0,
        "segment_size": 0,
        "state_reason_prev": 0,
        "std_err": "",
        "std_in": "/dev/null",
        "std_out": f"{home}/slurm-%j.out",
        "submit_line": f"sbatch -p {partition} -N{nodes} -n{cpus} -J {name} run.sh",
        "system_comment": None,
        "time_eligible": submit + 1,
        "time_submit": submit,
        "time_suspended": 0,
        "timelimit": chance.choice((10, 60, 240, 1440, UNLIMITED)),
        "tres_alloc": tres,
        "tres_req": tres,
        "wckey": owner.wckey[0],
        "work_dir": home,
    }


def _hosts(names: str, first: int, count: int) -> str:
    if count == 1:
        return names.format(first)
    one, last = names.format(first), names.format(first + count - 1)
    prefix = names[: names.index("{")]
    return f"{prefix}[{one.removeprefix(prefix)}-{last.removeprefix(prefix)}]"


def _end(chance: random.Random, job: dict[str, Any], owner: Owner, state: int, code: int) -> None:
    start = job["time_eligible"] + int(chance.expovariate(1 / 1800))
    ran = min(int(chance.expovariate(1 / 3600)), 7 * 86400)
    if state == CANCELLED and chance.random() < 0.3:  # before it had begun
        job |= {"nodes_alloc": 0, "nodelist": "None assigned", "node_inx": None, "tres_alloc": ""}
        start, ran = 0, 0
    job |= {
        "state": state,
        "exit_code": code,
        "time_start": start,
        "time_end": (start or job["time_eligible"] + 60) + ran,
        "kill_requid": owner.user_id if state == CANCELLED else None,
        "mod_time": (start or job["time_eligible"] + 60) + ran,
    }


def _steps(chance: random.Random, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if not job["time_start"]:
        return
    yield _step(chance, job, BATCH, "batch", job["state"])
    yield _step(chance, job, EXTERN, "extern", 3)
    for number in range(chance.choice((0, 0, 1, 1, 1, 2, 3))):
        yield _step(chance, job, number, chance.choice(("run", "mpi_main", "true")), job["state"])


def _step(
    chance: random.Random, job: dict[str, Any], number: int, name: str, state: int
) -> dict[str, Any]:
    whole = number >= 0 or number == EXTERN
    nodes = job["nodes_alloc"] if whole else 1
    tasks = job["cpus_req"] if number >= 0 else nodes
    seconds = job["time_end"] - job["time_start"]
    memory = chance.randint(1 << 20, 1 << 30)
    disk = chance.randint(0, 1 << 30)
    usage = "1={},2={},3=0,6={},7={},8={}".format
    most = usage(1000 * seconds, memory, disk, 2 * memory, 4)
    least = usage(250 * seconds, memory // 4, disk // 4, memory // 2, 1)
    places = usage(0, 0, 0, 0, 0)
    written = f"3=0,6={disk}"
    user = seconds * tasks // 2
    return {
        "act_cpufreq": chance.choice((0, 2400000)),
        "consumed_energy": 0,
        "container": None,
        "cwd": job["work_dir"] if number >= 0 else "",
        "deleted": 0,
        "exit_code": job["exit_code"] if state != 3 else 0,
        "id_step": number,
        "job_db_inx": job["job_db_inx"],
        "kill_requid": job["kill_requid"],
        "node_inx": job["node_inx"],
        "nodelist": job["nodelist"],
        "nodes_alloc": nodes,
        "req_cpufreq": UNSET if number >= 0 else 0,
        "req_cpufreq_gov": UNSET if number >= 0 else 0,
        "req_cpufreq_min": UNSET if number >= 0 else 0,
        "state": state,
        "std_err": "",
        "std_in": "",
        "std_out": "",
        "step_het_comp": UNSET,
        "step_name": name,
        "submit_line": f"srun -n{tasks} {name}" if number >= 0 else None,
        "sys_sec": user // 10,
        "sys_usec": chance.randrange(1_000_000),
        "task_cnt": tasks,
        "task_dist": 1 if number >= 0 else 0,
        "time_end": job["time_end"],
        "time_start": job["time_start"],
        "time_suspended": 0,
        "timelimit": UNLIMITED,
        "tres_alloc": f"1={job['cpus_req']},2={job['mem_req'] * nodes},4={nodes}",
        "tres_usage_in_ave": least,
        "tres_usage_in_max": most,
        "tres_usage_in_max_nodeid": places,
        "tres_usage_in_max_taskid": places,
        "tres_usage_in_min": least,
        "tres_usage_in_min_nodeid": places,
        "tres_usage_in_min_taskid": places,
        "tres_usage_in_tot": most,
        "tres_usage_out_ave": written,
        "tres_usage_out_max": written,
        "tres_usage_out_max_nodeid": "3=0,6=0",
        "tres_usage_out_max_taskid": "3=0,6=0",
        "tres_usage_out_min": written,
        "tres_usage_out_min_nodeid": "3=0,6=0",
        "tres_usage_out_min_taskid": "3=0,6=0",
        "tres_usage_out_tot": written,
        "user_sec": user,
        "user_usec": chance.randrange(1_000_000),
    }

"""Archive files of slurmdbd, as it writes them when it purges and reads them on ``archive load``.

A head, then records; each column of a record is a text: its length with the ending NUL, its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache

__all__ = ["JOBS", "STEPS", "archive"]

VERSION = 45 << 8  # of the protocol of Slurm 26.05; a newer slurmdbd reads it too

JOBS = 1421  # DBD_GOT_JOBS
STEPS = 1442  # DBD_STEP_START

# In the order of the file. Columns of tables of the database.
JOB_COLUMNS = """
    account admin_comment nodes_alloc id_assoc id_array_job array_max_tasks id_array_task
    array_task_pending array_task_str script_hash_inx id_block constraints container deleted
    derived_ec derived_es env_hash_inx exclusive exit_code extra flags timelimit time_eligible
    time_end id_group gres_used job_db_inx id_job kill_requid licenses mcs_label mod_time
    job_name nodelist node_inx het_job_id het_job_offset oversubscribe partition priority
    id_qos qos_req cpus_req mem_req restart_cnt id_resv resv_req segment_size sluid time_start
    state state_reason_prev std_err std_in std_out time_submit time_suspended submit_line
    system_comment tres_alloc tres_req id_user wckey id_wckey work_dir
"""
STEP_COLUMNS = """
    act_cpufreq deleted exit_code consumed_energy container job_db_inx kill_requid step_name
    nodelist nodes_alloc node_inx time_end time_start time_suspended req_cpufreq_min
    req_cpufreq req_cpufreq_gov state id_step step_het_comp cwd std_err std_in std_out
    submit_line sys_sec sys_usec task_cnt task_dist timelimit tres_alloc tres_usage_in_ave
    tres_usage_in_max tres_usage_in_max_nodeid tres_usage_in_max_taskid tres_usage_in_min
    tres_usage_in_min_nodeid tres_usage_in_min_taskid tres_usage_in_tot tres_usage_out_ave
    tres_usage_out_max tres_usage_out_max_nodeid tres_usage_out_max_taskid tres_usage_out_min
    tres_usage_out_min_nodeid tres_usage_out_min_taskid tres_usage_out_tot user_sec user_usec
"""
COLUMNS = {JOBS: JOB_COLUMNS.split(), STEPS: STEP_COLUMNS.split()}

Record = Mapping[str, object]
"""Texts and numbers by column; None is NULL."""


def archive(kind: int, cluster: str, records: Iterable[Record], time: int) -> bytes:
    """The content of a file.

    :param kind: JOBS or STEPS.
    :param time: when it was written, in seconds of UNIX time.
    """
    columns = COLUMNS[kind]
    parts = [packed(record[column]) for record in records for column in columns]
    count = len(parts) // len(columns)
    head = struct.pack("!HQH", VERSION, time, kind) + packed(cluster) + struct.pack("!I", count)
    return head + b"".join(parts)


@lru_cache(1 << 14)
def packed(value: object) -> bytes:
    if value is None:
        return struct.pack("!I", 0)
    data = str(value).encode()
    return struct.pack("!I", len(data) + 1) + data + b"\0"

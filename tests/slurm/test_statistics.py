"""Statistics of the controller that a quiet cluster has not, on a record made by hand."""

from __future__ import annotations

import ctypes
import json
from typing import Any

import pytest

from pyslurmrestd.data_parser.engine import Dump, Records
from pyslurmrestd.data_parser.model import F, Struct
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.tables.diag import STATS_MSG
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V45
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT

POINTERS = "schedule_exit bf_exit rpc_type_id rpc_type_cnt rpc_type_time rpc_type_queued"
POINTERS += " rpc_type_dropped rpc_type_cycle_last rpc_type_cycle_max rpc_user_id rpc_user_cnt"
POINTERS += " rpc_user_time rpc_queue_type_id rpc_queue_count rpc_dump_types rpc_dump_hostlist"
WIDE = "req_time req_time_start schedule_cycle_sum job_states_ts bf_cycle_sum bf_when_last_cycle"
MEMBERS = (
    "req_time req_time_start server_thread_count agent_queue_size agent_count agent_thread_count"
    " dbd_agent_queue_size gettimeofday_latency schedule_cycle_max schedule_cycle_last"
    " schedule_cycle_sum schedule_cycle_counter schedule_cycle_depth schedule_exit"
    " schedule_exit_cnt schedule_queue_len jobs_submitted jobs_started jobs_completed"
    " jobs_canceled jobs_failed jobs_pending jobs_running job_states_ts bf_backfilled_jobs"
    " bf_last_backfilled_jobs bf_backfilled_het_jobs bf_cycle_counter bf_cycle_sum bf_cycle_last"
    " bf_cycle_max bf_exit bf_exit_cnt bf_last_depth bf_last_depth_try bf_depth_sum"
    " bf_depth_try_sum bf_queue_len bf_queue_len_sum bf_table_size bf_table_size_sum"
    " bf_when_last_cycle bf_active rpc_type_size rpc_type_id rpc_type_cnt rpc_type_time"
    " rpc_queue_enabled rpc_type_queued rpc_type_dropped rpc_type_cycle_last rpc_type_cycle_max"
    " rpc_user_size rpc_user_id rpc_user_cnt rpc_user_time rpc_queue_type_count"
    " rpc_queue_type_id rpc_queue_count rpc_dump_count rpc_dump_types rpc_dump_hostlist"
)
"""Of stats_info_response_msg_t, in their order."""


def kind(name: str) -> Any:
    if name in POINTERS.split():
        return ctypes.c_void_p
    if name == "rpc_queue_enabled":
        return ctypes.c_uint8
    return ctypes.c_uint64 if name in WIDE.split() else ctypes.c_uint32


class Statistics(ctypes.Structure):
    """stats_info_response_msg_t, see slurm.h."""

    _fields_ = tuple((name, kind(name)) for name in MEMBERS.split())


def array(element: type[Any], *values: Any) -> int:
    """The address of an array that libslurm allocated."""
    load_library()
    allocate = ctypes.CDLL(None).slurm_xcalloc
    allocate.restype = ctypes.c_void_p
    data = (element * len(values))(*values)
    size = ctypes.c_size_t(ctypes.sizeof(data))
    address = int(allocate(ctypes.c_size_t(1), size, True, False, b"", 0, b""))
    ctypes.memmove(address, data, ctypes.sizeof(data))
    return address


def told(statistics: Statistics, version: ApiVersion) -> Any:
    load_library()
    from pyslurmrestd.slurm import derived

    assert ctypes.sizeof(Statistics) == LAYOUT.size("stats_info_response_msg_t")
    LAYOUT.functions.update(derived.FUNCTIONS)
    answer = Struct(name="ANSWER", fields=(F("one", STATS_MSG, "One"),))
    plan = response_plan(resolve(answer, version), version, frozenset(), "json", LAYOUT)
    records = Records.at(statistics, ctypes.addressof(statistics), 1, ctypes.sizeof(statistics))
    text = b"".join(bytes(block) for block in Dump(plan, {"one": records}, ["one"]))
    return json.loads(text)["one"]


def n(number: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": number}


UNSET = {"set": False, "infinite": False, "number": 0}


def test_means_are_whole_numbers() -> None:
    found = told(
        Statistics(
            req_time=1000 + 125,
            req_time_start=1000,
            schedule_cycle_sum=25,
            schedule_cycle_counter=7,
            schedule_cycle_depth=15,
            bf_cycle_counter=4,
            bf_cycle_sum=9,
            bf_depth_sum=13,
            bf_depth_try_sum=11,
            bf_queue_len_sum=21,
            bf_table_size_sum=400,
            bf_active=1,
        ),
        V45,
    )
    assert {key: found[key] for key in found if "mean" in key or key.endswith("minute")} == {
        "schedule_cycle_mean": 3,
        "schedule_cycle_mean_depth": 2,
        "schedule_cycle_per_minute": 3,
        "bf_cycle_mean": 2,
        "bf_depth_mean": 3,
        "bf_depth_mean_try": 2,
        "bf_queue_len_mean": 5,
        "bf_table_size_mean": 5,
    }
    assert found["bf_active"] is True


def test_means_of_nothing_are_0() -> None:
    # The clock was set back.
    found = told(Statistics(req_time=100, req_time_start=1000, schedule_cycle_sum=25), V45)
    assert {found[key] for key in found if "mean" in key or key.endswith("minute")} == {0}


def test_exits_are_told_by_their_reasons() -> None:
    exits = array(ctypes.c_uint32, 1, 2, 3, 4, 5, 6)
    found = told(
        Statistics(schedule_exit=exits, schedule_exit_cnt=6, bf_exit=exits, bf_exit_cnt=6), V45
    )
    assert found["schedule_exit"] == {
        "end_job_queue": 1,
        "default_queue_depth": 2,
        "max_job_start": 3,
        "licenses": 4,
        "max_rpc_cnt": 5,
        "max_sched_time": 6,
    }
    assert found["bf_exit"] == {
        "end_job_queue": 1,
        "bf_max_job_start": 2,
        "bf_max_job_test": 3,
        "state_changed": 4,
        "bf_node_space_size": 5,
        "bf_max_time": 6,
    }


def messages(**more: int) -> Statistics:
    return Statistics(
        rpc_type_size=3,
        rpc_type_id=array(ctypes.c_uint16, 1008, 2003, 65000),
        rpc_type_cnt=array(ctypes.c_uint32, 4, 0, 2),
        rpc_type_time=array(ctypes.c_uint64, 10, 0, 0),
        rpc_type_queued=array(ctypes.c_uint16, 1, 2, 3),
        rpc_type_dropped=array(ctypes.c_uint64, 4, 5, 6),
        rpc_type_cycle_last=array(ctypes.c_uint16, 7, 8, 9),
        rpc_type_cycle_max=array(ctypes.c_uint16, 10, 11, 12),
        rpc_user_size=2,
        rpc_user_id=array(ctypes.c_uint32, 0, 54321),
        rpc_user_cnt=array(ctypes.c_uint32, 3, 0),
        rpc_user_time=array(ctypes.c_uint64, 10, 5),
        **more,
    )


@pytest.mark.parametrize("queues", [0, 1])
def test_messages_are_told_by_kind(queues: int) -> None:
    found = told(messages(rpc_queue_enabled=queues), V41)["rpcs_by_message_type"]
    keys = ("type_id", "message_type", "count", "total_time", "average_time")
    assert [tuple(rpc[key] for key in keys) for rpc in found] == [
        (1008, "REQUEST_PING", 4, 10, n(2)),
        (2003, "REQUEST_JOB_INFO", 0, 0, UNSET),
        (65000, "65000", 2, 0, UNSET),
    ]
    assert [
        (rpc["queued"], rpc["dropped"], rpc["cycle_last"], rpc["cycle_max"]) for rpc in found
    ] == ([(1, 4, 7, 10), (2, 5, 8, 11), (3, 6, 9, 12)] if queues else [(0, 0, 0, 0)] * 3)


def test_messages_are_told_by_user() -> None:
    found = told(messages(), V41)["rpcs_by_user"]
    assert found == [
        {"user_id": 0, "user": "root", "count": 3, "total_time": 10, "average_time": n(3)},
        {"user_id": 54321, "user": "", "count": 0, "total_time": 5, "average_time": UNSET},
    ]


def test_messages_are_told_in_plain_numbers_in_v0_0_40() -> None:
    found = told(messages(), V40)
    assert [list(rpc.values()) for rpc in found["rpcs_by_message_type"]] == [
        ["REQUEST_PING", 1008, 4, 2, 10],
        ["REQUEST_JOB_INFO", 2003, 0, 0, 0],
        ["65000", 65000, 2, 0, 0],
    ]
    assert [list(rpc.values()) for rpc in found["rpcs_by_user"]] == [
        ["root", 0, 3, 3, 10],
        ["54321", 54321, 0, 0, 5],
    ]


def test_messages_that_wait_are_told_by_kind_and_by_host() -> None:
    hosts = ctypes.create_string_buffer(b"c[2-3],sim0001")
    statistics = Statistics(
        rpc_queue_type_count=2,
        rpc_queue_type_id=array(ctypes.c_uint32, 1008, 6011),
        rpc_queue_count=array(ctypes.c_uint32, 3, 1),
        rpc_dump_count=2,
        rpc_dump_types=array(ctypes.c_uint32, 1008, 6011),
        rpc_dump_hostlist=array(ctypes.c_void_p, ctypes.addressof(hosts), None),
    )
    found = told(statistics, V45)
    assert (found["pending_rpcs"], found["pending_rpcs_by_hostlist"]) == (
        [
            {"type_id": 1008, "message_type": "REQUEST_PING", "count": 3},
            {"type_id": 6011, "message_type": "REQUEST_TERMINATE_JOB", "count": 1},
        ],
        [
            {
                "type_id": 1008,
                "message_type": "REQUEST_PING",
                "count": ["c2", "c3", "sim0001"],
            },
            {"type_id": 6011, "message_type": "REQUEST_TERMINATE_JOB", "count": []},
        ],
    )


def test_arrays_are_read_as_far_as_they_go() -> None:
    statistics = messages(rpc_queue_enabled=1)
    statistics.rpc_type_size = statistics.rpc_user_size = 0xFFFFFFFF
    statistics.rpc_type_queued = None
    statistics.rpc_queue_type_count = statistics.rpc_dump_count = 5
    statistics.schedule_exit_cnt = statistics.bf_exit_cnt = 6
    statistics.bf_exit = array(ctypes.c_uint32, 1, 2)
    found = told(statistics, V45)
    assert [rpc["queued"] for rpc in found["rpcs_by_message_type"]] == [0, 0, 0]
    assert len(found["rpcs_by_user"]) == 2
    assert (found["pending_rpcs"], found["pending_rpcs_by_hostlist"]) == ([], [])
    assert set(found["schedule_exit"].values()) == {0}
    assert sorted(found["bf_exit"].values()) == [0, 0, 0, 0, 1, 2]

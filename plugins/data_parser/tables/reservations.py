"""Reservations, as slurmctld reports them and as they are asked for."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, list_of, pointer, removed

from ..codecs.hostlists import HOSTLIST_STRING
from ..codecs.no_val import UINT32_NO_VAL
from ..codecs.numbers import UINT32
from ..codecs.strings import CSV_STRING, STRING
from ..codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from ..codecs.tres import TRES_STR_BY_TYPE
from ..versions import V40, V41, V43, V44
from .envelope import response

# In an update a flag is added to those that are set; the NO_ flags take one away.
RESERVATION_FLAGS = Flags(
    name="RESERVATION_FLAGS",
    values=(
        bit("MAINT", "RESERVE_FLAG_MAINT", "For maintenance; may overlap other reservations"),
        bit("NO_MAINT", "RESERVE_FLAG_NO_MAINT", "Update: drop MAINT"),
        bit("DAILY", "RESERVE_FLAG_DAILY", "Comes back each day"),
        bit("NO_DAILY", "RESERVE_FLAG_NO_DAILY", "Update: drop DAILY"),
        bit("WEEKLY", "RESERVE_FLAG_WEEKLY", "Comes back each week"),
        bit("NO_WEEKLY", "RESERVE_FLAG_NO_WEEKLY", "Update: drop WEEKLY"),
        bit("IGNORE_JOBS", "RESERVE_FLAG_IGN_JOBS", "Made though jobs are running on its nodes"),
        bit("NO_IGNORE_JOBS", "RESERVE_FLAG_NO_IGN_JOB", "Update: drop IGNORE_JOBS"),
        bit("ANY_NODES", "RESERVE_FLAG_ANY_NODES", "For licenses or burst buffers, on any nodes"),
        bit("NO_ANY_NODES", "RESERVE_FLAG_NO_ANY_NODES", "Update: drop ANY_NODES", since=V44),
        bit("STATIC", "RESERVE_FLAG_STATIC", "Nodes stay the same even if they go down"),
        bit("NO_STATIC", "RESERVE_FLAG_NO_STATIC", "Update: drop STATIC"),
        bit("PART_NODES", "RESERVE_FLAG_PART_NODES", "All nodes of the partition, as it changes"),
        bit("NO_PART_NODES", "RESERVE_FLAG_NO_PART_NODES", "Update: drop PART_NODES"),
        bit("OVERLAP", "RESERVE_FLAG_OVERLAP", "May overlap other reservations"),
        bit("SPEC_NODES", "RESERVE_FLAG_SPEC_NODES", "Its nodes were named"),
        bit("TIME_FLOAT", "RESERVE_FLAG_TIME_FLOAT", "Its start moves along with the present"),
        bit("REPLACE", "RESERVE_FLAG_REPLACE", "Nodes given to jobs are replaced by idle ones"),
        bit("ALL_NODES", "RESERVE_FLAG_ALL_NODES", "All nodes of the cluster"),
        bit("PURGE_COMP", "RESERVE_FLAG_PURGE_COMP", "Deleted once it was idle for a while"),
        bit("WEEKDAY", "RESERVE_FLAG_WEEKDAY", "Comes back from Monday to Friday"),
        bit("NO_WEEKDAY", "RESERVE_FLAG_NO_WEEKDAY", "Update: drop WEEKDAY"),
        bit("WEEKEND", "RESERVE_FLAG_WEEKEND", "Comes back on Saturday and Sunday"),
        bit("NO_WEEKEND", "RESERVE_FLAG_NO_WEEKEND", "Update: drop WEEKEND"),
        bit("FLEX", "RESERVE_FLAG_FLEX", "Its jobs may start early, end late and use other nodes"),
        bit("NO_FLEX", "RESERVE_FLAG_NO_FLEX", "Update: drop FLEX"),
        bit("DURATION_PLUS", "RESERVE_FLAG_DUR_PLUS", "Update: the duration is added"),
        bit("DURATION_MINUS", "RESERVE_FLAG_DUR_MINUS", "Update: the duration is taken off"),
        bit("NO_HOLD_JOBS_AFTER_END", "RESERVE_FLAG_NO_HOLD_JOBS", "Jobs left at its end are not held"),
        bit("REPLACE_DOWN", "RESERVE_FLAG_REPLACE_DOWN", "Nodes that go down are replaced", since=V44),
        bit("NO_PURGE_COMP", "RESERVE_FLAG_NO_PURGE_COMP", "Update: drop PURGE_COMP"),
        bit("MAGNETIC", "RESERVE_FLAG_MAGNETIC", "Draws jobs that may use it without naming it"),
        bit("NO_MAGNETIC", "RESERVE_FLAG_NO_MAGNETIC", "Update: drop MAGNETIC", since=V44),
        bit("SKIP", "RESERVE_FLAG_SKIP", "Update: skip its next turn"),
        bit("HOURLY", "RESERVE_FLAG_HOURLY", "Comes back each hour"),
        bit("NO_HOURLY", "RESERVE_FLAG_NO_HOURLY", "Update: drop HOURLY"),
        bit("USER_DELETE", "RESERVE_FLAG_USER_DEL", "Its users may delete it", since=V41),
        bit("FORCE_START", "RESERVE_FLAG_FORCE_START", "Starts with a turn that is already on", since=V44),
        bit("NO_USER_DELETE", "RESERVE_FLAG_NO_USER_DEL", "Update: drop USER_DELETE", since=V41),
        bit("REOCCURRING", "RESERVE_REOCCURRING", "All flags that make it come back"),
        bit("TRES_PER_NODE", "RESERVE_TRES_PER_NODE", "Its TRES are for each node", since=V44),
    ),
)

RESERVATION_CORE_SPEC = Struct(
    name="RESERVATION_CORE_SPEC",
    record="resv_core_spec_t",
    fields=(
        F("node", STRING, "Name of the node", source="node_name"),
        F("core", STRING, "Numbers of the cores, such as 0-3", source="core_id"),
    ),
)

RESERVATION_INFO_CORE_SPEC = list_of(RESERVATION_CORE_SPEC, "RESERVATION_INFO_CORE_SPEC", storage="counted", count="core_spec_cnt")

RESERVATION_INFO = Struct(
    name="RESERVATION_INFO",
    record="reserve_info_t",
    fields=(
        F("accounts", STRING, "Accounts that may use it"),
        F("burst_buffer", STRING, "Burst buffer reserved"),
        F("core_count", UINT32, "Number of cores reserved", source="core_cnt"),
        F("core_specializations", RESERVATION_INFO_CORE_SPEC, "Cores reserved on each node, if not whole nodes", source="core_spec"),
        F("end_time", TIMESTAMP_NO_VAL, "End (UNIX time)"),
        F("features", STRING, "Features that its nodes must have"),
        F("flags", RESERVATION_FLAGS, "Flags set"),
        F("groups", STRING, "Groups that may use it"),
        F("licenses", STRING, "Licenses reserved"),
        F("max_start_delay", UINT32, "How long other jobs may delay its jobs, in seconds"),
        F("name", STRING, "Name of the reservation"),
        F("node_count", UINT32, "Number of nodes reserved", source="node_cnt"),
        F("node_list", STRING, "Nodes reserved, as a hostlist"),
        F("partition", STRING, "Partition from which its nodes come"),
        F("purge_completed/time", UINT32_NO_VAL, "Idle time after which it is deleted, in seconds", source="purge_comp_time"),
        F("start_time", TIMESTAMP_NO_VAL, "Start (UNIX time)"),
        removed("watts", UINT32_NO_VAL, "Not available any more", deprecated=V40, until=V44),
        F("tres", STRING, "TRES reserved, such as cpu=8,gres/gpu=2", source="tres_str"),
        F("users", STRING, "Users that may use it"),
    ),
)

RESERVATION_INFO_MSG = list_of(RESERVATION_INFO, "RESERVATION_INFO_MSG")

OPENAPI_RESERVATION_QUERY = Struct(
    name="OPENAPI_RESERVATION_QUERY",
    fields=(F("update_time", TIMESTAMP, "Answer only if changed since (UNIX time)"),),
)

OPENAPI_RESERVATION_PARAM = Struct(
    name="OPENAPI_RESERVATION_PARAM",
    fields=(F("reservation_name", STRING, "Name of the reservation"),),
)

OPENAPI_RESERVATION_RESP = response(
    "OPENAPI_RESERVATION_RESP",
    F("reservations", RESERVATION_INFO_MSG, "Reservations found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
)

# What is not mentioned stays as it is; where no reservation of the name exists, one is made.
RESERVATION_DESC_MSG = Struct(
    name="RESERVATION_DESC_MSG",
    record="resv_desc_msg_t",
    init="slurm_init_resv_desc_msg",
    free="slurm_free_resv_desc_msg",
    since=V43,
    fields=(
        F("accounts", CSV_STRING, "Accounts that may use it; -name: all but this, update: take it away"),
        F("burst_buffer", STRING, "Burst buffer to reserve"),
        F("comment", STRING, "Comment"),
        F("core_count", UINT32_NO_VAL, "Number of cores to reserve", source="core_cnt"),
        F("duration", UINT32_NO_VAL, "Duration, in minutes"),
        F("end_time", TIMESTAMP_NO_VAL, "End (UNIX time)"),
        F("features", STRING, "Features that its nodes must have"),
        F("flags", RESERVATION_FLAGS, "Flags to set, or with NO_ to drop"),
        F("groups", CSV_STRING, "Groups that may use it, in place of users"),
        F("licenses", CSV_STRING, "Licenses to reserve, such as matlab:3"),
        F("max_start_delay", UINT32_NO_VAL, "How long other jobs may delay its jobs, in seconds"),
        F("name", STRING, "Name of the reservation"),
        F("node_count", UINT32_NO_VAL, "Number of nodes to reserve", source="node_cnt"),
        F("node_list", HOSTLIST_STRING, "Nodes to reserve; ALL: all of the partition, or of the cluster"),
        F("partition", STRING, "Partition from which its nodes come"),
        F("purge_completed/time", UINT32_NO_VAL, "Idle time after which it is deleted, in seconds", source="purge_comp_time"),
        F("start_time", TIMESTAMP_NO_VAL, "Start (UNIX time)"),
        F("tres", TRES_STR_BY_TYPE, "TRES to reserve", source="tres_str"),
        F("users", CSV_STRING, "Users that may use it; -name: all but this, update: take it away"),
    ),
)

RESERVATION_DESC_MSG_LIST = list_of(pointer(RESERVATION_DESC_MSG), "RESERVATION_DESC_MSG_LIST", storage="list", since=V43)

RESERVATION_MOD_REQ = Struct(
    name="RESERVATION_MOD_REQ",
    since=V43,
    fields=(F("reservations", RESERVATION_DESC_MSG_LIST, "Reservations to make or change"),),
)

OPENAPI_RESERVATION_MOD_RESP = response(
    "OPENAPI_RESERVATION_MOD_RESP",
    F("reservations", RESERVATION_DESC_MSG_LIST, "What was asked for, as it was done", required=True),
    since=V43,
)

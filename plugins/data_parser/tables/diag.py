"""Statistics of the controller: its scheduler, its backfill, and the messages it got."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, Codec, F, Struct, derived, either, list_of, pointer, removed

from ..codecs.hostlists import HOSTLIST_STRING
from ..codecs.identity import USER_ID
from ..codecs.no_val import UINT64_NO_VAL
from ..codecs.numbers import INT64, UINT16, UINT32, UINT64
from ..codecs.statistics import (
    RPC_ID,
    STATS_MSG_BF_ACTIVE,
    STATS_MSG_BF_CYCLE_MEAN,
    STATS_MSG_BF_DEPTH_MEAN,
    STATS_MSG_BF_DEPTH_MEAN_TRY,
    STATS_MSG_BF_QUEUE_LEN_MEAN,
    STATS_MSG_CYCLE_MEAN,
    STATS_MSG_CYCLE_MEAN_DEPTH,
    STATS_MSG_CYCLE_PER_MIN,
)
from ..codecs.strings import STRING
from ..codecs.times import TIMESTAMP_NO_VAL
from ..versions import V40, V41, V42, V44
from .envelope import response

SCHEDULE_EXIT_FIELDS = Struct(
    name="SCHEDULE_EXIT_FIELDS",
    record="derived_schedule_exit_t",
    fields=(
        F("end_job_queue", UINT32, "The whole queue was tried"),
        F("default_queue_depth", UINT32, "As many jobs were tried as default_queue_depth allows"),
        F("max_job_start", UINT32, "As many jobs were started as sched_max_job_start allows"),
        F("max_rpc_cnt", UINT32, "Too many messages waited (max_rpc_cnt)"),
        F("max_sched_time", UINT32, "Time was up (max_sched_time)"),
        F("licenses", UINT32, "Licenses were missing"),
    ),
)

BF_EXIT_FIELDS = Struct(
    name="BF_EXIT_FIELDS",
    record="derived_bf_exit_t",
    fields=(
        F("end_job_queue", UINT32, "The whole queue was tried"),
        F("bf_max_job_start", UINT32, "As many jobs were started as bf_max_job_start allows"),
        F("bf_max_job_test", UINT32, "As many jobs were tried as bf_max_job_test allows"),
        F("bf_max_time", UINT32, "Time was up (bf_max_time)"),
        F("bf_node_space_size", UINT32, "The table of nodes was full (bf_node_space_size)"),
        F("state_changed", UINT32, "Jobs, nodes or partitions had changed"),
    ),
)

STATS_MSG_SCHEDULE_EXIT = derived("STATS_MSG_SCHEDULE_EXIT", "schedule_exits", SCHEDULE_EXIT_FIELDS, shown_as=SCHEDULE_EXIT_FIELDS)
STATS_MSG_BF_EXIT = derived("STATS_MSG_BF_EXIT", "backfill_exits", BF_EXIT_FIELDS, shown_as=BF_EXIT_FIELDS)

STATS_MSG_RPC_TYPE = either(
    Struct(
        name="STATS_MSG_RPC_TYPE",
        record="derived_rpc_type_t",
        inline=True,
        until=V40,
        fields=(
            F("message_type", RPC_ID, "Kind of message, by name", source="id"),
            F("type_id", UINT16, "Kind of message, by number", source="id"),
            F("count", INT64, "Messages got"),
            F("average_time", INT64, "Mean time it took to answer, in microseconds", source="mean"),
            F("total_time", INT64, "Time it took to answer them, in microseconds", source="time"),
        ),
    ),
    Struct(
        name="STATS_MSG_RPC_TYPE",
        record="derived_rpc_type_t",
        since=V41,
        fields=(
            F("type_id", UINT16, "Kind of message, by number", source="id", required=True),
            F("message_type", RPC_ID, "Kind of message, by name", source="id", required=True),
            F("count", UINT32, "Messages got", required=True),
            F("queued", UINT16, "Messages that wait (rpc_queue)", required=True),
            F("dropped", UINT64, "Messages sent away (rpc_queue)", required=True),
            F("cycle_last", UINT16, "Messages answered in the last cycle (rpc_queue)", required=True),
            F("cycle_max", UINT16, "Most messages answered in a cycle (rpc_queue)", required=True),
            F("total_time", UINT64, "Time it took to answer them, in microseconds", source="time", required=True),
            F("average_time", UINT64_NO_VAL, "Mean time it took to answer, in microseconds", required=True),
        ),
    ),
)

# A user whom nobody knows is told by number.
USER_OR_NUMBER = derived("USER_ID", "user_or_number", STRING, reads="I", type="string", until=V40)

STATS_MSG_RPC_USER = either(
    Struct(
        name="STATS_MSG_RPC_USER",
        record="derived_rpc_user_t",
        inline=True,
        until=V40,
        fields=(
            F("user", USER_OR_NUMBER, "User who sent them, by name", source="id"),
            F("user_id", UINT32, "User who sent them, by number", source="id"),
            F("count", INT64, "Messages got"),
            F("average_time", INT64, "Mean time it took to answer, in microseconds", source="mean"),
            F("total_time", INT64, "Time it took to answer them, in microseconds", source="time"),
        ),
    ),
    Struct(
        name="STATS_MSG_RPC_USER",
        record="derived_rpc_user_t",
        since=V41,
        fields=(
            F("user_id", UINT32, "User who sent them, by number", source="id", required=True),
            F("user", USER_ID, "User who sent them, by name", source="id", required=True),
            F("count", UINT32, "Messages got", required=True),
            F("total_time", UINT64, "Time it took to answer them, in microseconds", source="time", required=True),
            F("average_time", UINT64_NO_VAL, "Mean time it took to answer, in microseconds", required=True),
        ),
    ),
)

STATS_MSG_RPC_QUEUE = Struct(
    name="STATS_MSG_RPC_QUEUE",
    record="derived_rpc_queue_t",
    since=V41,
    fields=(
        F("type_id", UINT16, "Kind of message, by number", source="id", required=True),
        F("message_type", RPC_ID, "Kind of message, by name", source="id", required=True),
        F("count", UINT32, "Messages that wait to be sent", required=True),
    ),
)

STATS_MSG_RPC_DUMP = Struct(
    name="STATS_MSG_RPC_DUMP",
    record="derived_rpc_dump_t",
    since=V41,
    fields=(
        F("type_id", UINT16, "Kind of message, by number", source="id", required=True),
        F("message_type", RPC_ID, "Kind of message, by name", source="id", required=True),
        # Slurm: hosts stand under this key.
        F("count", HOSTLIST_STRING, "Hosts that it waits to be sent to", source="hostlist", required=True),
    ),
)


def _array(name: str, function: str, items: Struct) -> Codec:
    return derived(name, function, list_of(items, name, since=items.since), type="array", items=items, since=items.since)


STATS_MSG_RPCS_BY_TYPE = derived(
    "STATS_MSG_RPCS_BY_TYPE", "rpcs_by_type", list_of(STATS_MSG_RPC_TYPE, "STATS_MSG_RPCS_BY_TYPE"), type="array", items=STATS_MSG_RPC_TYPE
)
STATS_MSG_RPCS_BY_USER = derived(
    "STATS_MSG_RPCS_BY_USER", "rpcs_by_user", list_of(STATS_MSG_RPC_USER, "STATS_MSG_RPCS_BY_USER"), type="array", items=STATS_MSG_RPC_USER
)
STATS_MSG_RPCS_QUEUE = _array("STATS_MSG_RPCS_QUEUE", "rpcs_pending", STATS_MSG_RPC_QUEUE)
STATS_MSG_RPCS_DUMP = _array("STATS_MSG_RPCS_DUMP", "rpcs_pending_by_host", STATS_MSG_RPC_DUMP)

# 26.05 has no such number any more; to 24.11 it says 1.
PARTS_PACKED = Codec(name="UINT32", kind="constant", options={"data": 1}, type="integer", format="int32", parses=False, until=V41)

STATS_MSG = Struct(
    name="STATS_MSG",
    record="stats_info_response_msg_t",
    fields=(
        F("parts_packed", PARTS_PACKED, "Whether partitions are told in messages", source=WHOLE_RECORD, until=V41),
        removed("parts_packed", UINT32, "Not available any more", deprecated=V42, since=V42, until=V44),
        F("req_time", TIMESTAMP_NO_VAL, "When they were asked for (UNIX time)"),
        F("req_time_start", TIMESTAMP_NO_VAL, "Since when they are counted (UNIX time)"),
        F("server_thread_count", UINT32, "Threads that answer messages"),
        F("agent_queue_size", UINT32, "Messages that wait to be sent, and are tried again"),
        F("agent_count", UINT32, "Agents that send messages"),
        F("agent_thread_count", UINT32, "Threads of these agents"),
        F("dbd_agent_queue_size", UINT32, "Messages that wait for slurmdbd"),
        F("gettimeofday_latency", UINT32, "Time that 1,000 calls of gettimeofday() took, in microseconds"),
        F("schedule_cycle_max", UINT32, "Longest cycle of the scheduler, in microseconds"),
        F("schedule_cycle_last", UINT32, "Last cycle of the scheduler, in microseconds"),
        F("schedule_cycle_sum", UINT32, "All cycles of the scheduler together, in microseconds", since=V41, until=V41),
        F("schedule_cycle_sum", UINT64, "All cycles of the scheduler together, in microseconds", since=V42),
        F("schedule_cycle_total", UINT32, "Cycles of the scheduler", source="schedule_cycle_counter"),
        F("schedule_cycle_mean", STATS_MSG_CYCLE_MEAN, "Mean cycle of the scheduler, in microseconds", source=WHOLE_RECORD),
        F("schedule_cycle_mean_depth", STATS_MSG_CYCLE_MEAN_DEPTH, "Mean number of jobs tried in a cycle", source=WHOLE_RECORD),
        F("schedule_cycle_per_minute", STATS_MSG_CYCLE_PER_MIN, "Cycles in a minute", source=WHOLE_RECORD),
        F("schedule_cycle_depth", UINT32, "Jobs tried in all cycles", since=V41),
        F("schedule_exit", STATS_MSG_SCHEDULE_EXIT, "Why cycles of the scheduler ended", source=WHOLE_RECORD, since=V41),
        F("schedule_queue_length", UINT32, "Jobs in the queue of the last cycle", source="schedule_queue_len"),
        F("schedule_exit", STATS_MSG_SCHEDULE_EXIT, "Why cycles of the scheduler ended", source=WHOLE_RECORD, until=V40),
        F("jobs_submitted", UINT32, "Jobs submitted"),
        F("jobs_started", UINT32, "Jobs started"),
        F("jobs_completed", UINT32, "Jobs completed"),
        F("jobs_canceled", UINT32, "Jobs cancelled"),
        F("jobs_failed", UINT32, "Jobs that failed for their node or launch"),
        F("jobs_pending", UINT32, "Jobs that waited at job_states_ts"),
        F("jobs_running", UINT32, "Jobs that ran at job_states_ts"),
        F("job_states_ts", TIMESTAMP_NO_VAL, "When jobs were last counted (UNIX time)"),
        F("bf_backfilled_jobs", UINT32, "Jobs backfilled since slurmctld was started"),
        F("bf_last_backfilled_jobs", UINT32, "Jobs backfilled since the numbers were reset"),
        F("bf_backfilled_het_jobs", UINT32, "Components of het jobs backfilled"),
        F("bf_cycle_counter", UINT32, "Cycles of the backfill"),
        F("bf_cycle_mean", STATS_MSG_BF_CYCLE_MEAN, "Mean cycle of the backfill, in microseconds", source=WHOLE_RECORD),
        F("bf_depth_mean", STATS_MSG_BF_DEPTH_MEAN, "Mean number of jobs looked at in a cycle", source=WHOLE_RECORD),
        F("bf_depth_mean_try", STATS_MSG_BF_DEPTH_MEAN_TRY, "Mean number of jobs that could have been started", source=WHOLE_RECORD),
        F("bf_cycle_sum", UINT64, "All cycles of the backfill together, in microseconds"),
        F("bf_cycle_last", UINT32, "Last cycle of the backfill, in microseconds"),
        F("bf_cycle_max", UINT32, "Longest cycle of the backfill, in microseconds", since=V41),
        F("bf_exit", STATS_MSG_BF_EXIT, "Why cycles of the backfill ended", source=WHOLE_RECORD, since=V41),
        F("bf_last_depth", UINT32, "Jobs looked at in the last cycle"),
        F("bf_last_depth_try", UINT32, "Jobs of the last cycle that could have been started"),
        F("bf_depth_sum", UINT32, "Jobs looked at in all cycles"),
        F("bf_depth_try_sum", UINT32, "Jobs of all cycles that could have been started"),
        F("bf_queue_len", UINT32, "Jobs in the queue of the last cycle"),
        F("bf_queue_len_mean", STATS_MSG_BF_QUEUE_LEN_MEAN, "Mean number of jobs in the queue", source=WHOLE_RECORD),
        F("bf_queue_len_sum", UINT32, "Jobs in the queues of all cycles"),
        F("bf_table_size", UINT32, "Slots in the table of the last cycle"),
        F("bf_table_size_sum", UINT32, "Slots in the tables of all cycles", since=V41),
        # Slurm: the mean of the queue, not of the table.
        F("bf_table_size_mean", STATS_MSG_BF_QUEUE_LEN_MEAN, "Mean number of jobs in the queue", source=WHOLE_RECORD),
        F("bf_when_last_cycle", TIMESTAMP_NO_VAL, "When the backfill last ran (UNIX time)"),
        F("bf_active", STATS_MSG_BF_ACTIVE, "Whether the backfill is running", source=WHOLE_RECORD),
        F("bf_exit", STATS_MSG_BF_EXIT, "Why cycles of the backfill ended", source=WHOLE_RECORD, until=V40),
        F("rpcs_by_message_type", STATS_MSG_RPCS_BY_TYPE, "Messages got, by kind", source=WHOLE_RECORD),
        F("rpcs_by_user", STATS_MSG_RPCS_BY_USER, "Messages got, by user", source=WHOLE_RECORD),
        F("pending_rpcs", STATS_MSG_RPCS_QUEUE, "Messages that wait to be sent, by kind", source=WHOLE_RECORD, since=V41),
        F("pending_rpcs_by_hostlist", STATS_MSG_RPCS_DUMP, "Messages that wait to be sent, by host", source=WHOLE_RECORD, since=V41),
    ),
)

OPENAPI_DIAG_RESP = response(
    "OPENAPI_DIAG_RESP",
    F("statistics", pointer(STATS_MSG), "The statistics", required=True),
)

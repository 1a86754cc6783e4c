"""slurmdbd itself: whether it answers, and what it has counted."""

from pyslurmrestd.data_parser.model import Codec, F, Struct, derived, either, list_of, pointer

from ..codecs.controllers import CONTROLLER_PING_PRIMARY
from ..codecs.identity import USER_ID
from ..codecs.numbers import BOOL, INT32, INT64, UINT16, UINT32, UINT64
from ..codecs.strings import ERROR, STRING
from ..codecs.times import TIMESTAMP
from ..versions import V40, V41, V42, V45
from .envelope import response

SLURMDBD_PING = Struct(
    name="SLURMDBD_PING",
    record="slurmdbd_ping_t",
    since=V42,
    fields=(
        F("hostname", STRING, "Host on which slurmdbd runs", required=True),
        F("responding", BOOL, "Whether it answered", source="pinged", required=True),
        F("latency", UINT64, "Time until it answered, in microseconds", required=True),
        F("primary", CONTROLLER_PING_PRIMARY, "Whether it is the first, not a backup", source="offset", required=True),
        F("status", ERROR, "Result of the ping, as error text", source="rc", required=True, since=V45),
    ),
)

SLURMDBD_PING_ARRAY = list_of(SLURMDBD_PING, "SLURMDBD_PING_ARRAY", since=V42)

OPENAPI_SLURMDBD_PING_RESP = response(
    "OPENAPI_SLURMDBD_PING_RESP",
    F("pings", SLURMDBD_PING_ARRAY, "An entry for each slurmdbd", required=True),
    since=V42,
)

_PERIODS = ("internal", "user", "unknown")

# Slurm: hours are called internal here and days user.
ROLLUP_PERIOD = Codec(
    name="ROLLUP_PERIOD",
    kind="name",
    options={"table": dict(enumerate(_PERIODS)), "fallback": "unknown"},
    type="string",
    words=_PERIODS,
    parses=False,
    until=V40,
)

# Slurm: its document spells one key otherwise than its answers, and leaves one out.
ROLLUP_IN_DOCUMENT = Struct(
    name="ROLLUP_IN_DOCUMENT",
    inline=True,
    until=V40,
    fields=(
        F("type", ROLLUP_PERIOD, "Period"),
        F("last run", INT32, "When it last ran (UNIX time); the key is last_run"),
        F("max_cycle", INT64, "Longest run, in microseconds"),
        F("total_time", INT64, "All runs together, in microseconds"),
        F("total_cycles", INT64, "Runs"),
        F("mean_cycles", INT64, "Mean run, in microseconds"),
    ),
)

ROLLUP = Struct(
    name="ROLLUP",
    record="derived_rollup_t",
    inline=True,
    until=V40,
    fields=(
        F("type", ROLLUP_PERIOD, "Period", source="period"),
        F("last_run", TIMESTAMP, "When it last ran (UNIX time)"),
        F("last_cycle", INT64, "Last run, in microseconds"),
        F("max_cycle", INT64, "Longest run, in microseconds"),
        F("total_time", INT64, "All runs together, in microseconds"),
        F("total_cycles", UINT16, "Runs"),
        F("mean_cycles", INT64, "Mean run, in microseconds"),
    ),
)

ROLLUP_STATS = either(
    derived("ROLLUP_STATS", "rollups", list_of(ROLLUP, "ROLLUPS"), type="array", items=ROLLUP_IN_DOCUMENT, until=V40),
    Struct(
        name="ROLLUP_STATS",
        record="slurmdb_rollup_stats_t",
        since=V41,
        fields=(
            F("hourly/count", UINT16, "Hourly runs", source="count[DBD_ROLLUP_HOUR]", required=True),
            F("daily/count", UINT16, "Daily runs", source="count[DBD_ROLLUP_DAY]", required=True),
            F("monthly/count", UINT16, "Monthly runs", source="count[DBD_ROLLUP_MONTH]", required=True),
            F("hourly/last_run", TIMESTAMP, "When the last began (UNIX time)", source="timestamp[DBD_ROLLUP_HOUR]", required=True),
            F("daily/last_run", TIMESTAMP, "When the last began (UNIX time)", source="timestamp[DBD_ROLLUP_DAY]", required=True),
            F("monthly/last_run", TIMESTAMP, "When the last began (UNIX time)", source="timestamp[DBD_ROLLUP_MONTH]", required=True),
            F("hourly/duration/last", UINT64, "Last run, in microseconds", source="time_last[DBD_ROLLUP_HOUR]", required=True),
            F("daily/duration/last", UINT64, "Last run, in microseconds", source="time_last[DBD_ROLLUP_DAY]", required=True),
            F("monthly/duration/last", UINT64, "Last run, in microseconds", source="time_last[DBD_ROLLUP_MONTH]", required=True),
            F("hourly/duration/max", UINT64, "Longest run, in microseconds", source="time_max[DBD_ROLLUP_HOUR]", required=True),
            F("daily/duration/max", UINT64, "Longest run, in microseconds", source="time_max[DBD_ROLLUP_DAY]", required=True),
            F("monthly/duration/max", UINT64, "Longest run, in microseconds", source="time_max[DBD_ROLLUP_MONTH]", required=True),
            F("hourly/duration/time", UINT64, "All runs, in microseconds", source="time_total[DBD_ROLLUP_HOUR]", required=True),
            F("daily/duration/time", UINT64, "All runs, in microseconds", source="time_total[DBD_ROLLUP_DAY]", required=True),
            F("monthly/duration/time", UINT64, "All runs, in microseconds", source="time_total[DBD_ROLLUP_MONTH]", required=True),
        ),
    ),
)

# v0.0.40 has one name for this and for the kinds of the controller's messages.
SLURMDB_RPC_ID_V40 = derived("RPC_ID", "accounting_rpc_name", STRING, reads="I", type="string", until=V40)
SLURMDB_RPC_ID = derived("SLURMDB_RPC_ID", "accounting_rpc_name", STRING, reads="I", type="string", since=V41)

STATS_RPC = Struct(
    name="STATS_RPC",
    record="slurmdb_rpc_obj_t",
    fields=(
        F("rpc", SLURMDB_RPC_ID_V40, "Kind of message", source="id", until=V40),
        F("rpc", SLURMDB_RPC_ID, "Kind of message", source="id", since=V41),
        F("count", UINT32, "Messages got", source="cnt"),
        F("time/average", UINT64, "Mean time it took to answer, in microseconds", source="time_ave"),
        F("time/total", UINT64, "Time it took to answer them, in microseconds", source="time"),
    ),
)

STATS_USER = Struct(
    name="STATS_USER",
    record="slurmdb_rpc_obj_t",
    fields=(
        F("user", USER_ID, "User who sent them", source="id"),
        F("count", UINT32, "Messages got", source="cnt"),
        F("time/average", UINT64, "Mean time it took to answer, in microseconds", source="time_ave"),
        F("time/total", UINT64, "Time it took to answer them, in microseconds", source="time"),
    ),
)

STATS_REC = Struct(
    name="STATS_REC",
    record="slurmdb_stats_rec_t",
    fields=(
        F("time_start", TIMESTAMP, "Since when they are counted (UNIX time)"),
        F("rollups", pointer(ROLLUP_STATS), "Rollups of usage", source="dbd_rollup_stats"),
        F("RPCs", list_of(pointer(STATS_RPC), "STATS_RPC_LIST", storage="list"), "Messages got, by kind", source="rpc_list"),
        F("users", list_of(pointer(STATS_USER), "STATS_USER_LIST", storage="list"), "Messages got, by user", source="user_list"),
    ),
)

OPENAPI_SLURMDBD_STATS_RESP = response(
    "OPENAPI_SLURMDBD_STATS_RESP",
    F("statistics", pointer(STATS_REC), "The statistics", required=True),
)

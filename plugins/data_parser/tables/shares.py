"""Shares of associations in the cluster, and what they have used of them."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, derived, list_of, pointer, whole

from ..codecs.no_val import FLOAT64_NO_VAL, UINT32_NO_VAL, UINT64_NO_VAL
from ..codecs.numbers import FLOAT64, FLOAT128, UINT32, UINT64
from ..codecs.strings import CSV_STRING_LIST, STRING
from ..versions import V41, V42
from .envelope import response

# Records of pyslurmrestd/slurm/shares.pxi: each association with the TRES of the message it came in.
SHARES_UINT64_TRES = Struct(
    name="SHARES_UINT64_TRES",
    record="derived_shares_number_t",
    fields=(
        F("name", STRING, "Name of the TRES"),
        F("value", UINT64_NO_VAL, "How much of it"),
    ),
)

SHARES_UINT64_TRES_LIST = list_of(SHARES_UINT64_TRES, "SHARES_UINT64_TRES_LIST")

SHARES_FLOAT128_TRES = Struct(
    name="SHARES_FLOAT128_TRES",
    record="derived_shares_usage_t",
    fields=(
        F("name", STRING, "Name of the TRES"),
        F("value", FLOAT128, "How much of it"),
    ),
)

SHARES_FLOAT128_TRES_LIST = list_of(SHARES_FLOAT128_TRES, "SHARES_FLOAT128_TRES_LIST")

ASSOC_SHARES_OBJ_WRAP_TRES_RUN_SECS = derived(
    "ASSOC_SHARES_OBJ_WRAP_TRES_RUN_SECS", "shares_run_seconds", SHARES_UINT64_TRES_LIST, shown_as=SHARES_UINT64_TRES_LIST
)
ASSOC_SHARES_OBJ_WRAP_TRES_GRP_MINS = derived(
    "ASSOC_SHARES_OBJ_WRAP_TRES_GRP_MINS", "shares_group_minutes", SHARES_UINT64_TRES_LIST, shown_as=SHARES_UINT64_TRES_LIST
)
ASSOC_SHARES_OBJ_WRAP_TRES_USAGE_RAW = derived(
    "ASSOC_SHARES_OBJ_WRAP_TRES_USAGE_RAW", "shares_usage", SHARES_FLOAT128_TRES_LIST, shown_as=SHARES_FLOAT128_TRES_LIST
)

ASSOC_SHARES_OBJ_WRAP_TYPE = Flags(
    name="ASSOC_SHARES_OBJ_WRAP_TYPE",
    mask="INFINITE16",
    values=(
        whole("USER", 1, "Shares of a user in an account"),
        whole("ASSOCIATION", 0, "Shares of an account"),
    ),
)

ASSOC_SHARES_OBJ_WRAP = Struct(
    name="ASSOC_SHARES_OBJ_WRAP",
    record="derived_shares_t",
    fields=(
        F("id", UINT32, "Number of the association", source="obj.assoc_id"),
        F("cluster", STRING, "Its cluster", source="obj.cluster"),
        F("name", STRING, "Name of the user or account", source="obj.name"),
        F("parent", STRING, "Account above it", source="obj.parent"),
        F("partition", STRING, "Its partition, if it has one", source="obj.partition"),
        F("shares_normalized", FLOAT64_NO_VAL, "Its part of all shares", source="obj.shares_norm"),
        F("shares", UINT32_NO_VAL, "Shares it was given; infinite: those of its parent", source="obj.shares_raw"),
        F("tres/run_seconds", ASSOC_SHARES_OBJ_WRAP_TRES_RUN_SECS, "What running jobs may still use, in TRES-seconds", source=WHOLE_RECORD),
        F("tres/group_minutes", ASSOC_SHARES_OBJ_WRAP_TRES_GRP_MINS, "Limits in TRES-minutes", source=WHOLE_RECORD),
        F("effective_usage", FLOAT64_NO_VAL, "Its usage with that of its parent", source="obj.usage_efctv", since=V42),
        F("effective_usage", FLOAT64, "Its usage with that of its parent", source="obj.usage_efctv", until=V41),
        F("usage_normalized", FLOAT64_NO_VAL, "Its part of all usage", source="obj.usage_norm"),
        F("usage", UINT64, "Billable TRES-seconds used", source="obj.usage_raw"),
        F("tres/usage", ASSOC_SHARES_OBJ_WRAP_TRES_USAGE_RAW, "TRES-seconds used", source=WHOLE_RECORD),
        F("fairshare/factor", FLOAT64_NO_VAL, "Fair-share factor, from 0 to 1", source="obj.fs_factor", since=V42),
        F("fairshare/factor", FLOAT64, "Fair-share factor, from 0 to 1", source="obj.fs_factor", until=V41),
        F("fairshare/level", FLOAT64_NO_VAL, "Fair share among its siblings; infinite: nothing used", source="obj.level_fs", since=V42),
        F("fairshare/level", FLOAT64, "Fair share among its siblings; infinite: nothing used", source="obj.level_fs", until=V41),
        F("type", ASSOC_SHARES_OBJ_WRAP_TYPE, "Whether it is a user's or an account's", source="obj.user"),
    ),
)

ASSOC_SHARES_OBJ_LIST = derived(
    "ASSOC_SHARES_OBJ_LIST", "shares", list_of(ASSOC_SHARES_OBJ_WRAP, "ASSOC_SHARES_OBJ_LIST"), type="array", items=ASSOC_SHARES_OBJ_WRAP
)

SHARES_RESP_MSG = Struct(
    name="SHARES_RESP_MSG",
    record="shares_response_msg_t",
    fields=(
        F("shares", ASSOC_SHARES_OBJ_LIST, "Shares of each association", source=WHOLE_RECORD),
        F("total_shares", UINT64, "Shares given altogether", source="tot_shares"),
    ),
)

SHARES_REQ_MSG = Struct(
    name="SHARES_REQ_MSG",
    record="shares_request_msg_t",
    fields=(
        F("accounts", CSV_STRING_LIST, "Without effect: all associations are told", source="acct_list"),
        F("users", CSV_STRING_LIST, "Without effect: all associations are told", source="user_list"),
    ),
)

OPENAPI_SHARES_RESP = response(
    "OPENAPI_SHARES_RESP",
    F("shares", pointer(SHARES_RESP_MSG), "Shares of all associations that the caller may see", required=True),
)

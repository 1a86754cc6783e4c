"""Wckeys of slurmdbd: labels of users for what their jobs are for."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, list_of, pointer

from ..codecs.numbers import BOOL16, UINT32
from ..codecs.strings import CSV_STRING_LIST, STRING, STRING_LIST
from ..codecs.times import TIMESTAMP
from ..versions import V43, V44
from .associations import ACCOUNTING_LIST
from .envelope import response

WCKEY_FLAGS = Flags(
    name="WCKEY_FLAGS",
    values=(bit("DELETED", "SLURMDB_WCKEY_FLAG_DELETED", "Deleted, and kept for what it used"),),
)

WCKEY = Struct(
    name="WCKEY",
    record="slurmdb_wckey_rec_t",
    init="slurmdb_init_wckey_rec",
    free="slurmdb_destroy_wckey_rec",
    fields=(
        F("accounting", ACCOUNTING_LIST, "Usage, if asked for", source="accounting_list"),
        F("cluster", STRING, "Cluster", required=True),
        F("id", UINT32, "Number of the wckey in the database"),
        F("name", STRING, "Wckey", required=True),
        F("user", STRING, "User", required=True),
        F("flags", WCKEY_FLAGS, "Flags"),
    ),
)

WCKEY_LIST = list_of(pointer(WCKEY), "WCKEY_LIST", storage="list")

WCKEY_CONDITION = Struct(
    name="WCKEY_CONDITION",
    record="slurmdb_wckey_cond_t",
    free="slurmdb_destroy_wckey_cond",
    # format_list is not written: that function leaves it behind.
    fields=(
        F("cluster", CSV_STRING_LIST, "Clusters", source="cluster_list"),
        F("format", CSV_STRING_LIST, "Read and not used", source="format_list", unwritten=True, deprecated=V43, until=V44),
        F("id", CSV_STRING_LIST, "Numbers of wckeys", source="id_list"),
        F("name", CSV_STRING_LIST, "Wckeys", source="name_list"),
        F("only_defaults", BOOL16, "Only defaults of users", source="only_defs"),
        F("usage_end", TIMESTAMP, "Usage up to this time (UNIX time)"),
        F("usage_start", TIMESTAMP, "Usage from this time on (UNIX time)"),
        F("user", CSV_STRING_LIST, "Users", source="user_list"),
        F("with_usage", BOOL16, "With what they used"),
        F("with_deleted", BOOL16, "Also those that are deleted"),
    ),
)

OPENAPI_WCKEY_PARAM = Struct(name="OPENAPI_WCKEY_PARAM", fields=(F("id", STRING, "Wckey, or its number", source="wckey"),))

OPENAPI_WCKEY_RESP = response("OPENAPI_WCKEY_RESP", F("wckeys", WCKEY_LIST, "Wckeys", required=True))

OPENAPI_WCKEY_REMOVED_RESP = response(
    "OPENAPI_WCKEY_REMOVED_RESP",
    F("deleted_wckeys", STRING_LIST, "Wckeys that were removed", required=True),
)

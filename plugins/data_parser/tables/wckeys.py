"""Wckeys of slurmdbd: labels of users for what their jobs are for."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, list_of, pointer

from ..codecs.numbers import UINT32
from ..codecs.strings import STRING
from .associations import ACCOUNTING_LIST

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

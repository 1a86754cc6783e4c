"""Accounts of slurmdbd, and their coordinators."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, pointer, whole

from ..codecs.numbers import BOOL, BOOL16
from ..codecs.strings import CSV_STRING_LIST, STRING, STRING_LIST
from ..codecs.switches import (
    ACCOUNT_CONDITION_WITH_ASSOC_V40,
    ACCOUNT_CONDITION_WITH_DELETED_V40,
    ACCOUNT_CONDITION_WITH_WCOORD_V40,
)
from ..versions import V40, V41, V42, V43, V44
from .associations import ASSOC_CONDITION, ASSOC_REC_SET, ASSOC_SHORT_LIST
from .envelope import response

_BASE = "SLURMDB_ACCT_FLAG_BASE"

ACCOUNT_FLAGS = Flags(
    name="ACCOUNT_FLAGS",
    values=(
        bit("DELETED", "SLURMDB_ACCT_FLAG_DELETED", "Deleted, and kept for what it used", until=V40),
        whole("NONE", "SLURMDB_ACCT_FLAG_NONE", "No flag", mask=_BASE, hidden=True, since=V41),
        whole("BASE_MASK", "SLURMDB_ACCT_FLAG_BASE", "Flags that the database keeps", mask=_BASE, hidden=True, since=V41),
        whole("INVALID", 0x10001, "Invalid flag", hidden=True, since=V41, until=V41),
        bit("DELETED", "SLURMDB_ACCT_FLAG_DELETED", "Deleted, and kept for what it used", mask=_BASE, since=V41),
        bit("WithAssociations", "SLURMDB_ACCT_FLAG_WASSOC", "Tell its associations", mask=_BASE, since=V41),
        bit("WithCoordinators", "SLURMDB_ACCT_FLAG_WCOORD", "Tell its coordinators", mask=_BASE, since=V41),
        bit("NoUsersAreCoords", "SLURMDB_ACCT_FLAG_USER_COORD_NO", "Take UsersAreCoords away", mask=_BASE, since=V41),
        bit("UsersAreCoords", "SLURMDB_ACCT_FLAG_USER_COORD", "Its users are its coordinators", since=V41),
    ),
)

COORD = Struct(
    name="COORD",
    record="slurmdb_coord_rec_t",
    free="slurmdb_destroy_coord_rec",
    fields=(
        F("name", STRING, "User, or in a user's list the account", required=True),
        F("direct", BOOL16, "Whether of this very account, not of one above"),
    ),
)

COORD_LIST = list_of(pointer(COORD), "COORD_LIST", storage="list")

ACCOUNT = Struct(
    name="ACCOUNT",
    record="slurmdb_account_rec_t",
    free="slurmdb_destroy_account_rec",
    fields=(
        F("associations", ASSOC_SHORT_LIST, "Associations of it and its users, if asked for", source="assoc_list"),
        F("coordinators", COORD_LIST, "Users who may change it, if asked for"),
        F("description", STRING, "What it is for", required=True),
        F("name", STRING, "Name", required=True),
        F("organization", STRING, "Organization it belongs to", required=True),
        F("flags", ACCOUNT_FLAGS, "Flags"),
    ),
)

ACCOUNT_LIST = list_of(pointer(ACCOUNT), "ACCOUNT_LIST", storage="list")

ACCOUNT_SHORT = Struct(
    name="ACCOUNT_SHORT",
    record="slurmdb_account_rec_t",
    free="slurmdb_destroy_account_rec",
    fields=(
        F("description", STRING, "What it is for"),
        F("organization", STRING, "Organization it belongs to"),
    ),
)

ACCOUNT_CONDITION = Struct(
    name="ACCOUNT_CONDITION",
    record="slurmdb_account_cond_t",
    free="slurmdb_destroy_account_cond",
    fields=(
        F("assocation", pointer(ASSOC_CONDITION), "Associations they have", source="assoc_cond", until=V41),
        F("association", pointer(ASSOC_CONDITION), "Associations they have", source="assoc_cond", since=V42),
        F("description", STRING_LIST, "Descriptions", source="description_list"),
        F("flags", ACCOUNT_FLAGS, "What is told", exploded=True, since=V41),
        F("with_assocs", ACCOUNT_CONDITION_WITH_ASSOC_V40, "Tell associations", source=WHOLE_RECORD, until=V40),
        F("with_coords", ACCOUNT_CONDITION_WITH_WCOORD_V40, "Tell coordinators", source=WHOLE_RECORD, until=V40),
        F("with_deleted", ACCOUNT_CONDITION_WITH_DELETED_V40, "Also deleted ones", source=WHOLE_RECORD, until=V40),
    ),
)

ACCOUNTS_ADD_COND = Struct(
    name="ACCOUNTS_ADD_COND",
    record="slurmdb_add_assoc_cond_t",
    init="slurmdb_init_add_assoc_cond",
    free="slurmdb_destroy_add_assoc_cond",
    fields=(
        F("accounts", CSV_STRING_LIST, "Accounts to add", source="acct_list", required=True),
        F("association", ASSOC_REC_SET, "Limits of their associations", source="assoc"),
        F("clusters", CSV_STRING_LIST, "Clusters to add them on; empty: all", source="cluster_list"),
    ),
)

OPENAPI_ACCOUNT_PARAM = Struct(name="OPENAPI_ACCOUNT_PARAM", fields=(F("account_name", STRING, "Account", source="name"),))

OPENAPI_ACCOUNT_QUERY = Struct(
    name="OPENAPI_ACCOUNT_QUERY",
    fields=(
        F("with_assocs", BOOL, "Tell associations"),
        F("with_coords", BOOL, "Tell coordinators"),
        F("with_deleted", BOOL, "Also if it is deleted"),
    ),
)

OPENAPI_ACCOUNTS_RESP = response("OPENAPI_ACCOUNTS_RESP", F("accounts", ACCOUNT_LIST, "Accounts", required=True))

OPENAPI_ACCOUNTS_REMOVED_RESP = response(
    "OPENAPI_ACCOUNTS_REMOVED_RESP",
    F("removed_accounts", STRING_LIST, "Accounts that were removed", required=True),
)

OPENAPI_ACCOUNTS_ADD_COND_RESP = response(
    "OPENAPI_ACCOUNTS_ADD_COND_RESP",
    F("association_condition", pointer(ACCOUNTS_ADD_COND), "What to add, and where", until=V43),
    F("association_condition", pointer(ACCOUNTS_ADD_COND), "What to add, and where", required=True, since=V44),
    F("account", pointer(ACCOUNT_SHORT), "What the accounts have in common"),
)

OPENAPI_ACCOUNTS_ADD_COND_RESP_STR = response(
    "OPENAPI_ACCOUNTS_ADD_COND_RESP_STR",
    F("added_accounts", STRING, "What was added, as sacctmgr prints it", required=True),
)

"""Users of slurmdbd."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, list_of, pointer, whole

from ..codecs.numbers import BOOL, BOOL16, UINT32
from ..codecs.strings import CSV_STRING_LIST, STRING, STRING_LIST
from ..versions import V44
from .accounts import COORD_LIST
from .associations import ASSOC_CONDITION, ASSOC_REC_SET, ASSOC_SHORT_LIST
from .envelope import response
from .wckeys import WCKEY_LIST

ADMIN_LVL = Flags(
    name="ADMIN_LVL",
    mask="INFINITE16",
    values=(
        whole("Not Set", "SLURMDB_ADMIN_NOTSET", "Left as it is"),
        whole("None", "SLURMDB_ADMIN_NONE", "May change nothing"),
        whole("Operator", "SLURMDB_ADMIN_OPERATOR", "May change accounts, users and associations"),
        whole("Administrator", "SLURMDB_ADMIN_SUPER_USER", "May change everything"),
    ),
)

USER_FLAGS = Flags(
    name="USER_FLAGS",
    values=(
        whole("NONE", "SLURMDB_USER_FLAG_NONE", "No flag"),
        bit("DELETED", "SLURMDB_USER_FLAG_DELETED", "Deleted, and kept for what they used"),
    ),
)

USER = Struct(
    name="USER",
    record="slurmdb_user_rec_t",
    free="slurmdb_destroy_user_rec",
    initial={"def_qos_id": "NO_VAL"},
    fields=(
        F("administrator_level", ADMIN_LVL, "What they may do in the database", source="admin_level"),
        F("associations", ASSOC_SHORT_LIST, "Associations, if asked for", source="assoc_list"),
        F("coordinators", COORD_LIST, "Accounts they coordinate, if asked for", source="coord_accts"),
        F("default/qos", UINT32, "Number of the default QOS", source="def_qos_id", since=V44),
        F("default/account", STRING, "Default account", source="default_acct"),
        F("default/wckey", STRING, "Default wckey", source="default_wckey"),
        F("flags", USER_FLAGS, "Flags"),
        F("name", STRING, "Name", required=True),
        F("old_name", STRING, "Name before they were renamed"),
        F("wckeys", WCKEY_LIST, "Wckeys, if asked for", source="wckey_list"),
    ),
)

USER_LIST = list_of(pointer(USER), "USER_LIST", storage="list")

USER_SHORT = Struct(
    name="USER_SHORT",
    record="slurmdb_user_rec_t",
    free="slurmdb_destroy_user_rec",
    initial={"def_qos_id": "NO_VAL"},
    fields=(
        F("adminlevel", ADMIN_LVL, "What they may do in the database", source="admin_level"),
        F("defaultqos", UINT32, "Number of the default QOS", source="def_qos_id", since=V44),
        F("defaultaccount", STRING, "Default account", source="default_acct"),
        F("defaultwckey", STRING, "Default wckey", source="default_wckey"),
    ),
)

USER_CONDITION = Struct(
    name="USER_CONDITION",
    record="slurmdb_user_cond_t",
    free="slurmdb_destroy_user_cond",
    fields=(
        F("admin_level", ADMIN_LVL, "What they may do in the database"),
        F("association", pointer(ASSOC_CONDITION), "Associations they have", source="assoc_cond"),
        F("default_account", CSV_STRING_LIST, "Default accounts", source="def_acct_list"),
        F("default_wckey", CSV_STRING_LIST, "Default wckeys", source="def_wckey_list"),
        F("with_assocs", BOOL16, "Tell associations"),
        F("with_coords", BOOL16, "Tell accounts they coordinate"),
        F("with_deleted", BOOL16, "Also deleted ones"),
        F("with_wckeys", BOOL16, "Tell wckeys"),
        F("without_defaults", BOOL16, "Do not look for defaults"),
    ),
)

USERS_ADD_COND = Struct(
    name="USERS_ADD_COND",
    record="slurmdb_add_assoc_cond_t",
    init="slurmdb_init_add_assoc_cond",
    free="slurmdb_destroy_add_assoc_cond",
    fields=(
        F("accounts", CSV_STRING_LIST, "Accounts to add them to", source="acct_list"),
        F("association", ASSOC_REC_SET, "Limits of their associations", source="assoc"),
        F("clusters", CSV_STRING_LIST, "Clusters to add them on; empty: all", source="cluster_list"),
        F("partitions", CSV_STRING_LIST, "Partitions, an association for each", source="partition_list"),
        F("users", CSV_STRING_LIST, "Users to add", source="user_list", required=True),
        F("wckeys", CSV_STRING_LIST, "Wckeys to add them to", source="wckey_list"),
    ),
)

OPENAPI_USER_PARAM = Struct(name="OPENAPI_USER_PARAM", fields=(F("name", STRING, "User"),))

OPENAPI_USER_QUERY = Struct(
    name="OPENAPI_USER_QUERY",
    fields=(
        F("with_deleted", BOOL, "Also if they are deleted"),
        F("with_assocs", BOOL, "Tell associations"),
        F("with_coords", BOOL, "Tell accounts they coordinate"),
        F("with_wckeys", BOOL, "Tell wckeys"),
    ),
)

OPENAPI_USERS_RESP = response("OPENAPI_USERS_RESP", F("users", USER_LIST, "Users", required=True))

# Slurm: not in the document, which shows an answer without data.
OPENAPI_USERS_REMOVED_RESP = response("OPENAPI_USERS_REMOVED_RESP", F("removed_users", STRING_LIST, "Users that were removed", required=True))

OPENAPI_USERS_ADD_COND_RESP = response(
    "OPENAPI_USERS_ADD_COND_RESP",
    F("association_condition", pointer(USERS_ADD_COND), "What to add, and where", required=True),
    F("user", pointer(USER_SHORT), "What the users have in common", required=True),
)

OPENAPI_USERS_ADD_COND_RESP_STR = response(
    "OPENAPI_USERS_ADD_COND_RESP_STR",
    F("added_users", STRING, "What was added, as sacctmgr prints it", required=True),
)

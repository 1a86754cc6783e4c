"""Associations of slurmdbd: who may charge which account, on which cluster, within which limits."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, pointer, whole

from ..codecs.associations import ASSOC_ID, ASSOC_ID_STRING_CSV_LIST, ASSOC_SHORT
from ..codecs.no_val import UINT32_NO_VAL
from ..codecs.numbers import BOOL16, UINT32, UINT64
from ..codecs.qos import QOS_ID, QOS_ID_STRING_CSV_LIST, QOS_STRING_ID_LIST
from ..codecs.strings import CSV_STRING_LIST, STRING, STRING_LIST
from ..codecs.switches import (
    ASSOC_CONDITION_ONLY_DEFS_OLD,
    ASSOC_CONDITION_RAW_QOS_OLD,
    ASSOC_CONDITION_SUB_ACCTS_OLD,
    ASSOC_CONDITION_WITH_DELETED_OLD,
    ASSOC_CONDITION_WITH_USAGE_OLD,
    ASSOC_CONDITION_WOPI_OLD,
    ASSOC_CONDITION_WOPL_OLD,
)
from ..codecs.times import TIMESTAMP
from ..codecs.tres import TRES, TRES_STR
from ..versions import V40, V41, V42, V43, V44
from .envelope import response

_BASE = "ASSOC_FLAG_BASE"

ASSOC_FLAGS = Flags(
    name="ASSOC_FLAGS",
    values=(
        bit("DELETED", "ASSOC_FLAG_DELETED", "Deleted, and kept for what it used", until=V40),
        whole("NONE", "ASSOC_FLAG_NONE", "No flag", mask=_BASE, hidden=True, since=V41),
        whole("BASE_MASK", "ASSOC_FLAG_BASE", "Flags that the database keeps", mask=_BASE, hidden=True, since=V41),
        whole("INVALID", 0x10001, "Invalid flag", hidden=True, since=V41, until=V41),
        bit("DELETED", "ASSOC_FLAG_DELETED", "Deleted, and kept for what it used", mask=_BASE, since=V41),
        bit("NoUpdate", "ASSOC_FLAG_NO_UPDATE", "Not to be changed", mask=_BASE, since=V41),
        bit("Exact", "ASSOC_FLAG_EXACT", "Only with the same partition", mask=_BASE, since=V41),
        bit("NoUsersAreCoords", "ASSOC_FLAG_USER_COORD_NO", "Take UsersAreCoords away", mask=_BASE, since=V41),
        bit("UsersAreCoords", "ASSOC_FLAG_USER_COORD", "Users are coordinators of their account", since=V41),
    ),
)

ACCOUNTING = Struct(
    name="ACCOUNTING",
    record="slurmdb_accounting_rec_t",
    free="slurmdb_destroy_accounting_rec",
    fields=(
        F("allocated/seconds", UINT64, "Seconds allocated", source="alloc_secs"),
        F("id", UINT32, "Association or wckey"),
        F("id_alt", UINT32, "Further id", since=V42),
        F("start", TIMESTAMP, "Start of the period (UNIX time)", source="period_start"),
        F("TRES", TRES, "Resource used", source="tres_rec"),
    ),
)

ACCOUNTING_LIST = list_of(pointer(ACCOUNTING), "ACCOUNTING_LIST", storage="list")

ASSOC_SHORT_LIST = list_of(pointer(ASSOC_SHORT), "ASSOC_SHORT_LIST", storage="list")

ASSOC = Struct(
    name="ASSOC",
    record="slurmdb_assoc_rec_t",
    init="slurmdb_init_assoc_rec",
    free="slurmdb_destroy_assoc_rec",
    fields=(
        F("accounting", ACCOUNTING_LIST, "Usage, if asked for", source="accounting_list"),
        F("account", STRING, "Account", source="acct"),
        F("cluster", STRING, "Cluster"),
        F("comment", STRING, "Comment"),
        F("default/qos", QOS_ID, "Default QOS", source="def_qos_id"),
        F("flags", ASSOC_FLAGS, "Flags"),
        F("max/jobs/per/count", UINT32_NO_VAL, "Most running jobs, of it and those below", source="grp_jobs"),
        F("max/jobs/per/accruing", UINT32_NO_VAL, "Most jobs that gain age priority, likewise", source="grp_jobs_accrue"),
        F("max/jobs/per/submitted", UINT32_NO_VAL, "Most jobs in the system, likewise", source="grp_submit_jobs"),
        F("max/tres/total", TRES_STR, "Most TRES in use, of it and those below", source="grp_tres"),
        F("max/tres/group/minutes", TRES_STR, "Most TRES minutes, of it and those below", source="grp_tres_mins"),
        F("max/tres/group/active", TRES_STR, "Most TRES minutes of running jobs, likewise", source="grp_tres_run_mins"),
        F("max/tres/minutes/total", TRES_STR, "Most TRES minutes of running jobs", source="max_tres_run_mins"),
        F("max/per/account/wall_clock", UINT32_NO_VAL, "Most minutes of wall clock, of it and those below", source="grp_wall"),
        F("id", ASSOC_ID, "Number of the association in the database", source=WHOLE_RECORD),
        F("is_default", BOOL16, "Whether it is its user's default", source="is_def"),
        F("lineage", STRING, "Accounts above it, from the top"),
        F("max/jobs/active", UINT32_NO_VAL, "Most running jobs", source="max_jobs"),
        F("max/jobs/accruing", UINT32_NO_VAL, "Most jobs that gain age priority", source="max_jobs_accrue"),
        F("max/jobs/total", UINT32_NO_VAL, "Most jobs in the system", source="max_submit_jobs"),
        F("max/tres/minutes/per/job", TRES_STR, "Most TRES minutes of a job", source="max_tres_mins_pj"),
        F("max/tres/per/job", TRES_STR, "Most TRES of a job", source="max_tres_pj"),
        F("max/tres/per/node", TRES_STR, "Most TRES of a job on each node", source="max_tres_pn"),
        F("max/jobs/per/wall_clock", UINT32_NO_VAL, "Most minutes of a job", source="max_wall_pj"),
        F("min/priority_threshold", UINT32_NO_VAL, "Priority below which nothing is reserved", source="min_prio_thresh"),
        F("parent_account", STRING, "Account above it", source="parent_acct"),
        F("partition", STRING, "Partition, if it is for one only"),
        F("priority", UINT32_NO_VAL, "Priority of its jobs"),
        F("qos", QOS_STRING_ID_LIST, "QOS that its jobs may use", source="qos_list"),
        F("shares_raw", UINT32, "Shares, against those beside it"),
        F("user", STRING, "User; empty: of the account itself", required=True),
    ),
)

ASSOC_LIST = list_of(pointer(ASSOC), "ASSOC_LIST", storage="list")

ASSOC_REC_SET = Struct(
    name="ASSOC_REC_SET",
    record="slurmdb_assoc_rec_t",
    init="slurmdb_init_assoc_rec",
    free="slurmdb_destroy_assoc_rec",
    fields=(
        F("comment", STRING, "Comment"),
        F("defaultqos", QOS_ID, "Default QOS", source="def_qos_id"),
        F("grpjobs", UINT32_NO_VAL, "Most running jobs, of it and those below", source="grp_jobs"),
        F("grpjobsaccrue", UINT32_NO_VAL, "Most jobs that gain age priority, likewise", source="grp_jobs_accrue"),
        F("grpsubmitjobs", UINT32_NO_VAL, "Most jobs in the system, likewise", source="grp_submit_jobs"),
        F("grptres", TRES_STR, "Most TRES in use, of it and those below", source="grp_tres"),
        F("grptresmins", TRES_STR, "Most TRES minutes, of it and those below", source="grp_tres_mins"),
        F("grptresrunmins", TRES_STR, "Most TRES minutes of running jobs, likewise", source="grp_tres_run_mins"),
        F("grpwall", UINT32_NO_VAL, "Most minutes of wall clock, of it and those below", source="grp_wall"),
        F("maxjobs", UINT32_NO_VAL, "Most running jobs", source="max_jobs"),
        F("maxjobsaccrue", UINT32_NO_VAL, "Most jobs that gain age priority", source="max_jobs_accrue"),
        F("maxsubmitjobs", UINT32_NO_VAL, "Most jobs in the system", source="max_submit_jobs"),
        F("maxtresminsperjob", TRES_STR, "Most TRES minutes of a job", source="max_tres_mins_pj"),
        F("maxtresrunmins", TRES_STR, "Most TRES minutes of running jobs", source="max_tres_run_mins"),
        F("maxtresperjob", TRES_STR, "Most TRES of a job", source="max_tres_pj"),
        F("maxtrespernode", TRES_STR, "Most TRES of a job on each node", source="max_tres_pn"),
        F("maxwalldurationperjob", UINT32_NO_VAL, "Most minutes of a job", source="max_wall_pj"),
        F("minpriothresh", UINT32_NO_VAL, "Priority below which nothing is reserved", source="min_prio_thresh"),
        F("parent", STRING, "Account above it", source="parent_acct"),
        F("priority", UINT32_NO_VAL, "Priority of its jobs"),
        F("qoslevel", QOS_STRING_ID_LIST, "QOS that its jobs may use", source="qos_list"),
        F("fairshare", UINT32, "Shares, against those beside it", source="shares_raw"),
    ),
)

ASSOC_CONDITION_FLAGS = Flags(
    name="ASSOC_CONDITION_FLAGS",
    since=V42,
    values=(
        bit("Include deleted associations", "ASSOC_COND_FLAG_WITH_DELETED", "Also those that are deleted"),
        bit("Include usage", "ASSOC_COND_FLAG_WITH_USAGE", "With what they used"),
        bit("Filter to only defaults", "ASSOC_COND_FLAG_ONLY_DEFS", "Only defaults of users"),
        bit("Include the raw QOS or delta_qos", "ASSOC_COND_FLAG_RAW_QOS", "QOS as set here, not as inherited"),
        bit("Include sub acct information", "ASSOC_COND_FLAG_SUB_ACCTS", "Also those below the accounts"),
        bit("Exclude parent id/name", "ASSOC_COND_FLAG_WOPI", "Without the account above"),
        bit("Exclude limits from parents", "ASSOC_COND_FLAG_WOPL", "Without limits that are inherited"),
    ),
)

ASSOC_CONDITION = Struct(
    name="ASSOC_CONDITION",
    record="slurmdb_assoc_cond_t",
    free="slurmdb_destroy_assoc_cond",
    # format_list is not written: that function leaves it behind.
    fields=(
        F("account", CSV_STRING_LIST, "Accounts", source="acct_list"),
        F("cluster", CSV_STRING_LIST, "Clusters", source="cluster_list"),
        F("default_qos", QOS_ID_STRING_CSV_LIST, "Default QOS", source="def_qos_id_list"),
        F("flags", ASSOC_CONDITION_FLAGS, "What is told, and how", exploded=True, since=V42),
        F("format", CSV_STRING_LIST, "Read and not used", source="format_list", unwritten=True, deprecated=V43, until=V44),
        F("id", ASSOC_ID_STRING_CSV_LIST, "Numbers of associations", source="id_list"),
        F("only_defaults", ASSOC_CONDITION_ONLY_DEFS_OLD, "Only defaults of users", source=WHOLE_RECORD, until=V41),
        F("parent_account", CSV_STRING_LIST, "Accounts right above", source="parent_acct_list"),
        F("partition", CSV_STRING_LIST, "Partitions", source="partition_list"),
        F("qos", QOS_ID_STRING_CSV_LIST, "QOS that may be used", source="qos_list"),
        F("usage_end", TIMESTAMP, "Usage up to this time (UNIX time)"),
        F("usage_start", TIMESTAMP, "Usage from this time on (UNIX time)"),
        F("user", CSV_STRING_LIST, "Users", source="user_list"),
        F("with_usage", ASSOC_CONDITION_WITH_USAGE_OLD, "With what they used", source=WHOLE_RECORD, until=V41),
        F("with_deleted", ASSOC_CONDITION_WITH_DELETED_OLD, "Also those that are deleted", source=WHOLE_RECORD, until=V41),
        F("with_raw_qos", ASSOC_CONDITION_RAW_QOS_OLD, "QOS as set here, not as inherited", source=WHOLE_RECORD, until=V41),
        F("with_sub_accts", ASSOC_CONDITION_SUB_ACCTS_OLD, "Also those below the accounts", source=WHOLE_RECORD, until=V41),
        F("without_parent_info", ASSOC_CONDITION_WOPI_OLD, "Without the account above", source=WHOLE_RECORD, until=V41),
        F("without_parent_limits", ASSOC_CONDITION_WOPL_OLD, "Without limits that are inherited", source=WHOLE_RECORD, until=V41),
    ),
)

OPENAPI_ASSOCS_RESP = response("OPENAPI_ASSOCS_RESP", F("associations", ASSOC_LIST, "Associations", required=True))

OPENAPI_ASSOCS_REMOVED_RESP = response(
    "OPENAPI_ASSOCS_REMOVED_RESP",
    F("removed_associations", STRING_LIST, "Associations that were removed", required=True),
)

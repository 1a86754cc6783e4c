"""QOS of slurmdbd: limits and priorities that jobs ask for by name."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, masked, pointer, whole

from ..codecs.no_val import FLOAT64_NO_VAL, UINT32_NO_VAL
from ..codecs.numbers import BOOL, UINT32
from ..codecs.qos import QOS_ID_STRING_CSV_LIST, QOS_NAME, QOS_NAME_CSV_LIST, QOS_PREEMPT_LIST
from ..codecs.strings import CSV_STRING_LIST, STRING, STRING_LIST
from ..codecs.switches import QOS_CONDITION_WITH_DELETED_OLD
from ..codecs.tres import TRES_STR
from ..versions import V41, V42, V43, V44
from .envelope import response

QOS_FLAGS = Flags(
    name="QOS_FLAGS",
    empty=True,
    values=(
        *masked(
            "~QOS_FLAG_BASE",
            bit("NOT_SET", "QOS_FLAG_NOTSET", "Flags stay as they are"),
            bit("ADD", "QOS_FLAG_ADD", "The others are added"),
            bit("REMOVE", "QOS_FLAG_REMOVE", "The others are taken away"),
        ),
        *masked(
            "QOS_FLAG_BASE",
            bit("DELETED", "QOS_FLAG_DELETED", "Deleted, and kept for what it used", since=V43),
            bit("PARTITION_MINIMUM_NODE", "QOS_FLAG_PART_MIN_NODE", "Jobs may go below their partition's MinNodes"),
            bit("PARTITION_MAXIMUM_NODE", "QOS_FLAG_PART_MAX_NODE", "Jobs may go beyond their partition's MaxNodes"),
            bit("PARTITION_TIME_LIMIT", "QOS_FLAG_PART_TIME_LIMIT", "Jobs may go beyond their partition's MaxTime"),
            bit("ENFORCE_USAGE_THRESHOLD", "QOS_FLAG_ENFORCE_USAGE_THRES", "Jobs below the usage threshold are refused"),
            bit("NO_RESERVE", "QOS_FLAG_NO_RESERVE", "Backfill reserves nothing for its jobs"),
            bit("REQUIRED_RESERVATION", "QOS_FLAG_REQ_RESV", "Jobs need a reservation"),
            bit("DENY_LIMIT", "QOS_FLAG_DENY_LIMIT", "Jobs beyond a limit are refused, not held"),
            bit("OVERRIDE_PARTITION_QOS", "QOS_FLAG_OVER_PART_QOS", "Its limits win over those of a partition's QOS"),
            bit("PARTITION_QOS", "QOS_FLAG_PART_QOS", "The QOS of a partition", since=V43),
            bit("NO_DECAY", "QOS_FLAG_NO_DECAY", "What was used does not decay"),
            bit("USAGE_FACTOR_SAFE", "QOS_FLAG_USAGE_FACTOR_SAFE", "Time limits count with the usage factor"),
            bit("RELATIVE", "QOS_FLAG_RELATIVE", "TRES limits are percents of the cluster"),
        ),
    ),
)

QOS_PREEMPT_MODES = Flags(
    name="QOS_PREEMPT_MODES",
    empty=True,
    values=(
        whole("DISABLED", "PREEMPT_MODE_OFF", "As the cluster's PreemptMode says"),
        bit("SUSPEND", "PREEMPT_MODE_SUSPEND", "Preempted jobs are suspended and resumed later"),
        bit("REQUEUE", "PREEMPT_MODE_REQUEUE", "Preempted jobs go back to the queue"),
        bit("CANCEL", "PREEMPT_MODE_CANCEL", "Preempted jobs are cancelled"),
        bit("GANG", "PREEMPT_MODE_GANG", "Preempted jobs take turns"),
    ),
)

QOS = Struct(
    name="QOS",
    record="slurmdb_qos_rec_t",
    init="slurmdb_init_qos_rec",
    free="slurmdb_destroy_qos_rec",
    fields=(
        F("description", STRING, "What it is for"),
        F("flags", QOS_FLAGS, "Flags"),
        F("id", UINT32, "Number of the QOS in the database"),
        F("limits/grace_time", UINT32, "Seconds that a preempted job has left", source="grace_time"),
        F("limits/max/active_jobs/accruing", UINT32_NO_VAL, "Most jobs that gain age priority", source="grp_jobs_accrue"),
        F("limits/max/active_jobs/count", UINT32_NO_VAL, "Most running jobs", source="grp_jobs"),
        F("limits/max/jobs/count", UINT32_NO_VAL, "Most jobs in the system", source="grp_submit_jobs", since=V42),
        F("limits/max/tres/total", TRES_STR, "Most TRES in use", source="grp_tres"),
        F("limits/max/tres/minutes/total", TRES_STR, "Most TRES minutes", source="grp_tres_mins", since=V42),
        F("limits/max/tres/minutes/per/qos", TRES_STR, "Most TRES minutes of running jobs", source="grp_tres_run_mins"),
        F("name", STRING, "Name"),
        F("limits/max/wall_clock/per/qos", UINT32_NO_VAL, "Most minutes of wall clock", source="grp_wall"),
        F("limits/factor", FLOAT64_NO_VAL, "Factor by which limits of associations are multiplied", source="limit_factor"),
        F("limits/max/jobs/active_jobs/per/account", UINT32_NO_VAL, "Most running jobs of an account", source="max_jobs_pa"),
        F("limits/max/jobs/active_jobs/per/user", UINT32_NO_VAL, "Most running jobs of a user", source="max_jobs_pu"),
        F("limits/max/accruing/per/account", UINT32_NO_VAL, "Most jobs of an account that gain age priority", source="max_jobs_accrue_pa"),
        F("limits/max/accruing/per/user", UINT32_NO_VAL, "Most jobs of a user that gain age priority", source="max_jobs_accrue_pu"),
        F("limits/max/jobs/per/account", UINT32_NO_VAL, "Most jobs of an account in the system", source="max_submit_jobs_pa"),
        F("limits/max/jobs/per/user", UINT32_NO_VAL, "Most jobs of a user in the system", source="max_submit_jobs_pu"),
        F("limits/max/tres/minutes/per/job", TRES_STR, "Most TRES minutes of a job", source="max_tres_mins_pj"),
        F("limits/max/tres/per/account", TRES_STR, "Most TRES of an account", source="max_tres_pa"),
        F("limits/max/tres/per/job", TRES_STR, "Most TRES of a job", source="max_tres_pj"),
        F("limits/max/tres/per/node", TRES_STR, "Most TRES of a job on each node", source="max_tres_pn"),
        F("limits/max/tres/per/user", TRES_STR, "Most TRES of a user", source="max_tres_pu"),
        F("limits/max/tres/minutes/per/account", TRES_STR, "Most TRES minutes of running jobs of an account", source="max_tres_run_mins_pa"),
        F("limits/max/tres/minutes/per/user", TRES_STR, "Most TRES minutes of running jobs of a user", source="max_tres_run_mins_pu"),
        F("limits/max/wall_clock/per/job", UINT32_NO_VAL, "Most minutes of a job", source="max_wall_pj"),
        F("limits/min/priority_threshold", UINT32_NO_VAL, "Priority below which nothing is reserved", source="min_prio_thresh"),
        F("limits/min/tres/per/job", TRES_STR, "Fewest TRES of a job", source="min_tres_pj"),
        F("preempt/list", QOS_PREEMPT_LIST, "QOS whose jobs its own may preempt", source=WHOLE_RECORD),
        F("preempt/mode", QOS_PREEMPT_MODES, "How its jobs are preempted", source="preempt_mode"),
        F("preempt/exempt_time", UINT32_NO_VAL, "Seconds for which its jobs are not preempted", source="preempt_exempt_time"),
        F("priority", UINT32_NO_VAL, "Priority of its jobs"),
        F("usage_factor", FLOAT64_NO_VAL, "Factor by which what its jobs use is counted"),
        F("usage_threshold", FLOAT64_NO_VAL, "Fair share below which jobs do not start", source="usage_thres"),
    ),
)

QOS_LIST = list_of(pointer(QOS), "QOS_LIST", storage="list")

QOS_CONDITION_FLAGS = Flags(
    name="QOS_CONDITION_FLAGS",
    since=V42,
    values=(bit("Include deleted QOS", "QOS_COND_FLAG_WITH_DELETED", "Also those that are deleted"),),
)

QOS_CONDITION = Struct(
    name="QOS_CONDITION",
    record="slurmdb_qos_cond_t",
    free="slurmdb_destroy_qos_cond",
    left=("description_list",),
    fields=(
        F("description", CSV_STRING_LIST, "Descriptions", source="description_list"),
        F("flags", QOS_CONDITION_FLAGS, "What is told", exploded=True, since=V42),
        F("id", QOS_ID_STRING_CSV_LIST, "Numbers or names", source="id_list"),
        F("format", CSV_STRING_LIST, "Read and not used", source="format_list", unwritten=True, deprecated=V43, until=V44),
        F("name", QOS_NAME_CSV_LIST, "Names or numbers", source="name_list"),
        F("preempt_mode", QOS_PREEMPT_MODES, "How their jobs are preempted"),
        F("with_deleted", QOS_CONDITION_WITH_DELETED_OLD, "Also those that are deleted", source=WHOLE_RECORD, until=V41),
    ),
)

OPENAPI_SLURMDBD_QOS_PARAM = Struct(
    name="OPENAPI_SLURMDBD_QOS_PARAM",
    fields=(F("qos", QOS_NAME, "Name or number", source="name", required=True),),
)

OPENAPI_SLURMDBD_QOS_QUERY = Struct(
    name="OPENAPI_SLURMDBD_QOS_QUERY",
    fields=(F("with_deleted", BOOL, "Also if it is deleted"),),
)

OPENAPI_SLURMDBD_QOS_RESP = response("OPENAPI_SLURMDBD_QOS_RESP", F("qos", QOS_LIST, "QOS", required=True))

OPENAPI_SLURMDBD_QOS_REMOVED_RESP = response(
    "OPENAPI_SLURMDBD_QOS_REMOVED_RESP",
    F("removed_qos", STRING_LIST, "QOS that were removed", required=True),
)

"""What is asked of jobs: which of them to signal or to requeue, and how."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit

from ..codecs.hostlists import HOSTLIST_STRING
from ..codecs.identity import USER_ID
from ..codecs.job_ids import KILL_JOBS_MSG_JOBS_ARRAY
from ..codecs.signals import SIGNAL
from ..codecs.steps import SELECTED_STEP_LIST
from ..codecs.strings import STRING
from ..versions import V45
from .job_flags import WARN_FLAGS
from .job_states import JOB_STATE

KILL_JOBS_MSG = Struct(
    name="KILL_JOBS_MSG",
    record="kill_jobs_msg_t",
    free="slurm_free_kill_jobs_msg",
    initial={"signal": "SIGKILL", "state": "JOB_END", "user_id": "SLURM_AUTH_NOBODY"},
    fields=(
        F("account", STRING, "Only jobs that are charged to this account"),
        F("flags", WARN_FLAGS, "Who gets the signal, and how"),
        F("job_name", STRING, "Only jobs of this name"),
        F("jobs", KILL_JOBS_MSG_JOBS_ARRAY, "Jobs, array tasks (12_3) and components (12+1)", source=WHOLE_RECORD),
        F("partition", STRING, "Only jobs in this partition"),
        F("qos", STRING, "Only jobs of this QOS"),
        F("reservation", STRING, "Only jobs in this reservation"),
        F("signal", SIGNAL, "Signal to send, by name or number; KILL if none"),
        F("job_state", JOB_STATE, "Only jobs in this state: PENDING, RUNNING or SUSPENDED", source="state"),
        F("user_id", USER_ID, "Only jobs of this user"),
        F("user_name", STRING, "Only jobs of this user, if user_id is not given"),
        F("wckey", STRING, "Only jobs of this workload key"),
        F("nodes", HOSTLIST_STRING, "Only jobs on one of these nodes", source="nodelist"),
    ),
)

OPENAPI_JOB_REQUEUE_FLAGS = Flags(
    name="OPENAPI_JOB_REQUEUE_FLAGS",
    since=V45,
    values=(
        bit("Incomplete", "JOB_RUNNING", "Not if it has ended"),
        bit("Hold", "JOB_REQUEUE_HOLD", "Held, in state PENDING"),
        bit("SpecialExit", "JOB_SPECIAL_EXIT", "Marked for a special exit; needs Hold"),
        bit("Fail", "JOB_RECONFIG_FAIL", "As after a node failed to be reconfigured", hidden=True),
    ),
)

OPENAPI_JOB_REQUEUE_QUERY = Struct(
    name="OPENAPI_JOB_REQUEUE_QUERY",
    since=V45,
    fields=(F("flags", OPENAPI_JOB_REQUEUE_FLAGS, "How it is requeued", exploded=True),),
)

OPENAPI_JOBS_REQUEUE_QUERY = Struct(
    name="OPENAPI_JOBS_REQUEUE_QUERY",
    since=V45,
    fields=(
        F("flags", OPENAPI_JOB_REQUEUE_FLAGS, "How they are requeued"),
        F("jobs", SELECTED_STEP_LIST, "Jobs, arrays and array tasks"),
    ),
)

"""Which of the jobs that slurmdbd keeps are asked for."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, whole

from ..codecs.accounted_jobs import JOB_CONDITION_SUBMIT_TIME, StateText
from ..codecs.identity import GROUP_ID_STRING, USER_ID_STRING
from ..codecs.no_val import UINT32_NO_VAL
from ..codecs.numbers import INT32
from ..codecs.steps import SELECTED_STEP_LIST
from ..codecs.strings import CSV_STRING_LIST, STRING
from ..codecs.times import TIMESTAMP
from ..versions import V43, V44
from .job_states import JOB_STATE

JOB_STATE_ID_STRING = StateText(name="JOB_STATE_ID_STRING", kind="same", options={"dumped_as": JOB_STATE}, shown_as=JOB_STATE)

JOB_STATE_ID_STRING_LIST = list_of(JOB_STATE_ID_STRING, "JOB_STATE_ID_STRING_LIST", storage="list", commas=True)
GROUP_ID_STRING_LIST = list_of(GROUP_ID_STRING, "GROUP_ID_STRING_LIST", storage="list", commas=True)
USER_ID_STRING_LIST = list_of(USER_ID_STRING, "USER_ID_STRING_LIST", storage="list", commas=True)

JOB_CONDITION_DB_FLAGS = Flags(
    name="JOB_CONDITION_DB_FLAGS",
    values=(
        whole("none", "SLURMDB_JOB_FLAG_NONE", "No flag", mask="INFINITE", hidden=True),
        whole("clear_scheduling", "SLURMDB_JOB_CLEAR_SCHED", "All of how it was started", mask="INFINITE", hidden=True),
        bit("scheduler_unset", "SLURMDB_JOB_FLAG_NOTSET", "However they were started"),
        bit("scheduled_on_submit", "SLURMDB_JOB_FLAG_SUBMIT", "Only those started when they were submitted"),
        bit("scheduled_by_main", "SLURMDB_JOB_FLAG_SCHED", "Only those started by the main scheduler"),
        bit("scheduled_by_backfill", "SLURMDB_JOB_FLAG_BACKFILL", "Only those started by the backfill scheduler"),
        bit("job_started", "SLURMDB_JOB_FLAG_START_R", "Only those whose start slurmdbd was told of"),
        bit("job_altered", "SLURMDB_JOB_FLAG_ALTERED", "Only those changed after they were submitted", since=V44),
    ),
)

JOB_CONDITION_FLAGS = Flags(
    name="JOB_CONDITION_FLAGS",
    values=(
        bit("show_duplicates", "JOBCOND_FLAG_DUP", "All runs of a job, not the last one alone"),
        bit("skip_steps", "JOBCOND_FLAG_NO_STEP", "Without steps"),
        bit("disable_truncate_usage_time", "JOBCOND_FLAG_NO_TRUNC", "Times as they are, also outside of those asked for"),
        bit("run_away_jobs", "JOBCOND_FLAG_RUNAWAY", "Only those that slurmctld has lost", hidden=True),
        bit("whole_hetjob", "JOBCOND_FLAG_WHOLE_HETJOB", "All components where one is asked for"),
        bit("disable_whole_hetjob", "JOBCOND_FLAG_NO_WHOLE_HETJOB", "Only those components that are asked for"),
        bit("disable_wait_for_result", "JOBCOND_FLAG_NO_WAIT", "Without effect here"),
        bit("usage_time_as_submit_time", "JOBCOND_FLAG_NO_DEFAULT_USAGE", "The times are those of submission"),
        bit("show_batch_script", "JOBCOND_FLAG_SCRIPT", "With the batch script; steps have to be named"),
        bit("show_job_environment", "JOBCOND_FLAG_ENV", "With the environment; steps have to be named"),
    ),
)

JOB_CONDITION = Struct(
    name="JOB_CONDITION",
    record="slurmdb_job_cond_t",
    free="slurmdb_destroy_job_cond",
    fields=(
        F("account", CSV_STRING_LIST, "Accounts", source="acct_list"),
        F("association", CSV_STRING_LIST, "Numbers of associations", source="associd_list"),
        F("cluster", CSV_STRING_LIST, "Clusters; the local one if none is named", source="cluster_list"),
        F("constraints", CSV_STRING_LIST, "Features that were required", source="constraint_list"),
        F("cpus_max", UINT32_NO_VAL, "Most CPUs"),
        F("cpus_min", UINT32_NO_VAL, "Fewest CPUs, or without a maximum just so many"),
        F("db_flags", JOB_CONDITION_DB_FLAGS, "How they were started", exploded=True),
        F("exit_code", INT32, "Exit code", source="exitcode"),
        F("flags", JOB_CONDITION_FLAGS, "What is told, and how", exploded=True),
        F("format", CSV_STRING_LIST, "Read and not used", source="format_list", unwritten=True, deprecated=V43, until=V44),
        F("groups", GROUP_ID_STRING_LIST, "Groups, by name or number", source="groupid_list"),
        F("job_name", CSV_STRING_LIST, "Names of jobs", source="jobname_list"),
        F("nodes_max", UINT32_NO_VAL, "Most nodes"),
        F("nodes_min", UINT32_NO_VAL, "Fewest nodes, or without a maximum just so many"),
        F("partition", CSV_STRING_LIST, "Partitions", source="partition_list"),
        F("qos", CSV_STRING_LIST, "QOS", source="qos_list"),
        F("reason", CSV_STRING_LIST, "Reasons of waiting", source="reason_list"),
        F("reservation", CSV_STRING_LIST, "Reservations, by name", source="resv_list"),
        F("reservation_id", CSV_STRING_LIST, "Reservations, by number", source="resvid_list"),
        F("state", JOB_STATE_ID_STRING_LIST, "States", source="state_list"),
        F("step", SELECTED_STEP_LIST, "Jobs, array tasks (12_3), components (12+1) or steps (12.0)", source="step_list"),
        F("timelimit_max", UINT32_NO_VAL, "Longest time limit, in minutes"),
        F("timelimit_min", UINT32_NO_VAL, "Shortest time limit in minutes, or without a maximum just so much"),
        F("end_time", TIMESTAMP, "Up to this time (UNIX time)", source="usage_end"),
        F("start_time", TIMESTAMP, "From this time on (UNIX time)", source="usage_start"),
        F("submit_time", JOB_CONDITION_SUBMIT_TIME, "From this time of submission on (UNIX time)", source=WHOLE_RECORD),
        F("node", STRING, "Nodes, as a hostlist", source="used_nodes"),
        F("users", USER_ID_STRING_LIST, "Users, by name or number", source="userid_list"),
        F("wckey", CSV_STRING_LIST, "Workload keys", source="wckey_list"),
    ),
)

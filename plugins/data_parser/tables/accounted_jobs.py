"""Jobs and their steps as slurmdbd keeps them, long after the controller has forgotten them."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, pointer, whole

from ..codecs.accounted_jobs import (
    JOB_ASSOC_ID,
    JOB_PLANNED_TIME,
    JOB_STDERR,
    JOB_STDIN,
    JOB_STDOUT,
    JOB_USER,
    SLURM_STEP_ID_STRING,
    STEP_FREQUENCY,
    STEP_NODES,
    STEP_STDERR_EXP,
    STEP_STDIN_EXP,
    STEP_STDOUT_EXP,
    STEP_TRES_REQ_MAX,
    STEP_TRES_REQ_MIN,
    STEP_TRES_USAGE_MAX,
    STEP_TRES_USAGE_MIN,
    WCKEY_TAG,
)
from ..codecs.identity import GROUP_ID, USER_ID
from ..codecs.jobs import CPU_FREQ_FLAGS, HOLD, JOB_REASON, TASK_DISTRIBUTION
from ..codecs.memory import MEM_PER_CPUS, MEM_PER_NODE
from ..codecs.no_val import UINT32_NO_VAL, UINT64_NO_VAL
from ..codecs.numbers import UINT16, UINT32, UINT64
from ..codecs.qos import QOS_ID
from ..codecs.steps import SELECTED_STEP_LIST, SELECTED_STEP_PTR, SLUID
from ..codecs.strings import STRING, STRING_LIST
from ..codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from ..codecs.tres import TRES_STR
from ..versions import V41, V42, V43, V44, V45
from .envelope import response
from .exit_codes import PROCESS_EXIT_CODE
from .job_states import JOB_STATE

SLURMDB_JOB_FLAGS = Flags(
    name="SLURMDB_JOB_FLAGS",
    values=(
        whole("NONE", "SLURMDB_JOB_FLAG_NONE", "No flag"),
        whole("CLEAR_SCHEDULING", "SLURMDB_JOB_CLEAR_SCHED", "How it was started is forgotten"),
        bit("NOT_SET", "SLURMDB_JOB_FLAG_NOTSET", "How it was started is not known"),
        bit("STARTED_ON_SUBMIT", "SLURMDB_JOB_FLAG_SUBMIT", "Started when it was submitted"),
        bit("STARTED_ON_SCHEDULE", "SLURMDB_JOB_FLAG_SCHED", "Started by the main scheduler"),
        bit("STARTED_ON_BACKFILL", "SLURMDB_JOB_FLAG_BACKFILL", "Started by the backfill scheduler"),
        bit("START_RECEIVED", "SLURMDB_JOB_FLAG_START_R", "slurmdbd was told of its start"),
        bit("JOB_ALTERED", "SLURMDB_JOB_FLAG_ALTERED", "Changed after it was submitted", since=V44),
    ),
)

STEP = Struct(
    name="STEP",
    record="slurmdb_step_rec_t",
    fields=(
        F("time/elapsed", UINT32, "Seconds it ran", source="elapsed"),
        F("time/end", TIMESTAMP_NO_VAL, "End (UNIX time)", source="end"),
        F("exit_code", PROCESS_EXIT_CODE, "How it ended", source="exitcode"),
        F("nodes/count", UINT32, "How many nodes it had", source="nnodes"),
        F("nodes/range", STRING, "Nodes it had, as a hostlist", source="nodes"),
        F("tasks/count", UINT32, "How many tasks it had", source="ntasks"),
        F("pid", STRING, "Where it was started, and the process id", source="pid_str", deprecated=V42, until=V44),
        F("CPU/requested_frequency/min", UINT32_NO_VAL, "Lowest CPU frequency asked for, in kHz", source="req_cpufreq_min"),
        F("CPU/requested_frequency/max", UINT32_NO_VAL, "Highest CPU frequency asked for, in kHz", source="req_cpufreq_max"),
        F("CPU/governor", CPU_FREQ_FLAGS, "CPU frequency governor asked for", source="req_cpufreq_gov"),
        F("kill_request_user", USER_ID, "User who had it cancelled", source="requid"),
        F("time/start", TIMESTAMP_NO_VAL, "Start (UNIX time)", source="start"),
        F("state", JOB_STATE, "State"),
        F("statistics/CPU/actual_frequency", STEP_FREQUENCY, "Mean CPU frequency of its tasks, in kHz", source="stats.act_cpufreq"),
        F("statistics/energy/consumed", UINT64_NO_VAL, "Energy it took, in joules", source="stats.consumed_energy"),
        F("step/id", SLURM_STEP_ID_STRING, "Job and step, such as 123.0 or 123.batch", source="step_id"),
        F("step/name", STRING, "Name of the step", source="stepname"),
        F("step/stderr", STRING, "File of its standard error", source="std_err", since=V43),
        F("step/stdin", STRING, "File of its standard input", source="std_in", since=V43),
        F("step/stdout", STRING, "File of its standard output", source="std_out", since=V43),
        F("step/stderr_expanded", STEP_STDERR_EXP, "File of its standard error, patterns filled in", source=WHOLE_RECORD, since=V43),
        F("step/stdin_expanded", STEP_STDIN_EXP, "File of its standard input, patterns filled in", source=WHOLE_RECORD, since=V43),
        F("step/stdout_expanded", STEP_STDOUT_EXP, "File of its standard output, patterns filled in", source=WHOLE_RECORD, since=V43),
        F("submit_line", STRING, "Command line that started it", since=V45),
        F("time/suspended", UINT32, "Seconds it was suspended", source="suspended"),
        F("time/system/seconds", UINT64, "CPU time in the kernel, whole seconds", source="sys_cpu_sec"),
        F("time/system/microseconds", UINT32, "CPU time in the kernel, beyond whole seconds", source="sys_cpu_usec"),
        F("task/distribution", TASK_DISTRIBUTION, "How its tasks were distributed", source="task_dist"),
        F("time/limit", UINT32_NO_VAL, "Time limit, in minutes", source="timelimit", since=V43),
        F("time/total/seconds", UINT64, "CPU time, whole seconds", source="tot_cpu_sec"),
        F("time/total/microseconds", UINT32, "CPU time, beyond whole seconds", source="tot_cpu_usec"),
        F("time/user/seconds", UINT64, "CPU time in its programs, whole seconds", source="user_cpu_sec"),
        F("time/user/microseconds", UINT32, "CPU time in its programs, beyond whole seconds", source="user_cpu_usec"),
        F("nodes/list", STEP_NODES, "Nodes it had, by their names", source=WHOLE_RECORD),
        F("tres/requested/max", STEP_TRES_REQ_MAX, "Most that a task took in, and where", source=WHOLE_RECORD),
        F("tres/requested/min", STEP_TRES_REQ_MIN, "Least that a task took in, and where", source=WHOLE_RECORD),
        F("tres/consumed/max", STEP_TRES_USAGE_MAX, "Most that a task gave out, and where", source=WHOLE_RECORD),
        F("tres/consumed/min", STEP_TRES_USAGE_MIN, "Least that a task gave out, and where", source=WHOLE_RECORD),
        F("tres/requested/average", TRES_STR, "What a task took in on average", source="stats.tres_usage_in_ave"),
        F("tres/requested/total", TRES_STR, "What all tasks took in", source="stats.tres_usage_in_tot"),
        F("tres/consumed/average", TRES_STR, "What a task gave out on average", source="stats.tres_usage_out_ave"),
        F("tres/consumed/total", TRES_STR, "What all tasks gave out", source="stats.tres_usage_out_tot"),
        F("tres/allocated", TRES_STR, "TRES it had", source="tres_alloc_str"),
    ),
)

STEP_LIST = list_of(pointer(STEP), "STEP_LIST", storage="list")

JOB = Struct(
    name="JOB",
    record="slurmdb_job_rec_t",
    fields=(
        F("account", STRING, "Account it was charged to"),
        F("comment/administrator", STRING, "Administrator's comment", source="admin_comment"),
        F("allocation_nodes", UINT32, "How many nodes it had", source="alloc_nodes"),
        F("array/job_id", UINT32, "Job id of the array; 0 if it is of none", source="array_job_id"),
        F("array/limits/max/running/tasks", UINT32, "Most tasks of the array to run at once", source="array_max_tasks"),
        F("array/task_id", UINT32_NO_VAL, "Task of the array", source="array_task_id"),
        F("array/task", STRING, "Tasks of the array that were still waiting", source="array_task_str"),
        F("association", JOB_ASSOC_ID, "Association it was charged to", source=WHOLE_RECORD),
        F("block", STRING, "Block of the machine it had", source="blockid"),
        F("cluster", STRING, "Cluster it was on"),
        F("constraints", STRING, "Features required"),
        F("container", STRING, "OCI bundle"),
        F("sluid", SLUID, "Unique id of this run of it", source="db_index", since=V45),
        F("derived_exit_code", PROCESS_EXIT_CODE, "Highest exit code of its steps", source="derived_ec"),
        F("comment/job", STRING, "User's comment", source="derived_es"),
        F("time/elapsed", UINT32, "Seconds it ran", source="elapsed"),
        F("time/eligible", TIMESTAMP, "Time from which it could run (UNIX time)", source="eligible"),
        F("time/end", TIMESTAMP, "End (UNIX time)", source="end"),
        F("exclusive", STRING, "Whether nodes were given to it alone", since=V45),
        F("exit_code", PROCESS_EXIT_CODE, "How it ended", source="exitcode"),
        F("extra", STRING, "Text for the use of plugins and sites"),
        F("failed_node", STRING, "Node whose failure ended it"),
        F("flags", SLURMDB_JOB_FLAGS, "Flags"),
        F("group", GROUP_ID, "Its group", source="gid"),
        F("het/job_id", UINT32, "Job id of the heterogeneous job; 0 if it is of none", source="het_job_id"),
        F("het/job_offset", UINT32_NO_VAL, "Component of the heterogeneous job", source="het_job_offset"),
        F("job_id", UINT32, "Job id", source="jobid"),
        F("name", STRING, "Name of the job", source="jobname"),
        F("licenses", STRING, "Licenses required"),
        F("mcs/label", STRING, "MCS label", source="mcs_label"),
        F("nodes", STRING, "Nodes it had, as a hostlist"),
        F("oversubscribe", STRING, "Whether resources could be shared", since=V45),
        F("partition", STRING, "Partitions it could use, or the one it ran in"),
        F("hold", HOLD, "Whether it was held: priority 0", source="priority"),
        F("priority", UINT32_NO_VAL, "Priority"),
        F("qos", QOS_ID, "Quality of service", source="qosid"),
        F("qosreq", STRING, "Quality of service asked for", source="qos_req", since=V42),
        F("required/CPUs", UINT32, "CPUs it needed", source="req_cpus"),
        F("required/memory_per_cpu", MEM_PER_CPUS, "Memory per CPU, in MB", source="req_mem"),
        F("required/memory_per_node", MEM_PER_NODE, "Memory per node, in MB", source="req_mem"),
        F("kill_request_user", USER_ID, "User who had it cancelled", source="requid"),
        F("restart_cnt", UINT16, "Times it was restarted", since=V42),
        F("reservation/id", UINT32, "Number of the reservation it used", source="resvid"),
        F("reservation/name", STRING, "Reservation it used", source="resv_name"),
        F("reservation/requested", STRING, "Reservations asked for", source="resv_req", since=V43),
        F("time/planned", JOB_PLANNED_TIME, "Seconds it waited once it could run", source=WHOLE_RECORD, since=V41),
        F("script", STRING, "Batch script, if asked for"),
        F("segment_size", UINT16, "Nodes per segment", since=V43),
        F("original_sluid", SLUID, "Unique id of its first run", source="sluid", since=V45),
        F("stdin_expanded", JOB_STDIN, "File of its standard input, patterns filled in", source=WHOLE_RECORD, since=V41),
        F("stdout_expanded", JOB_STDOUT, "File of its standard output, patterns filled in", source=WHOLE_RECORD, since=V41),
        F("stderr_expanded", JOB_STDERR, "File of its standard error, patterns filled in", source=WHOLE_RECORD, since=V41),
        F("stdout", STRING, "File of its standard output", source="std_out", since=V41),
        F("stderr", STRING, "File of its standard error", source="std_err", since=V41),
        F("stdin", STRING, "File of its standard input", source="std_in", since=V41),
        F("time/start", TIMESTAMP, "Start (UNIX time)", source="start"),
        F("state/current", JOB_STATE, "State", source="state"),
        F("state/reason", JOB_REASON, "Why it waited, before it started", source="state_reason_prev"),
        F("steps", STEP_LIST, "Its steps, unless they are left out"),
        F("time/submission", TIMESTAMP, "Time of submission (UNIX time)", source="submit"),
        F("submit_line", STRING, "Command line that submitted it"),
        F("time/suspended", UINT32, "Seconds it was suspended", source="suspended"),
        F("comment/system", STRING, "The controller's comment", source="system_comment"),
        F("time/system/seconds", UINT64, "CPU time in the kernel, whole seconds", source="sys_cpu_sec"),
        F("time/system/microseconds", UINT64, "CPU time in the kernel, beyond whole seconds", source="sys_cpu_usec"),
        F("time/limit", UINT32_NO_VAL, "Time limit, in minutes", source="timelimit"),
        F("time/total/seconds", UINT64, "CPU time, whole seconds", source="tot_cpu_sec"),
        F("time/total/microseconds", UINT64, "CPU time, beyond whole seconds", source="tot_cpu_usec"),
        F("tres/allocated", TRES_STR, "TRES it had", source="tres_alloc_str"),
        F("tres/requested", TRES_STR, "TRES it asked for", source="tres_req_str"),
        F("used_gres", STRING, "GRES it had"),
        F("user", JOB_USER, "Its user", source=WHOLE_RECORD),
        F("time/user/seconds", UINT64, "CPU time in its programs, whole seconds", source="user_cpu_sec"),
        F("time/user/microseconds", UINT64, "CPU time in its programs, beyond whole seconds", source="user_cpu_usec"),
        F("wckey", WCKEY_TAG, "Workload key"),
        F("working_directory", STRING, "Working directory", source="work_dir"),
    ),
)

JOB_LIST = list_of(pointer(JOB), "JOB_LIST", storage="list")

OPENAPI_SLURMDBD_JOB_PARAM = Struct(
    name="OPENAPI_SLURMDBD_JOB_PARAM",
    fields=(F("job_id", SELECTED_STEP_PTR, "Job, array task (12_3) or component (12+1)", source="id", required=True),),
)

OPENAPI_SLURMDBD_JOBS_RESP = response("OPENAPI_SLURMDBD_JOBS_RESP", F("jobs", JOB_LIST, "Jobs found", required=True))

JOB_MODIFY = Struct(
    name="JOB_MODIFY",
    record="slurmdb_job_rec_t",
    free="slurmdb_destroy_job_rec",
    initial={"array_task_id": "NO_VAL", "derived_ec": "NO_VAL", "requid": "INFINITE", "resvid": "NO_VAL"},
    since=V44,
    fields=(
        F("comment/administrator", STRING, "Administrator's comment", source="admin_comment"),
        F("derived_exit_code", PROCESS_EXIT_CODE, "Highest exit code of its steps", source="derived_ec"),
        F("comment/job", STRING, "User's comment", source="derived_es"),
        F("extra", STRING, "Text for the use of plugins and sites"),
        F("comment/system", STRING, "The controller's comment", source="system_comment"),
        F("tres/allocated", TRES_STR, "TRES it had", source="tres_alloc_str"),
        F("wckey", STRING, "Workload key"),
    ),
)

OPENAPI_JOB_MODIFY_REQ = response(
    "OPENAPI_JOB_MODIFY_REQ",
    F("job_id_list", SELECTED_STEP_LIST, "Jobs, array tasks (12_3) or components (12+1) to change"),
    F("job_rec", pointer(JOB_MODIFY), "What they are to have"),
    since=V44,
)

OPENAPI_JOB_MODIFY_RESP = response("OPENAPI_JOB_MODIFY_RESP", F("results", STRING_LIST, "Jobs that were changed", required=True), since=V44)

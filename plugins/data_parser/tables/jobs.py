"""Jobs, as slurmctld reports them."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Struct, derived, list_of, pointer, removed

from ..codecs.identity import GROUP_ID, USER_ID
from ..codecs.jobs import (
    CORE_SPEC,
    HOLD,
    JOB_INFO_GRES_DETAIL,
    JOB_INFO_STDERR,
    JOB_INFO_STDERR_EXP,
    JOB_INFO_STDIN,
    JOB_INFO_STDIN_EXP,
    JOB_INFO_STDOUT,
    JOB_INFO_STDOUT_EXP,
    JOB_REASON,
    NICE,
    THREAD_SPEC,
)
from ..codecs.memory import MEM_PER_CPUS, MEM_PER_NODE
from ..codecs.no_val import FLOAT64_NO_VAL, UINT16_NO_VAL, UINT32_NO_VAL
from ..codecs.nodes import POWER_FLAGS
from ..codecs.numbers import BOOL, BOOL16, BOOL16_NO_VAL, UINT16, UINT32
from ..codecs.steps import SELECTED_STEP, SLUID, STEP_ID
from ..codecs.strings import CSV_STRING, STRING
from ..codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from ..versions import V40, V41, V42, V43, V44, V45
from .envelope import response
from .exit_codes import PROCESS_EXIT_CODE
from .job_flags import ACCT_GATHER_PROFILE, JOB_EXCLUSIVE, JOB_FLAGS, JOB_MAIL_FLAGS, JOB_SHARED
from .job_resources import JOB_RES
from .job_states import JOB_STATE
from .show_flags import JOB_SHOW_FLAGS

PART_PRIO = Struct(
    name="PART_PRIO",
    record="derived_part_prio_t",
    since=V42,
    fields=(
        F("partition", STRING, "Name of the partition", source="part"),
        F("priority", UINT32, "Priority the job has there", source="prio"),
    ),
)

PRIORITY_BY_PARTITION = derived(
    "PRIORITY_BY_PARTITION",
    "priority_by_partition",
    list_of(PART_PRIO, "PRIORITY_BY_PARTITION", since=V42),
    type="array",
    items=PART_PRIO,
    since=V42,
)

SLURM_STEP_ID = Struct(
    name="SLURM_STEP_ID",
    record="slurm_step_id_t",
    fields=(
        F("sluid", SLUID, "Unique id of the job on the cluster", since=V44),
        F("job_id", UINT32_NO_VAL, "Job id"),
        F("step_het_component", UINT32_NO_VAL, "Component of a heterogeneous step", source="step_het_comp"),
        F("step_id", STEP_ID, "Number of the step, or batch, extern, interactive"),
    ),
)

JOB_INFO = Struct(
    name="JOB_INFO",
    record="slurm_job_info_t",
    fields=(
        F("account", STRING, "Account it is charged to"),
        F("accrue_time", TIMESTAMP_NO_VAL, "Start of its age priority (UNIX time)"),
        F("admin_comment", STRING, "Administrator's comment"),
        F("allocating_node", STRING, "Host it was submitted from", source="alloc_node"),
        F("array_job_id", UINT32_NO_VAL, "Job id of the array"),
        F("array_task_id", UINT32_NO_VAL, "Task of the array"),
        F("array_max_tasks", UINT32_NO_VAL, "Most tasks of the array to run at once"),
        F("array_task_string", STRING, "Tasks of the array in this record, such as 1-5,9", source="array_task_str"),
        F("association_id", UINT32, "Id of the association", source="assoc_id"),
        F("batch_features", STRING, "Features required of the script's node"),
        F("batch_flag", BOOL16, "Whether it has a batch script"),
        F("batch_host", STRING, "Host that runs the script"),
        F("flags", JOB_FLAGS, "Flags set", source="bitflags"),
        F("burst_buffer", STRING, "Burst buffer request"),
        F("burst_buffer_state", STRING, "State of the burst buffer"),
        F("cluster", STRING, "Cluster it is on"),
        F("cluster_features", STRING, "Features required of the cluster"),
        F("command", STRING, "Script or command, with arguments"),
        F("comment", STRING, "User's comment"),
        F("container", STRING, "OCI bundle"),
        F("container_id", STRING, "Id of the OCI container"),
        F("container_type", STRING, "Kind of container", since=V45),
        F("contiguous", BOOL16_NO_VAL, "Whether nodes must be contiguous"),
        F("core_spec", CORE_SPEC, "Cores kept for the system, per node"),
        F("thread_spec", THREAD_SPEC, "Threads kept for the system, per node", source="core_spec"),
        F("cores_per_socket", UINT16_NO_VAL, "Cores a socket must have"),
        F("billable_tres", FLOAT64_NO_VAL, "TRES it is billed for"),
        F("cpus_per_task", UINT16_NO_VAL, "CPUs per task"),
        F("cpu_frequency_minimum", UINT32_NO_VAL, "Lowest CPU frequency, in kHz, or a word coded as a number", source="cpu_freq_min"),
        F("cpu_frequency_maximum", UINT32_NO_VAL, "Highest CPU frequency, in kHz, or a word coded as a number", source="cpu_freq_max"),
        F("cpu_frequency_governor", UINT32_NO_VAL, "CPU frequency governor, coded as a number", source="cpu_freq_gov"),
        F("cpus_per_tres", STRING, "CPUs per TRES, such as gres/gpu:2"),
        F("cron", STRING, "Time specification of a scrontab job", source="cronspec"),
        F("deadline", TIMESTAMP_NO_VAL, "Time by which it must end (UNIX time)"),
        F("delay_boot", UINT32_NO_VAL, "Wait before nodes are rebooted for features, in seconds"),
        F("dependency", STRING, "Jobs it depends on"),
        F("derived_exit_code", PROCESS_EXIT_CODE, "Highest exit code of its steps", source="derived_ec"),
        F("eligible_time", TIMESTAMP_NO_VAL, "Time from which it may run (UNIX time)"),
        F("end_time", TIMESTAMP_NO_VAL, "End, or expected end (UNIX time)"),
        F("excluded_nodes", STRING, "Nodes not to be used", source="exc_nodes"),
        F("exit_code", PROCESS_EXIT_CODE, "How it ended"),
        F("extra", STRING, "Text for the use of plugins and sites"),
        F("failed_node", STRING, "Node whose failure ended it"),
        F("features", STRING, "Features required"),
        F("federation_origin", STRING, "Cluster of the federation it comes from", source="fed_origin_str"),
        F("federation_siblings_active", STRING, "Clusters that have a sibling of it", source="fed_siblings_active_str"),
        F("federation_siblings_viable", STRING, "Clusters that could run a sibling of it", source="fed_siblings_viable_str"),
        F("gres_detail", JOB_INFO_GRES_DETAIL, "GRES it has on each node, with their indexes", source=WHOLE_RECORD),
        F("group_id", UINT32, "Id of its group"),
        F("group_name", GROUP_ID, "Its group", source="group_id"),
        F("het_job_id", UINT32_NO_VAL, "Job id of the heterogeneous job"),
        F("het_job_id_set", STRING, "Job ids of all its components"),
        F("het_job_offset", UINT32_NO_VAL, "Component of the heterogeneous job"),
        F("job_id", UINT32, "Job id", source="step_id.job_id"),
        F("job_resources", pointer(JOB_RES), "Resources it has; null if none", source="job_resrcs"),
        F("job_size_str", CSV_STRING, "Numbers of nodes it accepts"),
        F("job_state", JOB_STATE, "State"),
        F("last_sched_evaluation", TIMESTAMP_NO_VAL, "Time the scheduler last looked at it (UNIX time)", source="last_sched_eval"),
        F("licenses", STRING, "Licenses required"),
        F("licenses_allocated", STRING, "Licenses it has", since=V43),
        F("mail_type", JOB_MAIL_FLAGS, "When to send mail"),
        F("mail_user", STRING, "Who gets the mail"),
        F("max_cpus", UINT32_NO_VAL, "Most CPUs it can use"),
        F("max_nodes", UINT32_NO_VAL, "Most nodes it can use"),
        F("mcs_label", STRING, "MCS label"),
        F("memory_per_tres", STRING, "Memory per TRES, in MB", source="mem_per_tres"),
        F("memory_update_delay", UINT16, "Wait before its memory is reduced, in minutes", source="mem_update_delay", since=V45),
        F("memory_update_margin", UINT16, "Memory left above its use when reduced, in percent", source="mem_update_margin", since=V45),
        F("name", STRING, "Name of the job"),
        F("network", STRING, "Network request"),
        F("nodes", STRING, "Nodes it has, as a hostlist"),
        F("nice", NICE, "Adjustment of its priority; a higher value lowers it"),
        F("tasks_per_core", UINT16_NO_VAL, "Tasks per core", source="ntasks_per_core"),
        F("tasks_per_tres", UINT16_NO_VAL, "Tasks per GPU", source="ntasks_per_tres"),
        F("tasks_per_node", UINT16_NO_VAL, "Tasks per node", source="ntasks_per_node"),
        F("tasks_per_socket", UINT16_NO_VAL, "Tasks per socket", source="ntasks_per_socket"),
        F("tasks_per_board", UINT16_NO_VAL, "Tasks per board", source="ntasks_per_board"),
        F("cpus", UINT32_NO_VAL, "CPUs it needs, or has", source="num_cpus"),
        F("node_count", UINT32_NO_VAL, "Nodes it needs, or has", source="num_nodes"),
        F("tasks", UINT32_NO_VAL, "Tasks requested", source="num_tasks"),
        F("partition", STRING, "Partitions it may use, or the one it runs in"),
        F("prefer", STRING, "Features preferred"),
        F("memory_per_cpu", MEM_PER_CPUS, "Memory per CPU, in MB", source="pn_min_memory"),
        F("memory_per_node", MEM_PER_NODE, "Memory per node, in MB", source="pn_min_memory"),
        F("minimum_cpus_per_node", UINT16_NO_VAL, "Fewest CPUs per node", source="pn_min_cpus"),
        F("minimum_tmp_disk_per_node", UINT32_NO_VAL, "Least temporary disk space per node, in MB", source="pn_min_tmp_disk"),
        removed("power/flags", POWER_FLAGS, "Not available any more", deprecated=V40, until=V44),
        F("preempt_time", TIMESTAMP_NO_VAL, "Time it was told of its preemption (UNIX time)"),
        F("preemptable_time", TIMESTAMP_NO_VAL, "Time from which it may be preempted (UNIX time)"),
        F("pre_sus_time", TIMESTAMP_NO_VAL, "Time it ran before it was last suspended, in seconds"),
        F("hold", HOLD, "Whether it is held: priority 0", source="priority"),
        F("priority", UINT32_NO_VAL, "Priority"),
        F("priority_by_partition", PRIORITY_BY_PARTITION, "Priority in each of its partitions", source=WHOLE_RECORD, since=V42),
        F("profile", ACCT_GATHER_PROFILE, "What is profiled"),
        F("qos", STRING, "Quality of service"),
        F("reboot", BOOL, "Whether nodes are rebooted first"),
        F("required_nodes", STRING, "Nodes it must have", source="req_nodes"),
        F("required_switches", UINT32, "Most leaf switches to span", source="req_switch", since=V42),
        F("minimum_switches", UINT32, "Most leaf switches to span", source="req_switch", until=V41),
        F("requeue", BOOL16, "Whether it may be requeued"),
        F("resize_time", TIMESTAMP_NO_VAL, "Time of its last change of size (UNIX time)"),
        F("restart_cnt", UINT16, "Times it was restarted"),
        F("resv_name", STRING, "Reservation it uses"),
        F("scheduled_nodes", STRING, "Nodes meant for it", source="sched_nodes"),
        F("segment_size", UINT16, "Nodes per segment", since=V43),
        F("selinux_context", STRING, "SELinux context"),
        F("shared", JOB_SHARED, "How resources are shared with other jobs", gone=V45),
        F("step_id", SLURM_STEP_ID, "Its ids, as one object", since=V44),
        F("exclusive", JOB_EXCLUSIVE, "How nodes are given to it alone", source="shared", deprecated=V40, until=V41),
        F("oversubscribe", BOOL16, "Whether resources may be shared", source="shared", deprecated=V40, until=V41),
        removed("show_flags", JOB_SHOW_FLAGS, "Not available any more", deprecated=V40, until=V41),
        F("sockets_per_board", UINT16, "Sockets a board must have"),
        F("sockets_per_node", UINT16_NO_VAL, "Sockets a node must have"),
        F("start_time", TIMESTAMP_NO_VAL, "Start, or expected start (UNIX time)"),
        F("state_description", STRING, "Details of the reason", source="state_desc"),
        F("state_reason", JOB_REASON, "Why it waits, or failed"),
        F("standard_input", STRING, "File of its standard input", source="std_in", since=V43),
        F("standard_output", STRING, "File of its standard output", source="std_out", since=V43),
        F("standard_error", STRING, "File of its standard error", source="std_err", since=V43),
        F("standard_error", JOB_INFO_STDERR, "File of its standard error", source=WHOLE_RECORD, until=V42),
        F("standard_input", JOB_INFO_STDIN, "File of its standard input", source=WHOLE_RECORD, until=V42),
        F("standard_output", JOB_INFO_STDOUT, "File of its standard output", source=WHOLE_RECORD, until=V42),
        F("stdin_expanded", JOB_INFO_STDIN_EXP, "File of its standard input, patterns filled in", source=WHOLE_RECORD, since=V43),
        F("stdout_expanded", JOB_INFO_STDOUT_EXP, "File of its standard output, patterns filled in", source=WHOLE_RECORD, since=V43),
        F("stderr_expanded", JOB_INFO_STDERR_EXP, "File of its standard error, patterns filled in", source=WHOLE_RECORD, since=V43),
        F("submit_time", TIMESTAMP_NO_VAL, "Time of submission (UNIX time)"),
        F("submit_line", STRING, "Command line that submitted it", since=V44),
        F("suspend_time", TIMESTAMP_NO_VAL, "Time last suspended or resumed (UNIX time)"),
        F("system_comment", STRING, "The controller's comment"),
        F("time_limit", UINT32_NO_VAL, "Time limit, in minutes"),
        F("time_minimum", UINT32_NO_VAL, "Least time limit it accepts, in minutes", source="time_min"),
        F("threads_per_core", UINT16_NO_VAL, "Threads a core must have"),
        F("tres_bind", STRING, "Binding of tasks to TRES"),
        F("tres_freq", STRING, "Frequency of TRES"),
        F("tres_per_job", STRING, "TRES for the job"),
        F("tres_per_node", STRING, "TRES on each node"),
        F("tres_per_socket", STRING, "TRES on each socket"),
        F("tres_per_task", STRING, "TRES for each task"),
        F("tres_req_str", STRING, "TRES requested, such as cpu=4,mem=8G,node=1"),
        F("tres_alloc_str", STRING, "TRES it has, such as cpu=4,mem=8G,node=1"),
        F("user_id", UINT32, "Id of its user"),
        F("user_name", USER_ID, "Its user", source="user_id"),
        F("maximum_switch_wait_time", UINT32, "Longest wait for the switches, in seconds", source="wait4switch"),
        F("wckey", STRING, "Workload key"),
        F("current_working_directory", STRING, "Working directory", source="work_dir"),
    ),
)

JOB_INFO_MSG = list_of(JOB_INFO, "JOB_INFO_MSG", empty="Zero jobs to dump")

OPENAPI_JOB_INFO_QUERY = Struct(
    name="OPENAPI_JOB_INFO_QUERY",
    fields=(
        F("update_time", TIMESTAMP, "Answer only if changed since (UNIX time)"),
        F("flags", JOB_SHOW_FLAGS, "What to show", source="show_flags"),
    ),
)

OPENAPI_JOB_INFO_PARAM = Struct(
    name="OPENAPI_JOB_INFO_PARAM",
    fields=(F("job_id", SELECTED_STEP, "Job, array task (12_3) or component (12+1)"),),
)

OPENAPI_JOB_INFO_RESP = response(
    "OPENAPI_JOB_INFO_RESP",
    F("jobs", JOB_INFO_MSG, "Jobs found", required=True),
    F("last_backfill", TIMESTAMP_NO_VAL, "Time of the last backfill run", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
)

"""Partitions, as slurmctld reports them and as they are made and changed."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, pointer, whole

from ..codecs.memory import MEM_PER_CPUS, MEM_PER_NODE
from ..codecs.no_val import UINT16_NO_VAL, UINT32_NO_VAL
from ..codecs.numbers import OVERSUBSCRIBE_JOBS, UINT16, UINT32, UINT64
from ..codecs.partitions import PARTITION_EXCLUSIVE, PARTITION_OVERSUBSCRIBE
from ..codecs.strings import STRING
from ..codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from ..versions import V41, V43, V44, V45
from .envelope import response
from .nodes import NODE_PARTITION_CPU_BINDING_FLAGS
from .select_types import CR_TYPE, SELECT_TYPE_PARAM
from .show_flags import JOB_SHOW_FLAGS

PARTITION_STATES = Flags(
    name="PARTITION_STATES",
    mask="INFINITE16",
    values=(
        whole("INACTIVE", "PARTITION_INACTIVE", "Jobs are neither queued nor started"),
        whole("UNKNOWN", "NO_VAL16", "State not known"),
        whole("UP", "PARTITION_UP", "Jobs are queued and started"),
        whole("DOWN", "PARTITION_DOWN", "Jobs are queued but not started"),
        whole("DRAIN", "PARTITION_DRAIN", "Queued jobs are started, new ones refused"),
    ),
)

PARTITION_FLAGS = Flags(
    name="PARTITION_FLAGS",
    since=V45,
    values=(
        bit("DEFAULT", "PART_FLAG_DEFAULT", "Used by jobs that name no partition"),
        bit("HIDDEN", "PART_FLAG_HIDDEN", "Not shown unless asked for"),
        bit("NO_ROOT", "PART_FLAG_NO_ROOT", "Jobs of root are refused"),
        bit("ROOT_ONLY", "PART_FLAG_ROOT_ONLY", "Only root may allocate resources"),
        bit("REQ_RESV", "PART_FLAG_REQ_RESV", "Jobs need a reservation"),
        bit("LLN", "PART_FLAG_LLN", "Least loaded nodes first"),
        bit("PDOI", "PART_FLAG_PDOI", "Powered down when idle"),
        bit("DEFAULT_CLEAR", "PART_FLAG_DEFAULT_CLR", "Update: drop DEFAULT"),
        bit("HIDDEN_CLEAR", "PART_FLAG_HIDDEN_CLR", "Update: drop HIDDEN"),
        bit("NO_ROOT_CLEAR", "PART_FLAG_NO_ROOT_CLR", "Update: drop NO_ROOT"),
        bit("ROOT_ONLY_CLEAR", "PART_FLAG_ROOT_ONLY_CLR", "Update: drop ROOT_ONLY"),
        bit("REQ_RESV_CLEAR", "PART_FLAG_REQ_RESV_CLR", "Update: drop REQ_RESV"),
        bit("LLN_CLEAR", "PART_FLAG_LLN_CLR", "Update: drop LLN"),
        bit("PDOI_CLEAR", "PART_FLAG_PDOI_CLR", "Update: drop PDOI"),
        bit("EXCLUSIVE_USER", "PART_FLAG_EXCLUSIVE_USER", "Nodes for jobs of one user", hidden=True),
        bit("EXC_USER_CLEAR", "PART_FLAG_EXC_USER_CLR", "Update: drop EXCLUSIVE_USER", hidden=True),
        bit("EXCLUSIVE_TOPO", "PART_FLAG_EXCLUSIVE_TOPO", "Segments for one job each", hidden=True),
        bit("EXC_TOPO_CLEAR", "PART_FLAG_EXC_TOPO_CLR", "Update: drop EXCLUSIVE_TOPO", hidden=True),
        bit("SCHED_FAILED", "PART_FLAG_SCHED_FAILED", "Internal to the scheduler", hidden=True),
        bit("SCHED_CLEARED", "PART_FLAG_SCHED_CLEARED", "Internal to the scheduler", hidden=True),
    ),
)

PARTITION_PREEMPT_MODES = Flags(
    name="PARTITION_PREEMPT_MODES",
    since=V45,
    values=(
        whole("CLUSTER_GLOBAL", "NO_VAL16", "As the cluster's PreemptMode says"),
        whole("DISABLED", "PREEMPT_MODE_OFF", "Jobs are not preempted"),
        bit("SUSPEND", "PREEMPT_MODE_SUSPEND", "Preempted jobs are suspended and resumed later"),
        bit("REQUEUE", "PREEMPT_MODE_REQUEUE", "Preempted jobs go back to the queue"),
        bit("CANCEL", "PREEMPT_MODE_CANCEL", "Preempted jobs are cancelled"),
        bit("PRIORITY", "PREEMPT_MODE_PRIORITY", "Preemption needs a higher job priority too"),
    ),
)

OVERSUBSCRIBE_FLAGS = Flags(
    name="OVERSUBSCRIBE_FLAGS",
    values=(bit("force", "SHARED_FORCE", "Resources are shared even unasked"),),
)

# Written, what is not mentioned stays as it is.
PARTITION_INFO = Struct(
    name="PARTITION_INFO",
    record="partition_info_t",
    init="slurm_init_part_desc_msg",
    free="slurm_free_update_part_msg",
    fields=(
        F("nodes/allowed_allocation", STRING, "Nodes from which jobs may be submitted; empty: all", source="allow_alloc_nodes"),
        F("accounts/allowed", STRING, "Accounts that may use it; empty: all", source="allow_accounts"),
        F("groups/allowed", STRING, "Groups that may use it; empty: all", source="allow_groups"),
        F("qos/allowed", STRING, "QOS that may use it; empty: all", source="allow_qos"),
        F("alternate", STRING, "Partition used instead while closed to new jobs"),
        F("tres/billing_weights", STRING, "Weights of TRES in billing", source="billing_weights_str"),
        F("cluster", STRING, "Cluster it belongs to, if not the local one", source="cluster_name"),
        F("select_type", SELECT_TYPE_PARAM, "Resources that are consumable", source="cr_type", since=V45),
        F("select_type", CR_TYPE, "Resources that are consumable", source="cr_type", since=V41, until=V44),
        F("cpus/task_binding", UINT32, "Default binding of tasks", source="cpu_bind", until=V44),
        F("cpus/task_binding", NODE_PARTITION_CPU_BINDING_FLAGS, "Default binding of tasks", source="cpu_bind", since=V45),
        F("defaults/memory_per_cpu", UINT64, "Default memory in MB; bit 63: per CPU", source="def_mem_per_cpu", gone=V45),
        F("defaults/partition_memory_per_cpu", MEM_PER_CPUS, "Default memory per CPU, in MB", source="def_mem_per_cpu"),
        F("defaults/partition_memory_per_node", MEM_PER_NODE, "Default memory per node, in MB", source="def_mem_per_cpu"),
        F("defaults/time", UINT32_NO_VAL, "Default time limit, in minutes", source="default_time"),
        F("accounts/deny", STRING, "Accounts that may not use it", source="deny_accounts"),
        F("qos/deny", STRING, "QOS that may not use it", source="deny_qos"),
        F("flags", PARTITION_FLAGS, "Flags set", since=V45),
        F("partition/exclusive", PARTITION_EXCLUSIVE, "What a job or user gets alone: NO, NODE, USER or TOPO", source=WHOLE_RECORD, since=V45),
        F("grace_time", UINT32, "Time a preempted job has left, in seconds"),
        F("defaults/job", STRING, "More defaults, such as DefCpuPerGPU", source="job_defaults_str"),
        F("maximums/cpus_per_node", UINT32_NO_VAL, "Most CPUs of a node that its jobs may use together", source="max_cpus_per_node"),
        F("maximums/cpus_per_socket", UINT32_NO_VAL, "Most CPUs of a socket that its jobs may use together", source="max_cpus_per_socket"),
        F("maximums/memory_per_cpu", UINT64, "Most memory in MB; bit 63: per CPU", source="max_mem_per_cpu", gone=V45),
        F("maximums/partition_memory_per_cpu", MEM_PER_CPUS, "Most memory per CPU, in MB", source="max_mem_per_cpu"),
        F("maximums/partition_memory_per_node", MEM_PER_NODE, "Most memory per node, in MB", source="max_mem_per_cpu"),
        F("maximums/nodes", UINT32_NO_VAL, "Most nodes a job may have", source="max_nodes"),
        F("maximums/shares", UINT16, "Jobs that may share a resource; 0: none, bit 15: forced", source="max_share", gone=V45),
        F("maximums/oversubscribe/jobs", OVERSUBSCRIBE_JOBS, "Jobs that may share a resource", source="max_share", gone=V45),
        F("maximums/oversubscribe/flags", OVERSUBSCRIBE_FLAGS, "Whether sharing is forced", source="max_share", gone=V45),
        F("partition/oversubscribe", PARTITION_OVERSUBSCRIBE, "How jobs share resources: NO, YES:jobs or FORCE:jobs", source="max_share", since=V45),
        F("maximums/time", UINT32_NO_VAL, "Longest time limit, in minutes", source="max_time"),
        F("minimums/nodes", UINT32, "Fewest nodes a job may have", source="min_nodes"),
        F("name", STRING, "Name of the partition"),
        F("nodes/configured", STRING, "Nodes of the partition, as a hostlist", source="nodes"),
        F("node_sets", STRING, "Node sets it was configured with", source="nodesets"),
        F("maximums/over_time_limit", UINT16_NO_VAL, "How far jobs may overrun their time limits, in minutes", source="over_time_limit"),
        F("preempt_mode", PARTITION_PREEMPT_MODES, "How jobs are preempted here", since=V45),
        F("priority/job_factor", UINT16, "Its part in the priority of jobs", source="priority_job_factor"),
        F("priority/tier", UINT16, "Higher tiers go first and may preempt", source="priority_tier"),
        F("qos/assigned", STRING, "QOS whose limits hold for the whole partition", source="qos_char"),
        F("timeouts/resume", UINT16_NO_VAL, "Time a node may take to resume, in seconds", source="resume_timeout"),
        F("topology", STRING, "Name of the topology in use", source="topology_name", since=V43),
        F("partition/state", PARTITION_STATES, "Whether it takes and starts jobs", source="state_up"),
        F("suspend_time", UINT32_NO_VAL, "Idle seconds before power down"),
        F("timeouts/suspend", UINT16_NO_VAL, "Time a node may take to suspend, in seconds", source="suspend_timeout"),
        F("cpus/total", UINT32, "CPUs of all its nodes", source="total_cpus"),
        F("nodes/total", UINT32, "Number of its nodes", source="total_nodes"),
        F("tres/configured", STRING, "TRES of its nodes, such as cpu=8,mem=16G", source="tres_fmt_str"),
    ),
)

PARTITION_INFO_MSG = list_of(PARTITION_INFO, "PARTITION_INFO_MSG", empty="No partitions to dump")

OPENAPI_PARTITIONS_QUERY = Struct(
    name="OPENAPI_PARTITIONS_QUERY",
    fields=(
        F("update_time", TIMESTAMP, "Answer only if changed since (UNIX time)"),
        F("flags", JOB_SHOW_FLAGS, "What to show", source="show_flags"),
    ),
)

OPENAPI_PARTITION_PARAM = Struct(
    name="OPENAPI_PARTITION_PARAM",
    fields=(F("partition_name", STRING, "Name of the partition"),),
)

OPENAPI_PARTITION_RESP = response(
    "OPENAPI_PARTITION_RESP",
    F("partitions", PARTITION_INFO_MSG, "Partitions found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
)

UPDATE_PARTITION_MSG_LIST = list_of(pointer(PARTITION_INFO), "UPDATE_PARTITION_MSG_LIST", storage="list", since=V45)

OPENAPI_PARTITIONS_MOD_REQ = response(
    "OPENAPI_PARTITIONS_MOD_REQ",
    F("partitions", UPDATE_PARTITION_MSG_LIST, "Partitions to make or change", required=True),
    since=V45,
)

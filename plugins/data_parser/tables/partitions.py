"""Partitions, as slurmctld reports them."""

from pyslurmrestd.data_parser.model import (
    WHOLE_RECORD,
    F,
    Flags,
    Struct,
    bit,
    list_of,
    removed,
    whole,
)

from ..codecs import (
    MEM_PER_CPUS,
    MEM_PER_NODE,
    OVERSUBSCRIBE_JOBS,
    PARTITION_EXCLUSIVE,
    PARTITION_OVERSUBSCRIBE,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NO_VAL,
    UINT16,
    UINT16_NO_VAL,
    UINT32,
    UINT32_NO_VAL,
    UINT64,
)
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
        bit(
            "EXCLUSIVE_USER", "PART_FLAG_EXCLUSIVE_USER", "Nodes for jobs of one user", hidden=True
        ),
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

PARTITION_INFO = Struct(
    name="PARTITION_INFO",
    record="partition_info_t",
    fields=(
        F(
            "nodes/allowed_allocation",
            STRING,
            "allow_alloc_nodes",
            "Nodes from which jobs may be submitted; empty: all",
        ),
        F("accounts/allowed", STRING, "allow_accounts", "Accounts that may use it; empty: all"),
        F("groups/allowed", STRING, "allow_groups", "Groups that may use it; empty: all"),
        F("qos/allowed", STRING, "allow_qos", "QOS that may use it; empty: all"),
        F("alternate", STRING, "alternate", "Partition used instead while closed to new jobs"),
        F("tres/billing_weights", STRING, "billing_weights_str", "Weights of TRES in billing"),
        F("cluster", STRING, "cluster_name", "Cluster it belongs to, if not the local one"),
        F("select_type", SELECT_TYPE_PARAM, "cr_type", "Resources that are consumable", since=V45),
        F("select_type", CR_TYPE, "cr_type", "Resources that are consumable", since=V41, until=V44),
        F("cpus/task_binding", UINT32, "cpu_bind", "Default binding of tasks", until=V44),
        F(
            "cpus/task_binding",
            NODE_PARTITION_CPU_BINDING_FLAGS,
            "cpu_bind",
            "Default binding of tasks",
            since=V45,
        ),
        removed(
            "defaults/memory_per_cpu",
            UINT64,
            "Default memory in MB; bit 63: per CPU",
            deprecated=V45,
            since=V45,
        ),
        F(
            "defaults/memory_per_cpu",
            UINT64,
            "def_mem_per_cpu",
            "Default memory in MB; bit 63: per CPU",
            until=V44,
        ),
        F(
            "defaults/partition_memory_per_cpu",
            MEM_PER_CPUS,
            "def_mem_per_cpu",
            "Default memory per CPU, in MB",
        ),
        F(
            "defaults/partition_memory_per_node",
            MEM_PER_NODE,
            "def_mem_per_cpu",
            "Default memory per node, in MB",
        ),
        F("defaults/time", UINT32_NO_VAL, "default_time", "Default time limit, in minutes"),
        F("accounts/deny", STRING, "deny_accounts", "Accounts that may not use it"),
        F("qos/deny", STRING, "deny_qos", "QOS that may not use it"),
        F("flags", PARTITION_FLAGS, "flags", "Flags set", since=V45),
        F(
            "partition/exclusive",
            PARTITION_EXCLUSIVE,
            WHOLE_RECORD,
            "What a job or user gets alone: NO, NODE, USER or TOPO",
            since=V45,
        ),
        F("grace_time", UINT32, "grace_time", "Time a preempted job has left, in seconds"),
        F("defaults/job", STRING, "job_defaults_str", "More defaults, such as DefCpuPerGPU"),
        F(
            "maximums/cpus_per_node",
            UINT32_NO_VAL,
            "max_cpus_per_node",
            "Most CPUs of a node that its jobs may use together",
        ),
        F(
            "maximums/cpus_per_socket",
            UINT32_NO_VAL,
            "max_cpus_per_socket",
            "Most CPUs of a socket that its jobs may use together",
        ),
        F(
            "maximums/memory_per_cpu",
            UINT64,
            "max_mem_per_cpu",
            "Most memory in MB; bit 63: per CPU",
            until=V44,
        ),
        removed(
            "maximums/memory_per_cpu",
            UINT64,
            "Most memory in MB; bit 63: per CPU",
            deprecated=V45,
            since=V45,
        ),
        F(
            "maximums/partition_memory_per_cpu",
            MEM_PER_CPUS,
            "max_mem_per_cpu",
            "Most memory per CPU, in MB",
        ),
        F(
            "maximums/partition_memory_per_node",
            MEM_PER_NODE,
            "max_mem_per_cpu",
            "Most memory per node, in MB",
        ),
        F("maximums/nodes", UINT32_NO_VAL, "max_nodes", "Most nodes a job may have"),
        removed(
            "maximums/shares",
            UINT16,
            "Jobs that may share a resource; 0: none, bit 15: forced",
            deprecated=V45,
            since=V45,
        ),
        F(
            "maximums/shares",
            UINT16,
            "max_share",
            "Jobs that may share a resource; 0: none, bit 15: forced",
            until=V44,
        ),
        F(
            "maximums/oversubscribe/jobs",
            OVERSUBSCRIBE_JOBS,
            "max_share",
            "Jobs that may share a resource",
            until=V44,
        ),
        removed(
            "maximums/oversubscribe/jobs",
            OVERSUBSCRIBE_JOBS,
            "Jobs that may share a resource",
            deprecated=V45,
            since=V45,
        ),
        removed(
            "maximums/oversubscribe/flags",
            OVERSUBSCRIBE_FLAGS,
            "Whether sharing is forced",
            deprecated=V45,
            since=V45,
        ),
        F(
            "maximums/oversubscribe/flags",
            OVERSUBSCRIBE_FLAGS,
            "max_share",
            "Whether sharing is forced",
            until=V44,
        ),
        F(
            "partition/oversubscribe",
            PARTITION_OVERSUBSCRIBE,
            "max_share",
            "How jobs share resources: NO, YES:jobs or FORCE:jobs",
            since=V45,
        ),
        F("maximums/time", UINT32_NO_VAL, "max_time", "Longest time limit, in minutes"),
        F("minimums/nodes", UINT32, "min_nodes", "Fewest nodes a job may have"),
        F("name", STRING, "name", "Name of the partition"),
        F("nodes/configured", STRING, "nodes", "Nodes of the partition, as a hostlist"),
        F("node_sets", STRING, "nodesets", "Node sets it was configured with"),
        F(
            "maximums/over_time_limit",
            UINT16_NO_VAL,
            "over_time_limit",
            "How far jobs may overrun their time limits, in minutes",
        ),
        F(
            "preempt_mode",
            PARTITION_PREEMPT_MODES,
            "preempt_mode",
            "How jobs are preempted here",
            since=V45,
        ),
        F("priority/job_factor", UINT16, "priority_job_factor", "Its part in the priority of jobs"),
        F("priority/tier", UINT16, "priority_tier", "Higher tiers go first and may preempt"),
        F("qos/assigned", STRING, "qos_char", "QOS whose limits hold for the whole partition"),
        F(
            "timeouts/resume",
            UINT16_NO_VAL,
            "resume_timeout",
            "Time a node may take to resume, in seconds",
        ),
        F("topology", STRING, "topology_name", "Name of the topology in use", since=V43),
        F("partition/state", PARTITION_STATES, "state_up", "Whether it takes and starts jobs"),
        F("suspend_time", UINT32_NO_VAL, "suspend_time", "Idle seconds before power down"),
        F(
            "timeouts/suspend",
            UINT16_NO_VAL,
            "suspend_timeout",
            "Time a node may take to suspend, in seconds",
        ),
        F("cpus/total", UINT32, "total_cpus", "CPUs of all its nodes"),
        F("nodes/total", UINT32, "total_nodes", "Number of its nodes"),
        F("tres/configured", STRING, "tres_fmt_str", "TRES of its nodes, such as cpu=8,mem=16G"),
    ),
)

PARTITION_INFO_MSG = list_of(PARTITION_INFO, "PARTITION_INFO_MSG", empty="No partitions to dump")

OPENAPI_PARTITIONS_QUERY = Struct(
    name="OPENAPI_PARTITIONS_QUERY",
    fields=(
        F("update_time", TIMESTAMP, "update_time", "Answer only if changed since (UNIX time)"),
        F("flags", JOB_SHOW_FLAGS, "show_flags", "What to show"),
    ),
)

OPENAPI_PARTITION_PARAM = Struct(
    name="OPENAPI_PARTITION_PARAM",
    fields=(F("partition_name", STRING, "partition_name", "Name of the partition"),),
)

OPENAPI_PARTITION_RESP = response(
    "OPENAPI_PARTITION_RESP",
    F("partitions", PARTITION_INFO_MSG, "partitions", "Partitions found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "last_update", "Time of the last change", required=True),
)

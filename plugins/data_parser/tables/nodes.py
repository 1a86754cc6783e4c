"""Nodes, as slurmctld reports them and as they are changed and made."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Flags, Struct, bit, list_of, masked, pointer, removed, whole

from ..codecs.hostlists import HOSTLIST_STRING
from ..codecs.identity import NODE_REASON_USER_ID, USER_ID
from ..codecs.no_val import UINT32_NO_VAL, UINT64_NO_VAL
from ..codecs.nodes import EXT_SENSORS_DATA_PTR, NODE_SELECT_ALLOC_IDLE_CPUS, NODE_SELECT_TRES_WEIGHTED, POWER_MGMT_DATA_PTR
from ..codecs.numbers import UINT16, UINT32, UINT64
from ..codecs.strings import CSV_STRING, STRING
from ..codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from ..versions import V40, V41, V42, V43, V44, V45
from .envelope import response
from .show_flags import JOB_SHOW_FLAGS

NODE_STATES = Flags(
    name="NODE_STATES",
    mask="NODE_STATE_FLAGS",
    values=(
        whole("INVALID", "NO_VAL", "Not a state", mask="INFINITE"),
        *masked(
            "NODE_STATE_BASE",
            whole("UNKNOWN", "NODE_STATE_UNKNOWN", "Not heard from since slurmctld started"),
            whole("DOWN", "NODE_STATE_DOWN", "Not usable"),
            whole("IDLE", "NODE_STATE_IDLE", "No jobs"),
            whole("ALLOCATED", "NODE_STATE_ALLOCATED", "In full use by jobs"),
            whole("ERROR", "NODE_STATE_ERROR", "Error state of older releases"),
            whole("MIXED", "NODE_STATE_MIXED", "In part use by jobs"),
            whole("FUTURE", "NODE_STATE_FUTURE", "Configured but not there yet"),
        ),
        bit("EXTERNAL", "NODE_STATE_EXTERNAL", "Managed outside of Slurm: no slurmd", since=V44),
        bit("RESERVED", "NODE_STATE_RES", "In a reservation"),
        bit("UNDRAIN", "NODE_STATE_UNDRAIN", "In an update: end draining"),
        bit("CLOUD", "NODE_STATE_CLOUD", "Cloud node"),
        bit("RESUME", "NODE_RESUME", "In an update: back to service"),
        bit("DRAIN", "NODE_STATE_DRAIN", "Takes no new jobs"),
        bit("COMPLETING", "NODE_STATE_COMPLETING", "Jobs are ending"),
        bit("NOT_RESPONDING", "NODE_STATE_NO_RESPOND", "slurmd does not answer"),
        bit("POWERED_DOWN", "NODE_STATE_POWERED_DOWN", "Powered down"),
        bit("FAIL", "NODE_STATE_FAIL", "Expected to fail; takes no new jobs"),
        bit("POWERING_UP", "NODE_STATE_POWERING_UP", "Being powered up"),
        bit("MAINTENANCE", "NODE_STATE_MAINT", "In a maintenance reservation"),
        bit("REBOOT_REQUESTED", "NODE_STATE_REBOOT_REQUESTED", "Reboot asked for"),
        bit("REBOOT_CANCELED", "NODE_STATE_REBOOT_CANCEL", "Reboot called off"),
        bit("POWERING_DOWN", "NODE_STATE_POWERING_DOWN", "Being powered down"),
        bit("DYNAMIC_FUTURE", "NODE_STATE_DYNAMIC_FUTURE", "Took over a FUTURE definition"),
        bit("REBOOT_ISSUED", "NODE_STATE_REBOOT_ISSUED", "Told to reboot"),
        bit("PLANNED", "NODE_STATE_PLANNED", "Held by backfill for a job"),
        bit("INVALID_REG", "NODE_STATE_INVALID_REG", "Registered with bad settings"),
        bit("POWER_DOWN", "NODE_STATE_POWER_DOWN", "Power down asked for"),
        bit("POWER_UP", "NODE_STATE_POWER_UP", "Power up asked for"),
        bit("POWER_DRAIN", "NODE_STATE_POWER_DRAIN", "Drained to be powered down"),
        bit("POWER_DOWN_ASAP", "NODE_STATE_POWER_DOWN | NODE_STATE_POWER_DRAIN", "Power down once its jobs have ended", since=V45),
        bit("POWER_DOWN_FORCE", "NODE_STATE_POWER_DOWN | NODE_STATE_POWERED_DOWN", "Power down at once, jobs ended", since=V45),
        bit("DYNAMIC_NORM", "NODE_STATE_DYNAMIC_NORM", "Registered itself"),
        bit("BLOCKED", "NODE_STATE_BLOCKED", "Kept free for a job with exclusive topology", since=V44),
    ),
)

NODE_CERT_FLAGS = Flags(
    name="NODE_CERT_FLAGS",
    since=V43,
    values=(bit("TOKEN_SET", "NODE_CERT_TOKEN_SET", "A token for renewal is set"),),
)

NODE_PARTITION_CPU_BINDING_FLAGS = Flags(
    name="NODE_PARTITION_CPU_BINDING_FLAGS",
    mask="CPU_BIND_T_TO_MASK",
    since=V45,
    values=(
        whole("CPU_BIND_TO_THREADS", "CPU_BIND_TO_THREADS", "Tasks are bound to threads"),
        whole("CPU_BIND_TO_CORES", "CPU_BIND_TO_CORES", "Tasks are bound to cores"),
        whole("CPU_BIND_TO_SOCKETS", "CPU_BIND_TO_SOCKETS", "Tasks are bound to sockets"),
        whole("CPU_BIND_TO_LDOMS", "CPU_BIND_TO_LDOMS", "Tasks are bound to NUMA domains"),
        whole("CPU_BIND_NONE", "CPU_BIND_NONE", "Tasks are not bound", mask="CPU_BIND_T_MASK"),
        whole("CPU_BIND_OFF", "CPU_BIND_OFF", "Binding is switched off", mask="CPU_BIND_T_TASK_PARAMS_MASK"),
        bit("VERBOSE", "CPU_BIND_VERBOSE", "Bindings are printed at launch", mask="CPU_BIND_VERBOSE"),
    ),
)

ACCT_GATHER_ENERGY = Struct(
    name="ACCT_GATHER_ENERGY",
    record="acct_gather_energy_t",
    fields=(
        F("average_watts", UINT32, "Average power, in watts", source="ave_watts"),
        F("base_consumed_energy", UINT64, "Energy used between power up and registration, in joules"),
        F("consumed_energy", UINT64, "Energy used since registration, in joules"),
        F("current_watts", UINT32_NO_VAL, "Power now, in watts"),
        F("previous_consumed_energy", UINT64, "Energy used up to the previous reading, in joules"),
        F("last_collected", TIMESTAMP, "Time of the last reading (UNIX time)", source="poll_time"),
    ),
)

NODE = Struct(
    name="NODE",
    record="node_info_t",
    fields=(
        F("architecture", STRING, "Machine architecture, such as x86_64", source="arch"),
        F("burstbuffer_network_address", STRING, "Network address for sbcast", source="bcast_address"),
        F("boards", UINT16, "Baseboards"),
        F("boot_time", TIMESTAMP_NO_VAL, "Time of boot (UNIX time)"),
        F("tls_cert_last_renewal", TIMESTAMP_NO_VAL, "Renewal of the TLS certificate (UNIX time)", source="cert_last_renewal", since=V43),
        F("cert_flags", NODE_CERT_FLAGS, "State of its certificate", since=V43),
        F("cluster_name", STRING, "Cluster it belongs to, if not the local one"),
        F("cores", UINT16, "Cores of each socket"),
        F("specialized_cores", UINT16, "Cores kept for the system", source="core_spec_cnt"),
        F("cpu_binding", UINT32, "Default binding of tasks, as a number", source="cpu_bind"),
        F("cpu_load", UINT32, "Load of its CPUs, times 100"),
        F("free_mem", UINT64_NO_VAL, "Free memory as the system reports it, in MB"),
        F("cpus", UINT16, "CPUs"),
        F("effective_cpus", UINT16, "CPUs open to jobs", source="cpus_efctv"),
        F("specialized_cpus", STRING, "Abstract ids of the CPUs kept for the system", source="cpu_spec_list"),
        F("energy", pointer(ACCT_GATHER_ENERGY), "Energy used"),
        removed("external_sensors", EXT_SENSORS_DATA_PTR, "Not available any more", deprecated=V40, until=V44),
        F("extra", STRING, "Text for the use of plugins and sites"),
        removed("power", POWER_MGMT_DATA_PTR, "Not available any more", deprecated=V40, until=V44),
        F("features", CSV_STRING, "Features it can have"),
        F("active_features", CSV_STRING, "Features it has now", source="features_act"),
        F("gpu_spec", STRING, "CPUs kept for jobs that use GPUs", since=V41),
        F("gres", STRING, "Generic resources, such as gpu:2"),
        F("gres_drained", STRING, "Generic resources that are drained", source="gres_drain"),
        F("gres_used", STRING, "Generic resources in use"),
        F("instance_id", STRING, "Id of its cloud instance"),
        F("instance_type", STRING, "Type of its cloud instance"),
        F("last_busy", TIMESTAMP_NO_VAL, "Time it was last in use (UNIX time)"),
        F("mcs_label", STRING, "MCS label of its jobs"),
        F("specialized_memory", UINT64, "Memory kept for the system, in MB", source="mem_spec_limit"),
        F("name", STRING, "Name of the node"),
        F("next_state_after_reboot", NODE_STATES, "State it takes after a reboot", source="next_state"),
        F("address", STRING, "Network address", source="node_addr"),
        F("hostname", STRING, "Host name", source="node_hostname"),
        F("state", NODE_STATES, "State", source="node_state"),
        F("operating_system", STRING, "Operating system", source="os"),
        F("owner", USER_ID, "User who has the node alone"),
        F("partitions", CSV_STRING, "Partitions it belongs to"),
        F("port", UINT16, "TCP port of slurmd"),
        F("real_memory", UINT64, "Memory, in MB"),
        F("res_cores_per_gpu", UINT16, "Cores kept for each GPU", since=V41),
        F("comment", STRING, "Comment"),
        F("reason", STRING, "Why it is down, draining or failing"),
        F("reason_changed_at", TIMESTAMP_NO_VAL, "Time the reason was set (UNIX time)", source="reason_time"),
        F("reason_set_by_user", NODE_REASON_USER_ID, "Who set the reason", source=WHOLE_RECORD, since=V45),
        F("reason_set_by_user", USER_ID, "Who set the reason", source="reason_uid", until=V44),
        F("resume_after", TIMESTAMP_NO_VAL, "Time it resumes by itself (UNIX time)"),
        F("reservation", STRING, "Reservation it is in", source="resv_name"),
        F("suspend_time", UINT32_NO_VAL, "Idle seconds before power down", since=V45),
        F("alloc_memory", UINT64, "Memory allocated to jobs, in MB"),
        F("alloc_cpus", UINT16, "CPUs allocated to jobs"),
        F("alloc_idle_cpus", NODE_SELECT_ALLOC_IDLE_CPUS, "CPUs not allocated to jobs", source=WHOLE_RECORD),
        F("tres_used", STRING, "TRES in use, such as cpu=2,mem=4G", source="alloc_tres_fmt_str"),
        removed("tres_weighted", NODE_SELECT_TRES_WEIGHTED, "Not available any more; always 0", deprecated=V42, until=V44),
        F("slurmd_start_time", TIMESTAMP_NO_VAL, "Time slurmd started (UNIX time)"),
        F("sockets", UINT16, "Sockets"),
        F("threads", UINT16, "Threads per core"),
        F("temporary_disk", UINT32, "Temporary disk space, in MB", source="tmp_disk"),
        F("weight", UINT32, "Weight: lighter nodes are taken first"),
        F("topology", STRING, "Where it is in each topology", source="topology_str", since=V43),
        F("tres", STRING, "TRES it has, such as cpu=8,mem=16G", source="tres_fmt_str"),
        F("version", STRING, "Release of slurmd"),
    ),
)

NODES = list_of(NODE, "NODES", empty="No nodes to dump")

OPENAPI_NODES_QUERY = Struct(
    name="OPENAPI_NODES_QUERY",
    fields=(
        F("update_time", TIMESTAMP, "Answer only if changed since (UNIX time)"),
        F("flags", JOB_SHOW_FLAGS, "What to show", source="show_flags"),
    ),
)

OPENAPI_NODE_PARAM = Struct(name="OPENAPI_NODE_PARAM", fields=(F("node_name", STRING, "Name of the node"),))

OPENAPI_NODES_RESP = response(
    "OPENAPI_NODES_RESP",
    F("nodes", NODES, "Nodes found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
)

# What is not mentioned stays as it is.
UPDATE_NODE_MSG = Struct(
    name="UPDATE_NODE_MSG",
    record="update_node_msg_t",
    init="slurm_init_update_node_msg",
    free="slurm_free_update_node_msg",
    fields=(
        F("comment", STRING, "Comment"),
        F("cpu_bind", UINT32, "Default binding of tasks, as a number; 524288 (off): none"),
        F("extra", STRING, "Text for the use of plugins and sites"),
        F("features", CSV_STRING, "Features it can have"),
        F("features_act", CSV_STRING, "Features it has now"),
        F("gres", STRING, "Generic resources, such as gpu:2"),
        F("address", HOSTLIST_STRING, "Network addresses, one for each node", source="node_addr"),
        F("hostname", HOSTLIST_STRING, "Host names, one for each node", source="node_hostname"),
        F("name", HOSTLIST_STRING, "Nodes to change", source="node_names"),
        F("state", NODE_STATES, "State to go to, such as DRAIN or RESUME", source="node_state"),
        F("reason", STRING, "Why it is down, draining or failing"),
        removed("reason_uid", USER_ID, "Ignored: the reason is set by the user who asks", deprecated=V42),
        F("resume_after", UINT32_NO_VAL, "With DOWN or DRAIN: seconds until it resumes by itself"),
        F("topology_str", STRING, "Where it is in each topology", since=V43),
        F("weight", UINT32_NO_VAL, "Weight: lighter nodes are taken first"),
    ),
)

OPENAPI_CREATE_NODE_REQ = response(
    "OPENAPI_CREATE_NODE_REQ",
    F("node_conf", STRING, "Nodes to make, as a line of slurm.conf: NodeName=n1 State=CLOUD", required=True),
    since=V44,
)

"""Nodes, as slurmctld reports them."""

from pyslurmrestd.data_parser.model import (
    WHOLE_RECORD,
    F,
    Flags,
    Struct,
    bit,
    list_of,
    pointer,
    removed,
    whole,
)

from ..codecs import (
    CSV_STRING,
    EXT_SENSORS_DATA_PTR,
    NODE_REASON_USER_ID,
    NODE_SELECT_ALLOC_IDLE_CPUS,
    NODE_SELECT_TRES_WEIGHTED,
    POWER_MGMT_DATA_PTR,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NO_VAL,
    UINT16,
    UINT32,
    UINT32_NO_VAL,
    UINT64,
    UINT64_NO_VAL,
    USER_ID,
)
from ..versions import V40, V41, V42, V43, V44, V45
from .envelope import response
from .show_flags import JOB_SHOW_FLAGS

NODE_STATES = Flags(
    name="NODE_STATES",
    mask="NODE_STATE_FLAGS",
    values=(
        whole("INVALID", "NO_VAL", "Not a state", mask="INFINITE"),
        whole(
            "UNKNOWN",
            "NODE_STATE_UNKNOWN",
            "Not heard from since slurmctld started",
            mask="NODE_STATE_BASE",
        ),
        whole("DOWN", "NODE_STATE_DOWN", "Not usable", mask="NODE_STATE_BASE"),
        whole("IDLE", "NODE_STATE_IDLE", "No jobs", mask="NODE_STATE_BASE"),
        whole("ALLOCATED", "NODE_STATE_ALLOCATED", "In full use by jobs", mask="NODE_STATE_BASE"),
        whole("ERROR", "NODE_STATE_ERROR", "Error state of older releases", mask="NODE_STATE_BASE"),
        whole("MIXED", "NODE_STATE_MIXED", "In part use by jobs", mask="NODE_STATE_BASE"),
        whole(
            "FUTURE", "NODE_STATE_FUTURE", "Configured but not there yet", mask="NODE_STATE_BASE"
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
        bit(
            "POWER_DOWN_ASAP",
            "NODE_STATE_POWER_DOWN | NODE_STATE_POWER_DRAIN",
            "Power down once its jobs have ended",
            since=V45,
        ),
        bit(
            "POWER_DOWN_FORCE",
            "NODE_STATE_POWER_DOWN | NODE_STATE_POWERED_DOWN",
            "Power down at once, jobs ended",
            since=V45,
        ),
        bit("DYNAMIC_NORM", "NODE_STATE_DYNAMIC_NORM", "Registered itself"),
        bit(
            "BLOCKED",
            "NODE_STATE_BLOCKED",
            "Kept free for a job with exclusive topology",
            since=V44,
        ),
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
        whole(
            "CPU_BIND_OFF",
            "CPU_BIND_OFF",
            "Binding is switched off",
            mask="CPU_BIND_T_TASK_PARAMS_MASK",
        ),
        bit(
            "VERBOSE", "CPU_BIND_VERBOSE", "Bindings are printed at launch", mask="CPU_BIND_VERBOSE"
        ),
    ),
)

ACCT_GATHER_ENERGY = Struct(
    name="ACCT_GATHER_ENERGY",
    record="acct_gather_energy_t",
    fields=(
        F("average_watts", UINT32, "ave_watts", "Average power, in watts"),
        F(
            "base_consumed_energy",
            UINT64,
            "base_consumed_energy",
            "Energy used between power up and registration, in joules",
        ),
        F(
            "consumed_energy",
            UINT64,
            "consumed_energy",
            "Energy used since registration, in joules",
        ),
        F("current_watts", UINT32_NO_VAL, "current_watts", "Power now, in watts"),
        F(
            "previous_consumed_energy",
            UINT64,
            "previous_consumed_energy",
            "Energy used up to the previous reading, in joules",
        ),
        F("last_collected", TIMESTAMP, "poll_time", "Time of the last reading (UNIX time)"),
    ),
)

NODE = Struct(
    name="NODE",
    record="node_info_t",
    fields=(
        F("architecture", STRING, "arch", "Machine architecture, such as x86_64"),
        F("burstbuffer_network_address", STRING, "bcast_address", "Network address for sbcast"),
        F("boards", UINT16, "boards", "Baseboards"),
        F("boot_time", TIMESTAMP_NO_VAL, "boot_time", "Time of boot (UNIX time)"),
        F(
            "tls_cert_last_renewal",
            TIMESTAMP_NO_VAL,
            "cert_last_renewal",
            "Renewal of the TLS certificate (UNIX time)",
            since=V43,
        ),
        F("cert_flags", NODE_CERT_FLAGS, "cert_flags", "State of its certificate", since=V43),
        F("cluster_name", STRING, "cluster_name", "Cluster it belongs to, if not the local one"),
        F("cores", UINT16, "cores", "Cores of each socket"),
        F("specialized_cores", UINT16, "core_spec_cnt", "Cores kept for the system"),
        F("cpu_binding", UINT32, "cpu_bind", "Default binding of tasks, as a number"),
        F("cpu_load", UINT32, "cpu_load", "Load of its CPUs, times 100"),
        F("free_mem", UINT64_NO_VAL, "free_mem", "Free memory as the system reports it, in MB"),
        F("cpus", UINT16, "cpus", "CPUs"),
        F("effective_cpus", UINT16, "cpus_efctv", "CPUs open to jobs"),
        F(
            "specialized_cpus",
            STRING,
            "cpu_spec_list",
            "Abstract ids of the CPUs kept for the system",
        ),
        F("energy", pointer(ACCT_GATHER_ENERGY), "energy", "Energy used"),
        removed(
            "external_sensors",
            EXT_SENSORS_DATA_PTR,
            "Not available any more",
            deprecated=V40,
            until=V44,
        ),
        F("extra", STRING, "extra", "Text for the use of plugins and sites"),
        removed("power", POWER_MGMT_DATA_PTR, "Not available any more", deprecated=V40, until=V44),
        F("features", CSV_STRING, "features", "Features it can have"),
        F("active_features", CSV_STRING, "features_act", "Features it has now"),
        F("gpu_spec", STRING, "gpu_spec", "CPUs kept for jobs that use GPUs", since=V41),
        F("gres", STRING, "gres", "Generic resources, such as gpu:2"),
        F("gres_drained", STRING, "gres_drain", "Generic resources that are drained"),
        F("gres_used", STRING, "gres_used", "Generic resources in use"),
        F("instance_id", STRING, "instance_id", "Id of its cloud instance"),
        F("instance_type", STRING, "instance_type", "Type of its cloud instance"),
        F("last_busy", TIMESTAMP_NO_VAL, "last_busy", "Time it was last in use (UNIX time)"),
        F("mcs_label", STRING, "mcs_label", "MCS label of its jobs"),
        F("specialized_memory", UINT64, "mem_spec_limit", "Memory kept for the system, in MB"),
        F("name", STRING, "name", "Name of the node"),
        F("next_state_after_reboot", NODE_STATES, "next_state", "State it takes after a reboot"),
        F("address", STRING, "node_addr", "Network address"),
        F("hostname", STRING, "node_hostname", "Host name"),
        F("state", NODE_STATES, "node_state", "State"),
        F("operating_system", STRING, "os", "Operating system"),
        F("owner", USER_ID, "owner", "User who has the node alone"),
        F("partitions", CSV_STRING, "partitions", "Partitions it belongs to"),
        F("port", UINT16, "port", "TCP port of slurmd"),
        F("real_memory", UINT64, "real_memory", "Memory, in MB"),
        F("res_cores_per_gpu", UINT16, "res_cores_per_gpu", "Cores kept for each GPU", since=V41),
        F("comment", STRING, "comment", "Comment"),
        F("reason", STRING, "reason", "Why it is down, draining or failing"),
        F(
            "reason_changed_at",
            TIMESTAMP_NO_VAL,
            "reason_time",
            "Time the reason was set (UNIX time)",
        ),
        F("reason_set_by_user", NODE_REASON_USER_ID, WHOLE_RECORD, "Who set the reason", since=V45),
        F("reason_set_by_user", USER_ID, "reason_uid", "Who set the reason", until=V44),
        F(
            "resume_after",
            TIMESTAMP_NO_VAL,
            "resume_after",
            "Time it resumes by itself (UNIX time)",
        ),
        F("reservation", STRING, "resv_name", "Reservation it is in"),
        F(
            "suspend_time",
            UINT32_NO_VAL,
            "suspend_time",
            "Idle seconds before power down",
            since=V45,
        ),
        F("alloc_memory", UINT64, "alloc_memory", "Memory allocated to jobs, in MB"),
        F("alloc_cpus", UINT16, "alloc_cpus", "CPUs allocated to jobs"),
        F(
            "alloc_idle_cpus",
            NODE_SELECT_ALLOC_IDLE_CPUS,
            WHOLE_RECORD,
            "CPUs not allocated to jobs",
        ),
        F("tres_used", STRING, "alloc_tres_fmt_str", "TRES in use, such as cpu=2,mem=4G"),
        removed(
            "tres_weighted",
            NODE_SELECT_TRES_WEIGHTED,
            "Not available any more; always 0",
            deprecated=V42,
            until=V44,
        ),
        F(
            "slurmd_start_time",
            TIMESTAMP_NO_VAL,
            "slurmd_start_time",
            "Time slurmd started (UNIX time)",
        ),
        F("sockets", UINT16, "sockets", "Sockets"),
        F("threads", UINT16, "threads", "Threads per core"),
        F("temporary_disk", UINT32, "tmp_disk", "Temporary disk space, in MB"),
        F("weight", UINT32, "weight", "Weight: lighter nodes are taken first"),
        F("topology", STRING, "topology_str", "Where it is in each topology", since=V43),
        F("tres", STRING, "tres_fmt_str", "TRES it has, such as cpu=8,mem=16G"),
        F("version", STRING, "version", "Release of slurmd"),
    ),
)

NODES = list_of(NODE, "NODES", empty="No nodes to dump")

OPENAPI_NODES_QUERY = Struct(
    name="OPENAPI_NODES_QUERY",
    fields=(
        F("update_time", TIMESTAMP, "update_time", "Answer only if changed since (UNIX time)"),
        F("flags", JOB_SHOW_FLAGS, "show_flags", "What to show"),
    ),
)

OPENAPI_NODE_PARAM = Struct(
    name="OPENAPI_NODE_PARAM", fields=(F("node_name", STRING, "node_name", "Name of the node"),)
)

OPENAPI_NODES_RESP = response(
    "OPENAPI_NODES_RESP",
    F("nodes", NODES, "nodes", "Nodes found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "last_update", "Time of the last change", required=True),
)

"""Words of slurm.conf: settings that are sets of switches, or one of several."""

from pyslurmrestd.data_parser.model import Flags, bit, whole

from ..versions import V45

ACCT_STORAGE_ENFORCE = Flags(
    name="ACCT_STORAGE_ENFORCE",
    since=V45,
    values=(
        whole("all", 0xFF9F, "All of them", mask=0xFF9F, hidden=True),
        bit("associations", 1, "Jobs need an association"),
        bit("limits", 2, "Limits are kept"),
        bit("wckeys", 4, "Jobs need a wckey"),
        bit("qos", 8, "Jobs need a QOS"),
        bit("safe", 0x10, "Jobs start only if they can end within limits"),
        bit("nojobs", 0x20, "No jobs are accounted"),
        bit("nosteps", 0x40, "No steps are accounted"),
    ),
)

CONF_FLAGS = Flags(
    name="CONF_FLAGS",
    since=V45,
    values=(
        bit("DisableRootJobs", "CONF_FLAG_DRJ", "root may run no jobs"),
        bit("AllowSpecResourcesUsage", "CONF_FLAG_ASRU", "Jobs may ask for specialized cores"),
        bit("UsePam", "CONF_FLAG_PAM", "PAM is used"),
        bit("TrackWCKey", "CONF_FLAG_WCKEY", "Jobs are accounted by wckey"),
    ),
)

CONF_FLAGS_COMMUNICATION_PARAMETERS = Flags(
    name="CONF_FLAGS_COMMUNICATION_PARAMETERS",
    since=V45,
    values=(
        bit("IPv4", "CONF_FLAG_IPV4_ENABLED", "IPv4 is used"),
        bit("IPv6", "CONF_FLAG_IPV6_ENABLED", "IPv6 is used"),
        bit("disable_http", "CONF_FLAG_DISABLE_HTTP", "No HTTP is answered"),
    ),
)

CONF_FLAGS_ACCOUNTING_STORE = Flags(
    name="CONF_FLAGS_ACCOUNTING_STORE",
    since=V45,
    values=(
        bit("job_comment", "CONF_FLAG_SJC", "Their comment"),
        bit("job_extra", "CONF_FLAG_SJX", "Their extra text"),
        bit("job_script", "CONF_FLAG_SJS", "Their script"),
        bit("job_env", "CONF_FLAG_SJE", "Their environment"),
        bit("no_stdio", "CONF_FLAG_NO_STDIO", "But not the paths of their output"),
    ),
)

CONF_FLAGS_SLURMD_PARAMETERS = Flags(
    name="CONF_FLAGS_SLURMD_PARAMETERS",
    since=V45,
    values=(
        bit("config_overrides", "CONF_FLAG_OR", "Nodes have what slurm.conf says"),
        bit("l3cache_as_socket", "CONF_FLAG_L3CSOCK", "An L3 cache is a socket"),
        bit("numa_node_as_socket", "CONF_FLAG_NNSOCK", "A NUMA node is a socket"),
        bit("allow_ecores", "CONF_FLAG_ECORE", "Efficiency cores are used"),
        bit("shutdown_on_reboot", "CONF_FLAG_SHR", "Nodes are shut down, not rebooted"),
        bit("contain_spank", "CONF_FLAG_CONTAIN_SPANK", "SPANK plugins run in the job's container"),
    ),
)

CPU_FREQ_GOVS = Flags(
    name="CPU_FREQ_GOVS",
    mask="INFINITE",
    since=V45,
    values=(
        whole("Unset", "NO_VAL", "None"),
        whole("Conservative", "CPU_FREQ_CONSERVATIVE", "Conservative"),
        whole("OnDemand", "CPU_FREQ_ONDEMAND", "OnDemand"),
        whole("Performance", "CPU_FREQ_PERFORMANCE", "Performance"),
        whole("PowerSave", "CPU_FREQ_POWERSAVE", "PowerSave"),
        whole("SchedUtil", "CPU_FREQ_SCHEDUTIL", "SchedUtil"),
        whole("UserSpace", "CPU_FREQ_USERSPACE", "UserSpace"),
        whole("Low", "CPU_FREQ_LOW", "Lowest frequency"),
        whole("Medium", "CPU_FREQ_MEDIUM", "Frequency in the middle"),
        whole("Highm1", "CPU_FREQ_HIGHM1", "Second highest frequency"),
        whole("High", "CPU_FREQ_HIGH", "Highest frequency"),
    ),
)

DEBUG_FLAGS = Flags(
    name="DEBUG_FLAGS",
    since=V45,
    values=(
        bit("Accrue", "DEBUG_FLAG_ACCRUE", "Accrued time of jobs"),
        bit("Agent", "DEBUG_FLAG_AGENT", "Agents that send messages"),
        bit("AuditRPCs", "DEBUG_FLAG_AUDIT_RPCS", "Who sends which message"),
        bit("AuditTLS", "DEBUG_FLAG_AUDIT_TLS", "Who connects with which certificate"),
        bit("Backfill", "DEBUG_FLAG_BACKFILL", "Backfill"),
        bit("BackfillMap", "DEBUG_FLAG_BACKFILL_MAP", "Backfill, with its map of time"),
        bit("BurstBuffer", "DEBUG_FLAG_BURST_BUF", "Burst buffers"),
        bit("Cgroup", "DEBUG_FLAG_CGROUP", "Cgroups"),
        bit("ConMgr", "DEBUG_FLAG_CONMGR", "Connections"),
        bit("CpuFrequency", "DEBUG_FLAG_CPU_FREQ", "CPU frequencies"),
        bit("CPU_Bind", "DEBUG_FLAG_CPU_BIND", "Binding of tasks"),
        bit("Data", "DEBUG_FLAG_DATA", "Data of JSON and YAML"),
        bit("DBD_Agent", "DEBUG_FLAG_DBD_AGENT", "Messages for slurmdbd"),
        bit("DB_Archive", "DEBUG_FLAG_DB_ARCHIVE", "Archives of the database"),
        bit("DB_Assoc", "DEBUG_FLAG_DB_ASSOC", "Associations in the database"),
        bit("DB_Event", "DEBUG_FLAG_DB_EVENT", "Events in the database"),
        bit("DB_Job", "DEBUG_FLAG_DB_JOB", "Jobs in the database"),
        bit("DB_QOS", "DEBUG_FLAG_DB_QOS", "QOS in the database"),
        bit("DB_Query", "DEBUG_FLAG_DB_QUERY", "Queries of the database"),
        bit("DB_Reservation", "DEBUG_FLAG_DB_RESV", "Reservations in the database"),
        bit("DB_Resource", "DEBUG_FLAG_DB_RES", "Resources in the database"),
        bit("DB_Step", "DEBUG_FLAG_DB_STEP", "Steps in the database"),
        bit("DB_TRES", "DEBUG_FLAG_DB_TRES", "TRES in the database"),
        bit("DB_Usage", "DEBUG_FLAG_DB_USAGE", "Usage in the database"),
        bit("DB_WCKey", "DEBUG_FLAG_DB_WCKEY", "Wckeys in the database"),
        bit("Dependency", "DEBUG_FLAG_DEPENDENCY", "Dependencies"),
        bit("Energy", "DEBUG_FLAG_ENERGY", "Energy"),
        bit("Federation", "DEBUG_FLAG_FEDR", "Federations"),
        bit("Gang", "DEBUG_FLAG_GANG", "Gang scheduling"),
        bit("GLOB_SILENCE", "DEBUG_FLAG_GLOB_SILENCE", "Errors of glob() are not told"),
        bit("Gres", "DEBUG_FLAG_GRES", "Generic resources"),
        bit("Hetjob", "DEBUG_FLAG_HETJOB", "Het jobs"),
        bit("Interconnect", "DEBUG_FLAG_INTERCONNECT", "Interconnect"),
        bit("JobAccountGather", "DEBUG_FLAG_JAG", "Measures of jobs"),
        bit("JobComp", "DEBUG_FLAG_JOBCOMP", "Completed jobs"),
        bit("Namespace", "DEBUG_FLAG_NAMESPACE", "Namespaces of jobs"),
        bit("NodeFeatures", "DEBUG_FLAG_NODE_FEATURES", "Features of nodes"),
        bit("License", "DEBUG_FLAG_LICENSE", "Licenses"),
        bit("Metrics", "DEBUG_FLAG_METRICS", "Metrics"),
        bit("MPI", "DEBUG_FLAG_MPI", "MPI"),
        bit("Network", "DEBUG_FLAG_NET", "Network"),
        bit("NetworkRaw", "DEBUG_FLAG_NET_RAW", "Network, byte for byte"),
        bit("NO_CONF_HASH", "DEBUG_FLAG_NO_CONF_HASH", "Differing slurm.conf files are not told"),
        bit("Power", "DEBUG_FLAG_POWER", "Power saving"),
        bit("Priority", "DEBUG_FLAG_PRIO", "Priorities"),
        bit("Profile", "DEBUG_FLAG_PROFILE", "Profiles of jobs"),
        bit("Protocol", "DEBUG_FLAG_PROTOCOL", "Protocol"),
        bit("Reservation", "DEBUG_FLAG_RESERVATION", "Reservations"),
        bit("Route", "DEBUG_FLAG_ROUTE", "Routes of messages"),
        bit("Sack", "DEBUG_FLAG_SACK", "Authentication's socket"),
        bit("Script", "DEBUG_FLAG_SCRIPT", "Scripts that are run"),
        bit("SelectType", "DEBUG_FLAG_SELECT_TYPE", "Selection of resources"),
        bit("Steps", "DEBUG_FLAG_STEPS", "Steps"),
        bit("Switch", "DEBUG_FLAG_SWITCH", "Switches"),
        bit("thread", "DEBUG_FLAG_THREAD", "Threads"),
        bit("TLS", "DEBUG_FLAG_TLS", "TLS"),
        bit("TraceJobs", "DEBUG_FLAG_TRACE_JOBS", "States of jobs"),
        bit("Triggers", "DEBUG_FLAG_TRIGGERS", "Triggers"),
    ),
)

ENFORCE_PART_LIMITS = Flags(
    name="ENFORCE_PART_LIMITS",
    mask="INFINITE16",
    since=V45,
    values=(
        whole("NO", "PARTITION_ENFORCE_NONE", "They are not"),
        whole("ANY", "PARTITION_ENFORCE_ANY", "One of the partitions must take the job"),
        whole("ALL", "PARTITION_ENFORCE_ALL", "All of the partitions must take the job"),
    ),
)

HEALTH_CHECK_NODE_STATE = Flags(
    name="HEALTH_CHECK_NODE_STATE",
    mask="HEALTH_CHECK_NODE_ANY",
    since=V45,
    values=(
        whole(
            "START_ONLY",
            "HEALTH_CHECK_START_ONLY",
            "Only when slurmd starts",
            mask="HEALTH_CHECK_NODE_ANY | HEALTH_CHECK_START_ONLY | HEALTH_CHECK_REBOOT_ONLY",
        ),
        whole(
            "REBOOT_ONLY", "HEALTH_CHECK_REBOOT_ONLY", "Only after a reboot", mask="HEALTH_CHECK_NODE_ANY | HEALTH_CHECK_START_ONLY | HEALTH_CHECK_REBOOT_ONLY"
        ),
        whole("ANY", "HEALTH_CHECK_NODE_ANY", "Any"),
        bit("IDLE", "HEALTH_CHECK_NODE_IDLE", "Idle"),
        bit("ALLOC", "HEALTH_CHECK_NODE_ALLOC", "Allocated"),
        bit("MIXED", "HEALTH_CHECK_NODE_MIXED", "Allocated in part"),
        bit("NONDRAINED_IDLE", "HEALTH_CHECK_NODE_NONDRAINED_IDLE", "Idle and not drained"),
        bit("CYCLE", "HEALTH_CHECK_CYCLE", "Spread over the interval", mask="HEALTH_CHECK_CYCLE"),
    ),
)

JOB_DEFAULTS_TYPE = Flags(
    name="JOB_DEFAULTS_TYPE",
    since=V45,
    values=(
        whole("DefCpuPerGPU", "JOB_DEF_CPU_PER_GPU", "CPUs for each GPU"),
        whole("DefMemPerGPU", "JOB_DEF_MEM_PER_GPU", "Memory for each GPU, in MB"),
    ),
)

LOG_LEVEL = Flags(
    name="LOG_LEVEL",
    single=True,
    mask="INFINITE16",
    since=V45,
    values=(
        whole("(null)", 0, "None", hidden=True),
        whole("quiet", 0, "Nothing"),
        whole("fatal", 1, "Fatal errors"),
        whole("error", 2, "Errors"),
        whole("info", 3, "What happens"),
        whole("verbose", 4, "More of it"),
        whole("debug", 5, "For finding faults"),
        whole("debug2", 6, "More"),
        whole("debug3", 7, "Still more"),
        whole("debug4", 8, "Nearly everything"),
        whole("debug5", 9, "Everything"),
    ),
)

LOG_TIME_FORMAT = Flags(
    name="LOG_TIME_FORMAT",
    single=True,
    since=V45,
    values=(
        whole("iso8601_ms", "LOG_FMT_ISO8601_MS", "ISO 8601 with milliseconds"),
        whole("iso8601", "LOG_FMT_ISO8601", "ISO 8601"),
        whole("rfc5424_ms", "LOG_FMT_RFC5424_MS", "RFC 5424 with milliseconds"),
        whole("rfc5424", "LOG_FMT_RFC5424", "RFC 5424"),
        whole("rfc3339", "LOG_FMT_RFC3339", "RFC 3339"),
        whole("clock", "LOG_FMT_CLOCK", "Microseconds of the clock"),
        whole("short", "LOG_FMT_SHORT", "Short"),
        whole("thread_id", "LOG_FMT_THREAD_ID", "Time and thread"),
    ),
)

SLURM_CONF_PREEMPT_MODES = Flags(
    name="SLURM_CONF_PREEMPT_MODES",
    since=V45,
    values=(
        whole("DISABLED", "PREEMPT_MODE_OFF", "Jobs are not preempted"),
        bit("SUSPEND", "PREEMPT_MODE_SUSPEND", "Preempted jobs are suspended and resumed later"),
        bit("REQUEUE", "PREEMPT_MODE_REQUEUE", "Preempted jobs go back to the queue"),
        bit("CANCEL", "PREEMPT_MODE_CANCEL", "Preempted jobs are cancelled"),
        bit("GANG", "PREEMPT_MODE_GANG", "Jobs take turns"),
        bit("WITHIN", "PREEMPT_MODE_WITHIN", "Jobs of one QOS may preempt one another"),
        bit("PRIORITY", "PREEMPT_MODE_PRIORITY", "Preemption needs a higher job priority too"),
    ),
)

PRIORITY_FLAGS = Flags(
    name="PRIORITY_FLAGS",
    since=V45,
    values=(
        bit("ACCRUE_ALWAYS", "PRIORITY_FLAGS_ACCRUE_ALWAYS", "Age counts for all waiting jobs"),
        bit("SMALL_RELATIVE_TO_TIME", "PRIORITY_FLAGS_SIZE_RELATIVE", "Size is divided by the time limit"),
        bit("CALCULATE_RUNNING", "PRIORITY_FLAGS_CALCULATE_RUNNING", "Running jobs too"),
        bit("DEPTH_OBLIVIOUS", "PRIORITY_FLAGS_DEPTH_OBLIVIOUS", "Depth of associations is irrelevant"),
        bit("FAIR_TREE", "PRIORITY_FLAGS_FAIR_TREE", "Fair Tree"),
        bit("INCR_ONLY", "PRIORITY_FLAGS_INCR_ONLY", "Priorities only grow"),
        bit("MAX_TRES", "PRIORITY_FLAGS_MAX_TRES", "Billing by the largest TRES of a node"),
        bit("MAX_TRES_GRES", "PRIORITY_FLAGS_MAX_TRES_GRES", "Likewise, and all GRES"),
        bit("NO_NORMAL_ASSOC", "PRIORITY_FLAGS_NO_NORMAL_ASSOC", "Association as it is"),
        bit("NO_NORMAL_PART", "PRIORITY_FLAGS_NO_NORMAL_PART", "Partition as it is"),
        bit("NO_NORMAL_QOS", "PRIORITY_FLAGS_NO_NORMAL_QOS", "QOS as it is"),
        bit("NO_NORMAL_TRES", "PRIORITY_FLAGS_NO_NORMAL_TRES", "TRES as they are"),
    ),
)

PRIORITY_RESET_PERIOD = Flags(
    name="PRIORITY_RESET_PERIOD",
    single=True,
    since=V45,
    values=(
        whole("NONE", "PRIORITY_RESET_NONE", "Never"),
        whole("NOW", "PRIORITY_RESET_NOW", "Once, now"),
        whole("DAILY", "PRIORITY_RESET_DAILY", "Each day"),
        whole("WEEKLY", "PRIORITY_RESET_WEEKLY", "Each week"),
        whole("MONTHLY", "PRIORITY_RESET_MONTHLY", "Each month"),
        whole("QUARTERLY", "PRIORITY_RESET_QUARTERLY", "Each quarter"),
        whole("YEARLY", "PRIORITY_RESET_YEARLY", "Each year"),
    ),
)

PRIVATE_DATA = Flags(
    name="PRIVATE_DATA",
    since=V45,
    values=(
        bit("accounts", "PRIVATE_DATA_ACCOUNTS", "Accounts"),
        bit("events", "PRIVATE_DATA_EVENTS", "Events"),
        bit("jobs", "PRIVATE_DATA_JOBS", "Jobs"),
        bit("nodes", "PRIVATE_DATA_NODES", "Nodes"),
        bit("partitions", "PRIVATE_DATA_PARTITIONS", "Partitions"),
        bit("reservations", "PRIVATE_DATA_RESERVATIONS", "Reservations"),
        bit("usage", "PRIVATE_DATA_USAGE", "Usage"),
        bit("users", "PRIVATE_DATA_USERS", "Users"),
    ),
)

PROLOG_FLAGS = Flags(
    name="PROLOG_FLAGS",
    since=V45,
    values=(
        bit("Alloc", "PROLOG_FLAG_ALLOC", "When resources are allocated"),
        bit("NoHold", "PROLOG_FLAG_NOHOLD", "srun does not wait for it"),
        bit("Contain", "PROLOG_FLAG_CONTAIN", "In the job's container"),
        bit("Serial", "PROLOG_FLAG_SERIAL", "One at a time"),
        bit("X11", "PROLOG_FLAG_X11", "X11 is set up"),
        bit("DeferBatch", "PROLOG_FLAG_DEFER_BATCH", "Batch jobs wait for all nodes"),
        bit("ForceRequeueOnFail", "PROLOG_FLAG_FORCE_REQUEUE_ON_FAIL", "Jobs are requeued when it fails"),
        bit("RunInJob", "PROLOG_FLAG_RUN_IN_JOB", "In the job's own cgroup"),
    ),
)

PROPAGATE_PRIO_PROCESS = Flags(
    name="PROPAGATE_PRIO_PROCESS",
    single=True,
    since=V45,
    values=(
        whole("off", "PROP_PRIO_OFF", "No"),
        whole("on", "PROP_PRIO_ON", "Yes"),
        whole("nicer", "PROP_PRIO_NICER", "Yes, and one more"),
    ),
)

RECONFIG_FLAGS = Flags(
    name="RECONFIG_FLAGS",
    since=V45,
    values=(
        bit("KeepPartInfo", "RECONFIG_KEEP_PART_INFO", "What scontrol changed of partitions"),
        bit("KeepPartState", "RECONFIG_KEEP_PART_STAT", "States of partitions"),
        bit("KeepPowerSaveSettings", "RECONFIG_KEEP_POWER_SAVE_SETTINGS", "Settings of power saving"),
    ),
)

RETURN_TO_SERVICE = Flags(
    name="RETURN_TO_SERVICE",
    single=True,
    since=V45,
    values=(
        whole("none", "RETURN_TO_SERVICE_NONE", "None"),
        whole("non_responsive_only", "RETURN_TO_SERVICE_NON_RESP", "Those that were silent"),
        whole("all", "RETURN_TO_SERVICE_ALL", "All that are as they should be"),
    ),
)

TASK_PLUGIN_PARAM_FLAGS = Flags(
    name="TASK_PLUGIN_PARAM_FLAGS",
    mask="CPU_BIND_T_TO_MASK",
    since=V45,
    values=(
        whole("None", "CPU_BIND_NONE", "Tasks are not bound", mask="CPU_BIND_T_MASK"),
        whole("Threads", "CPU_BIND_TO_THREADS", "Tasks are bound to threads"),
        whole("Cores", "CPU_BIND_TO_CORES", "Tasks are bound to cores"),
        whole("Sockets", "CPU_BIND_TO_SOCKETS", "Tasks are bound to sockets"),
        whole("autobind=threads", "CPU_AUTO_BIND_TO_THREADS", "To threads, if nothing else fits", mask="CPU_BIND_T_AUTO_TO_MASK"),
        whole("autobind=cores", "CPU_AUTO_BIND_TO_CORES", "To cores, if nothing else fits", mask="CPU_BIND_T_AUTO_TO_MASK"),
        whole("autobind=sockets", "CPU_AUTO_BIND_TO_SOCKETS", "To sockets, if nothing else fits", mask="CPU_BIND_T_AUTO_TO_MASK"),
        bit("Verbose", "CPU_BIND_VERBOSE", "Binding is told", mask="CPU_BIND_VERBOSE"),
        bit("SlurmdOffSpec", "SLURMD_OFF_SPEC", "slurmd keeps off specialized cores", mask="INFINITE64"),
        bit("OOMKillStep", "OOM_KILL_STEP", "All of a step is killed for its memory", mask="INFINITE64"),
        bit("SlurmdSpecOverride", "SLURMD_SPEC_OVERRIDE", "slurmd's own limits win", mask="INFINITE64"),
    ),
)

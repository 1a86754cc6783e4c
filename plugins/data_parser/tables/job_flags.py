"""Words about jobs: flags, sharing, mail, profiles, and how they are signalled."""

from pyslurmrestd.data_parser.model import Flags, bit, masked, whole

from ..codecs.jobs import job_exclusive
from ..versions import V40, V41, V43, V44, V45

JOB_FLAGS = Flags(
    name="JOB_FLAGS",
    values=(
        bit("KILL_INVALID_DEPENDENCY", "KILL_INV_DEP", "Cancel it if a dependency cannot be met"),
        bit("NO_KILL_INVALID_DEPENDENCY", "NO_KILL_INV_DEP", "Keep it even if a dependency cannot be met"),
        bit("HAS_STATE_DIRECTORY", "HAS_STATE_DIR", "The controller keeps files for it"),
        bit("TESTING_BACKFILL", "BACKFILL_TEST", "Backfill is testing it"),
        bit("GRES_BINDING_ENFORCED", "GRES_ENFORCE_BIND", "CPUs must be near its GRES"),
        bit("TEST_NOW_ONLY", "TEST_NOW_ONLY", "Test only whether it could start now"),
        bit("SEND_JOB_ENVIRONMENT", "JOB_SEND_ENV", "Its environment goes to accounting"),
        bit("SPREAD_JOB", "SPREAD_JOB", "Spread over as many nodes as possible"),
        bit("PREFER_MINIMUM_NODE_COUNT", "USE_MIN_NODES", "Packed on few nodes"),
        bit("JOB_KILL_HURRY", "JOB_KILL_HURRY", "Burst buffer data is not staged out when it is cancelled"),
        bit("SKIP_TRES_STRING_ACCOUNTING", "TRES_STR_CALC", "TRES texts are not worked out when it ends"),
        bit("SIBLING_CLUSTER_UPDATE_ONLY", "SIB_JOB_FLUSH", "The origin cluster is not told of its end"),
        bit("HETEROGENEOUS_JOB", "HET_JOB_FLAG", "Part of a heterogeneous job"),
        bit("EXACT_TASK_COUNT_REQUESTED", "JOB_NTASKS_SET", "The number of tasks was given"),
        bit("EXACT_CPU_COUNT_REQUESTED", "JOB_CPUS_SET", "The CPUs per task were given"),
        bit("TESTING_WHOLE_NODE_BACKFILL", "BF_WHOLE_NODE_TEST", "Backfill is testing it on whole nodes"),
        bit("TOP_PRIORITY_JOB", "TOP_PRIO_TMP", "Being moved to the top of the queue"),
        bit("ACCRUE_COUNT_CLEARED", "JOB_ACCRUE_OVER", "No longer counted as accruing priority"),
        bit("GRES_BINDING_DISABLED", "GRES_DISABLE_BIND", "CPUs need not be near its GRES"),
        bit("JOB_WAS_RUNNING", "JOB_WAS_RUNNING", "Has been running"),
        bit("JOB_ACCRUE_TIME_RESET", "RESET_ACCRUE_TIME", "Its accrued time starts anew"),
        bit("CRON_JOB", "CRON_JOB", "Comes from scrontab"),
        bit("EXACT_MEMORY_REQUESTED", "JOB_MEM_SET", "The memory was given"),
        bit("EXTERNAL_JOB", "EXTERNAL_JOB", "External: runs nothing of its own", since=V43),
        bit("USING_DEFAULT_ACCOUNT", "USE_DEFAULT_ACCT", "No account was given"),
        bit("USING_DEFAULT_PARTITION", "USE_DEFAULT_PART", "No partition was given"),
        bit("USING_DEFAULT_QOS", "USE_DEFAULT_QOS", "No QOS was given"),
        bit("USING_DEFAULT_WCKEY", "USE_DEFAULT_WCKEY", "No wckey was given"),
        bit("DEPENDENT", "JOB_DEPENDENT", "Waits for a dependency"),
        bit("MAGNETIC", "JOB_MAGNETIC", "Drawn to a magnetic reservation"),
        bit("PARTITION_ASSIGNED", "JOB_PART_ASSIGNED", "Its partition was chosen for it"),
        bit("BACKFILL_ATTEMPTED", "BACKFILL_SCHED", "Considered by the last backfill run"),
        bit("SCHEDULING_ATTEMPTED", "BACKFILL_LAST", "Considered by the last scheduling run"),
        bit("STEPMGR_ENABLED", "STEPMGR_ENABLED", "Its steps are managed on its first node", since=V41),
        bit("SPREAD_SEGMENTS", "SPREAD_SEGMENTS", "Each segment in a block of its own", since=V44),
        bit("CONSOLIDATE_SEGMENTS", "CONSOLIDATE_SEGMENTS", "Segments in as few blocks as possible", since=V44),
        bit("EXPEDITED_REQUEUE", "EXPEDITED_REQUEUE", "Requeued first if a node fails", since=V44),
        bit("JOB_IMPLICIT_MAX_NODES", "JOB_IMPLICIT_MAX_NODES", "Most nodes follow from its tasks", since=V45),
        bit("SAVE_BATCH_SCRIPT", "JOB_SEND_SCRIPT", "Its script goes to accounting", until=V40),
        bit("GRES_ONE_TASK_PER_SHARING", "GRES_ONE_TASK_PER_SHARING", "Tasks do not share a sharing GRES", until=V40),
        bit("GRES_MULTIPLE_TASKS_PER_SHARING", "GRES_MULT_TASKS_PER_SHARING", "Tasks may share a sharing GRES", until=V40),
        bit("GRES_ALLOW_TASK_SHARING", "GRES_ALLOW_TASK_SHARING", "Tasks may use the GRES of other tasks", until=V40),
    ),
)

JOB_SHARED = Flags(
    name="JOB_SHARED",
    mask="INFINITE16",
    values=(
        whole("none", "JOB_SHARED_NONE", "Nodes are given to it alone"),
        whole("oversubscribe", "JOB_SHARED_OK", "Resources may be shared with other jobs"),
        whole("user", "JOB_SHARED_USER", "Nodes are shared with jobs of its user only"),
        whole("mcs", "JOB_SHARED_MCS", "Nodes are shared with jobs of its MCS label only"),
        whole("topo", "JOB_SHARED_TOPO", "Topology segments are given to it alone", since=V41),
    ),
)

JOB_EXCLUSIVE_FLAGS = Flags(
    name="JOB_EXCLUSIVE_FLAGS",
    mask="INFINITE16",
    values=(
        whole("true", "JOB_SHARED_NONE", "Nodes are given to it alone"),
        whole("false", "JOB_SHARED_OK", "Resources may be shared with other jobs"),
        whole("user", "JOB_SHARED_USER", "Nodes are shared with jobs of its user only"),
        whole("mcs", "JOB_SHARED_MCS", "Nodes are shared with jobs of its MCS label only"),
        whole("topo", "JOB_SHARED_TOPO", "Topology segments are given to it alone", since=V41),
    ),
)

JOB_EXCLUSIVE = job_exclusive(JOB_EXCLUSIVE_FLAGS)

JOB_MAIL_FLAGS = Flags(
    name="JOB_MAIL_FLAGS",
    values=(
        bit("BEGIN", "MAIL_JOB_BEGIN", "When it starts"),
        bit("END", "MAIL_JOB_END", "When it ends"),
        bit("FAIL", "MAIL_JOB_FAIL", "When it fails"),
        bit("REQUEUE", "MAIL_JOB_REQUEUE", "When it is requeued"),
        bit("TIME=100%", "MAIL_JOB_TIME100", "At its time limit"),
        bit("TIME=90%", "MAIL_JOB_TIME90", "At 90% of its time limit"),
        bit("TIME=80%", "MAIL_JOB_TIME80", "At 80% of its time limit"),
        bit("TIME=50%", "MAIL_JOB_TIME50", "At 50% of its time limit"),
        bit("STAGE_OUT", "MAIL_JOB_STAGE_OUT", "When burst buffer data is staged out"),
        bit("ARRAY_TASKS", "MAIL_ARRAY_TASKS", "For each task of an array"),
        bit("INVALID_DEPENDENCY", "MAIL_INVALID_DEPEND", "When a dependency cannot be met"),
    ),
)

ACCT_GATHER_PROFILE = Flags(
    name="ACCT_GATHER_PROFILE",
    values=(
        *masked(
            "INFINITE",
            whole("NOT_SET", "ACCT_GATHER_PROFILE_NOT_SET", "As the cluster's settings say"),
            whole("NONE", "ACCT_GATHER_PROFILE_NONE", "No profile"),
        ),
        bit("ENERGY", "ACCT_GATHER_PROFILE_ENERGY", "Energy"),
        bit("LUSTRE", "ACCT_GATHER_PROFILE_LUSTRE", "Lustre traffic"),
        bit("NETWORK", "ACCT_GATHER_PROFILE_NETWORK", "Network traffic"),
        bit("TASK", "ACCT_GATHER_PROFILE_TASK", "CPU, memory and I/O of tasks"),
    ),
)

WARN_FLAGS = Flags(
    name="WARN_FLAGS",
    values=(
        bit("BATCH_JOB", "KILL_JOB_BATCH", "Only the batch script"),
        bit("ARRAY_TASK", "KILL_ARRAY_TASK", "Only one task of an array"),
        bit("FULL_STEPS_ONLY", "KILL_STEPS_ONLY", "Steps without the batch script"),
        bit("FULL_JOB", "KILL_FULL_JOB", "Steps and batch script"),
        bit("FEDERATION_REQUEUE", "KILL_FED_REQUEUE", "Requeued within the federation"),
        bit("HURRY", "KILL_HURRY", "Burst buffer data is not staged out"),
        bit("OUT_OF_MEMORY", "KILL_OOM", "Ended for want of memory"),
        bit("NO_SIBLING_JOBS", "KILL_NO_SIBS", "Siblings in the federation are spared"),
        bit("RESERVATION_JOB", "KILL_JOB_RESV", "The job may use a magnetic reservation"),
        # KILL_NO_CRON, which the headers have no more.
        bit("NO_CRON_JOBS", 0x200, "scrontab jobs are spared", until=V40),
        bit("VERBOSE", "KILL_JOBS_VERBOSE", "Each job is answered, not only failures"),
        bit("CRON_JOBS", "KILL_CRON", "scrontab jobs too"),
        bit("WARNING_SENT", "WARN_SENT", "The warning was sent"),
    ),
)

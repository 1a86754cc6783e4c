"""How tasks of a job are bound, its files opened and its X11 forwarded; crontab entries."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, masked, whole

from ..codecs.numbers import UINT32
from ..codecs.strings import BITSTR_PTR, STRING
from ..codecs.submission import cron_entry
from ..versions import V41, V42, V43, V44

CPU_BINDING_FLAGS = Flags(
    name="CPU_BINDING_FLAGS",
    mask="CPU_BIND_T_MASK",
    values=(
        *masked(
            "CPU_BIND_T_TO_MASK",
            whole("CPU_BIND_TO_THREADS", "CPU_BIND_TO_THREADS", "To threads"),
            whole("CPU_BIND_TO_CORES", "CPU_BIND_TO_CORES", "To cores"),
            whole("CPU_BIND_TO_SOCKETS", "CPU_BIND_TO_SOCKETS", "To sockets"),
            whole("CPU_BIND_TO_LDOMS", "CPU_BIND_TO_LDOMS", "To NUMA domains"),
        ),
        whole("CPU_BIND_NONE", "CPU_BIND_NONE", "Not bound"),
        bit("CPU_BIND_RANK", 0, "By rank; not available any more", removed=True, until=V44),
        whole("CPU_BIND_MAP", "CPU_BIND_MAP", "By a list of CPUs"),
        whole("CPU_BIND_MASK", "CPU_BIND_MASK", "By a list of CPU masks"),
        whole("CPU_BIND_LDRANK", "CPU_BIND_LDRANK", "To NUMA domains by rank"),
        whole("CPU_BIND_LDMAP", "CPU_BIND_LDMAP", "By a list of NUMA domains"),
        whole("CPU_BIND_LDMASK", "CPU_BIND_LDMASK", "By a list of NUMA domain masks"),
        bit("VERBOSE", "CPU_BIND_VERBOSE", "Bindings are printed at launch", mask="CPU_BIND_VERBOSE"),
        bit("CPU_BIND_ONE_THREAD_PER_CORE", "CPU_BIND_ONE_THREAD_PER_CORE", "To one thread of each core", mask="CPU_BIND_ONE_THREAD_PER_CORE"),
    ),
)

MEMORY_BINDING_TYPE = Flags(
    name="MEMORY_BINDING_TYPE",
    mask="MEM_BIND_TYPE_MASK",
    values=(
        whole("NONE", "MEM_BIND_NONE", "Not bound"),
        whole("RANK", "MEM_BIND_RANK", "By rank"),
        whole("MAP", "MEM_BIND_MAP", "By a list of NUMA nodes"),
        whole("MASK", "MEM_BIND_MASK", "By a list of NUMA masks"),
        whole("LOCAL", "MEM_BIND_LOCAL", "To the task's own NUMA node"),
        bit("VERBOSE", "MEM_BIND_VERBOSE", "Bindings are printed at launch", mask="MEM_BIND_VERBOSE"),
        bit("SORT", 0, "Free cache pages are sorted", removed=True, since=V42, until=V43),
        *masked(
            "MEM_BIND_TYPE_FLAGS_MASK",
            bit("SORT", "MEM_BIND_SORT", "Free cache pages are sorted", until=V41),
            bit("PREFER", "MEM_BIND_PREFER", "Preferred, not enforced"),
        ),
    ),
)

OPEN_MODE = Flags(
    name="OPEN_MODE",
    values=(
        bit("APPEND", "OPEN_MODE_APPEND", "What is in the files stays"),
        bit("TRUNCATE", "OPEN_MODE_TRUNCATE", "The files are emptied first"),
    ),
)

X11_FLAGS = Flags(
    name="X11_FLAGS",
    values=(
        bit("FORWARD_ALL_NODES", "X11_FORWARD_ALL", "On all nodes"),
        bit("BATCH_NODE", "X11_FORWARD_BATCH", "On the node of the batch script"),
        bit("FIRST_NODE", "X11_FORWARD_FIRST", "On the first node"),
        bit("LAST_NODE", "X11_FORWARD_LAST", "On the last node"),
    ),
)

# Constants that no public header shows.
CRON_ENTRY_FLAGS = Flags(
    name="CRON_ENTRY_FLAGS",
    values=(
        bit("WILD_MINUTE", 0x2, "Every minute"),
        bit("WILD_HOUR", 0x4, "Every hour"),
        bit("WILD_DAY_OF_MONTH", 0x8, "Every day of the month"),
        bit("WILD_MONTH", 0x10, "Every month"),
        bit("WILD_DAY_OF_WEEK", 0x20, "Every day of the week"),
    ),
)

CRON_ENTRY = Struct(
    name="CRON_ENTRY",
    fields=(
        F("flags", CRON_ENTRY_FLAGS, "Which of its fields are *"),
        F("minute", BITSTR_PTR, "Minutes, 0 to 59"),
        F("hour", BITSTR_PTR, "Hours, 0 to 23"),
        F("day_of_month", BITSTR_PTR, "Days of the month, 1 to 31"),
        F("month", BITSTR_PTR, "Months, 1 to 12"),
        F("day_of_week", BITSTR_PTR, "Days of the week, 0 (Sunday) to 6"),
        F("specification", STRING, "Time specification as it was given", source="cronspec"),
        F("command", STRING, "Command"),
        F("line/start", UINT32, "First line in the crontab", source="line_start"),
        F("line/end", UINT32, "Last line in the crontab", source="line_end"),
    ),
)

JOB_DESC_MSG_CRON_ENTRY = cron_entry(CRON_ENTRY)

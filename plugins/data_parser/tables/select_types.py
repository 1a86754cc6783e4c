"""How resources are selected: SelectTypeParameters, and how a node is taken by a job."""

from pyslurmrestd.data_parser.model import Flags, bit, masked, whole

from ..versions import V41, V44, V45

SELECT_EXCLUSIVE = "SELECT_CPU | SELECT_SOCKET | SELECT_CORE | SELECT_MEMORY"
SELECT_OTHERS = f"~({SELECT_EXCLUSIVE})"

CR_TYPE = Flags(
    name="CR_TYPE",
    since=V41,
    until=V44,
    values=(
        *masked(
            "SELECT_CPU | SELECT_SOCKET | SELECT_CORE",
            whole("CPU", "SELECT_CPU", "CPUs are consumable"),
            whole("SOCKET", "SELECT_SOCKET", "Sockets are consumable"),
            whole("CORE", "SELECT_CORE", "Cores are consumable"),
        ),
        bit("BOARD", "SELECT_BOARD", "Boards are consumable"),
        bit("MEMORY", "SELECT_MEMORY", "Memory is consumable"),
        bit("ONE_TASK_PER_CORE", "SELECT_ONE_TASK_PER_CORE", "One task per core by default"),
        bit("PACK_NODES", "SELECT_PACK_NODES", "Tasks are packed on few nodes"),
        bit("CORE_DEFAULT_DIST_BLOCK", "SELECT_CORE_DEFAULT_DIST_BLOCK", "Cores are handed out in blocks by default"),
        bit("LLN", "SELECT_LLN", "Least loaded nodes first"),
        bit("LINEAR", "SELECT_LINEAR", "Whole nodes only"),
    ),
)

SELECT_TYPE_PARAM = Flags(
    name="SELECT_TYPE_PARAM",
    mask=SELECT_OTHERS,
    since=V45,
    values=(
        whole("NONE", 0, "No parameter set", mask="INFINITE"),
        *masked(
            SELECT_EXCLUSIVE,
            whole("CR_CPU_MEMORY", "SELECT_CPU | SELECT_MEMORY", "CPUs and memory are consumable"),
            whole("CR_CPU", "SELECT_CPU", "CPUs are consumable"),
            whole("CPU", "SELECT_CPU", "CPUs are consumable", hidden=True),
            whole("CR_CORE_MEMORY", "SELECT_CORE | SELECT_MEMORY", "Cores and memory are consumable"),
            whole("CR_CORE", "SELECT_CORE", "Cores are consumable"),
            whole("CORE", "SELECT_CORE", "Cores are consumable", hidden=True),
            whole("CR_SOCKET_MEMORY", "SELECT_SOCKET | SELECT_MEMORY", "Sockets and memory are consumable"),
            whole("CR_SOCKET", "SELECT_SOCKET", "Sockets are consumable"),
            whole("SOCKET", "SELECT_SOCKET", "Sockets are consumable", hidden=True),
            whole("CR_MEMORY", "SELECT_MEMORY", "Memory is consumable"),
            bit("MEMORY", "SELECT_MEMORY", "Memory is consumable", hidden=True),
        ),
        bit("BOARD", "SELECT_BOARD", "Boards are consumable", hidden=True),
        bit("CR_ONE_TASK_PER_CORE", "SELECT_ONE_TASK_PER_CORE", "One task per core by default"),
        bit("ONE_TASK_PER_CORE", "SELECT_ONE_TASK_PER_CORE", "One task per core by default", hidden=True),
        bit("CR_CORE_DEFAULT_DIST_BLOCK", "SELECT_CORE_DEFAULT_DIST_BLOCK", "Cores are handed out in blocks by default"),
        bit("CORE_DEFAULT_DIST_BLOCK", "SELECT_CORE_DEFAULT_DIST_BLOCK", "Cores are handed out in blocks by default", hidden=True),
        bit("CR_NO_DIST_TOPO_BLOCK", "SELECT_NO_DIST_TOPO_BLOCK", "Tasks ignore the topology"),
        bit("CR_LLN", "SELECT_LLN", "Least loaded nodes first"),
        bit("LLN", "SELECT_LLN", "Least loaded nodes first", hidden=True),
        bit("CR_PACK_NODES", "SELECT_PACK_NODES", "Tasks are packed on few nodes"),
        bit("PACK_NODES", "SELECT_PACK_NODES", "Tasks are packed on few nodes", hidden=True),
        bit("LL_SHARED_GRES", "SELECT_LL_SHARED_GRES", "Least loaded shared GRES first"),
        bit("MULTIPLE_SHARING_GRES_PJ", "SELECT_MULTIPLE_SHARING_GRES_PJ", "Several sharing GRES on a node for one job"),
        bit("ENFORCE_BINDING_GRES", "SELECT_ENFORCE_BINDING_GRES", "GRES go with the cores near"),
        bit("ONE_TASK_PER_SHARING_GRES", "SELECT_ONE_TASK_PER_SHARING_GRES", "One task for each sharing GRES"),
        bit("LINEAR", "SELECT_LINEAR", "Whole nodes only", hidden=True),
    ),
)

# Constants of an enum that no public header shows.
NODE_CR_TYPE = Flags(
    name="NODE_CR_TYPE",
    mask="INFINITE",
    since=V41,
    values=(
        whole("AVAILABLE", 0, "Resources are shared between jobs"),
        whole("ONE_ROW", 1, "Resources are not oversubscribed"),
        whole("RESERVED", 64000, "The whole node is given to one job"),
    ),
)

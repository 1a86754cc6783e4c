"""Resources that a job has: nodes, sockets, cores."""

from pyslurmrestd.data_parser.model import WHOLE_RECORD, Codec, F, Flags, Struct, bit, derived, either, list_of, whole

from ..codecs.jobs import ALLOCATED_CORES, ALLOCATED_CPUS
from ..codecs.no_val import UINT16_NO_VAL
from ..codecs.numbers import BOOL, UINT16, UINT32, UINT64
from ..codecs.strings import STRING
from ..versions import V40, V41, V44, V45
from .select_types import CR_TYPE, NODE_CR_TYPE, SELECT_TYPE_PARAM

# Numbers of the derived record, see pyslurmrestd/slurm/derived.pyx.
JOB_RES_CORE_STATUS = Flags(
    name="JOB_RES_CORE_STATUS",
    since=V41,
    values=(
        whole("INVALID", 0, "Not a status"),
        whole("UNALLOCATED", 1, "Not given to the job"),
        bit("ALLOCATED", 2, "Given to the job"),
        bit("IN_USE", 4, "In use by a step"),
    ),
)

JOB_RES_CORE = Struct(
    name="JOB_RES_CORE",
    record="derived_job_res_core_t",
    since=V41,
    fields=(
        F("index", UINT32, "Number of the core in its socket", required=True),
        F("status", JOB_RES_CORE_STATUS, "Whether the job has it, and uses it", required=True),
    ),
)

JOB_RES_CORE_ARRAY = list_of(JOB_RES_CORE, "JOB_RES_CORE_ARRAY", storage="ended", since=V41)

JOB_RES_SOCKET = Struct(
    name="JOB_RES_SOCKET",
    record="derived_job_res_socket_t",
    since=V41,
    fields=(
        F("index", UINT32, "Number of the socket in its node", required=True),
        F("cores", JOB_RES_CORE_ARRAY, "Its cores", required=True),
    ),
)

JOB_RES_SOCKET_ARRAY = list_of(JOB_RES_SOCKET, "JOB_RES_SOCKET_ARRAY", storage="ended", since=V41)

JOB_RES_NODE = Struct(
    name="JOB_RES_NODE",
    record="derived_job_res_node_t",
    since=V41,
    fields=(
        F("index", UINT32, "Number of the node in the job", required=True),
        F("name", STRING, "Name of the node", required=True),
        F("cpus/count", UINT16, "CPUs given to the job", required=True),
        F("cpus/used", UINT16, "CPUs in use by steps", required=True),
        F("memory/used", UINT64, "Memory in use by steps, in MB", required=True),
        F("memory/allocated", UINT64, "Memory given to the job, in MB", required=True),
        F("sockets", JOB_RES_SOCKET_ARRAY, "Its sockets", required=True),
    ),
)

JOB_RES_NODES = either(
    # Slurm: sockets and cores are objects, keyed by number, and only those in use are there.
    Codec(
        name="JOB_RES_NODES",
        kind="python",
        options={"function": "job_res_nodes_by_number"},
        type="array",
        parses=False,
        until=V40,
    ),
    derived(
        "JOB_RES_NODES",
        "job_res_nodes",
        list_of(JOB_RES_NODE, "JOB_RES_NODES", since=V41),
        type="array",
        items=JOB_RES_NODE,
        since=V41,
    ),
)

JOB_RES = either(
    Struct(
        name="JOB_RES",
        record="job_resources_t",
        until=V40,
        fields=(
            F("nodes", STRING, "Nodes of the job, as a hostlist"),
            F("allocated_cores", ALLOCATED_CORES, "Cores given to the job, if cores are consumable", source="ncpus"),
            F("allocated_cpus", ALLOCATED_CPUS, "CPUs given to the job, if CPUs are consumable", source="ncpus"),
            F("allocated_hosts", UINT32, "Number of nodes", source="nhosts"),
            F("allocated_nodes", JOB_RES_NODES, "What the job has on each node", source=WHOLE_RECORD),
        ),
    ),
    Struct(
        name="JOB_RES",
        record="job_resources_t",
        since=V41,
        fields=(
            F("select_type", SELECT_TYPE_PARAM, "Resources that are consumable", source="cr_type", required=True, since=V45),
            F("select_type", CR_TYPE, "Resources that are consumable", source="cr_type", required=True, until=V44),
            F("nodes/count", UINT32, "Number of nodes", source="nhosts", required=True),
            F("nodes/select_type", NODE_CR_TYPE, "How nodes are taken by the job", source="node_req", required=True),
            F("nodes/list", STRING, "Nodes of the job, as a hostlist", source="nodes", required=True),
            F("cpus", UINT32, "CPUs given to the job", source="ncpus", required=True),
            F("threads_per_core", UINT16_NO_VAL, "Threads of each core that the job uses", required=True),
            F("nodes/whole", BOOL, "Whether whole nodes were given", source="whole_node", required=True),
            F("nodes/allocation", JOB_RES_NODES, "What the job has on each node", source=WHOLE_RECORD, required=True),
        ),
    ),
)

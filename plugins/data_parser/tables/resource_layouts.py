"""Resources of a running job, node by node, as the controller laid them out."""

from pyslurmrestd.data_parser.model import F, Struct, list_of, pointer

from ..codecs.no_val import UINT32_NO_VAL
from ..codecs.numbers import UINT16, UINT64
from ..codecs.strings import BITSTR_PTR, STRING
from ..versions import V44
from .envelope import response

NODE_GRES_LAYOUT = Struct(
    name="NODE_GRES_LAYOUT",
    record="node_gres_layout_t",
    since=V44,
    fields=(
        F("name", STRING, "Name of the generic resource", required=True),
        F("type", STRING, "Its type"),
        F("count", UINT64, "How many the job has on the node"),
        F("index", BITSTR_PTR, "Which ones, as a list of ranges"),
    ),
)

NODE_GRES_LAYOUT_LIST = list_of(pointer(NODE_GRES_LAYOUT), "NODE_GRES_LAYOUT_LIST", storage="list", since=V44)

NODE_RESOURCE_LAYOUT = Struct(
    name="NODE_RESOURCE_LAYOUT",
    record="node_resource_layout_t",
    since=V44,
    fields=(
        F("node", STRING, "Name of the node", required=True),
        F("sockets_per_node", UINT16, "Sockets of the node"),
        F("cores_per_socket", UINT16, "Cores of each socket"),
        F("mem_alloc", UINT64, "Memory that the job has there, in MB"),
        F("core_bitmap", STRING, "Cores that the job has there, as a hexadecimal mask"),
        F("channel", UINT32_NO_VAL, "Channel of the interconnect"),
        F("gres", NODE_GRES_LAYOUT_LIST, "Generic resources that the job has there"),
    ),
)

NODE_RESOURCE_LAYOUT_LIST = list_of(pointer(NODE_RESOURCE_LAYOUT), "NODE_RESOURCE_LAYOUT_LIST", storage="list", since=V44)

OPENAPI_RESOURCE_LAYOUT_RESP = response(
    "OPENAPI_RESOURCE_LAYOUT_RESP",
    F("nodes", NODE_RESOURCE_LAYOUT_LIST, "What the job has on each of its nodes", required=True),
    since=V44,
)

"""Instances: nodes in a cloud, and when they were which machine."""

from pyslurmrestd.data_parser.model import F, Struct, list_of, pointer

from ..codecs.strings import CSV_STRING_LIST, STRING
from ..codecs.times import TIMESTAMP
from ..versions import V43, V44
from .envelope import response

INSTANCE = Struct(
    name="INSTANCE",
    record="slurmdb_instance_rec_t",
    fields=(
        F("cluster", STRING, "Cluster"),
        F("extra", STRING, "What else the node was given"),
        F("instance_id", STRING, "Id of the machine in the cloud"),
        F("instance_type", STRING, "Type of the machine in the cloud"),
        F("node_name", STRING, "Node"),
        F("time/time_end", TIMESTAMP, "When it ceased (UNIX time)", source="time_end"),
        F("time/time_start", TIMESTAMP, "When it began (UNIX time)", source="time_start"),
    ),
)

INSTANCE_LIST = list_of(pointer(INSTANCE), "INSTANCE_LIST", storage="list")

INSTANCE_CONDITION = Struct(
    name="INSTANCE_CONDITION",
    record="slurmdb_instance_cond_t",
    free="slurmdb_destroy_instance_cond",
    fields=(
        F("cluster", CSV_STRING_LIST, "Clusters", source="cluster_list"),
        F("extra", CSV_STRING_LIST, "What else nodes were given", source="extra_list"),
        F("format", CSV_STRING_LIST, "Read and not used", source="format_list", unwritten=True, deprecated=V43, until=V44),
        F("instance_id", CSV_STRING_LIST, "Ids of machines", source="instance_id_list"),
        F("instance_type", CSV_STRING_LIST, "Types of machines", source="instance_type_list"),
        F("node_list", STRING, "Nodes, as a hostlist"),
        F("time_end", TIMESTAMP, "There before this time (UNIX time)"),
        F("time_start", TIMESTAMP, "There after this time (UNIX time)"),
    ),
)

OPENAPI_INSTANCES_RESP = response("OPENAPI_INSTANCES_RESP", F("instances", INSTANCE_LIST, "Instances", required=True))

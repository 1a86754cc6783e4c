"""Clusters that slurmdbd accounts for."""

from typing import Any

from pyslurmrestd.data_parser.model import Codec, F, Flags, Struct, bit, either, list_of, pointer, removed, whole

from ..codecs.associations import ASSOC_SHORT
from ..codecs.numbers import BOOL16, UINT16, UINT32
from ..codecs.strings import STRING, STRING_LIST
from ..codecs.times import TIMESTAMP
from ..codecs.tres import TRES_STR
from ..versions import V40, V41, V42, V43, V44
from .envelope import response

CLUSTER_CLASSIFICATION = Flags(
    name="CLUSTER_CLASSIFICATION",
    values=(
        whole("UNCLASSIFIED", "SLURMDB_CLASS_NONE", "Not classified", mask="INFINITE16"),
        bit("CAPABILITY", "SLURMDB_CLASS_CAPABILITY", "For few large jobs"),
        bit("CAPACITY", "SLURMDB_CLASS_CAPACITY", "For many small jobs"),
        bit("CAPAPACITY (both CAPABILITY and CAPACITY)", "SLURMDB_CLASS_CAPAPACITY", "For both", until=V41),
        bit("CAPAPACITY", "SLURMDB_CLASS_CAPAPACITY", "For both", since=V42),
    ),
)

CLUSTER_REC_FLAGS = Flags(
    name="CLUSTER_REC_FLAGS",
    values=(
        bit("DELETED", "CLUSTER_FLAG_DELETED", "Deleted, and kept for what it used", since=V43),
        bit("REGISTERING", "CLUSTER_FLAG_REGISTER", "Its controller is registering"),
        bit("MULTIPLE_SLURMD", "CLUSTER_FLAG_MULTSD", "Several slurmd run on a host"),
        bit("FRONT_END", 0x200, "Not available any more", until=V41),
        bit("FEDERATION", "CLUSTER_FLAG_FED", "In a federation"),
        bit("EXTERNAL", "CLUSTER_FLAG_EXT", "Of another site"),
    ),
)


def _gone(**marks: Any) -> Codec:
    return Codec(name="SELECT_PLUGIN_ID", kind="constant", options={"data": ""}, type="string", parses=False, **marks)


SELECT_PLUGIN_ID = either(_gone(until=V40), _gone(removed=True, since=V41, until=V44))

CLUSTER_REC = Struct(
    name="CLUSTER_REC",
    record="slurmdb_cluster_rec_t",
    init="slurmdb_init_cluster_rec",
    free="slurmdb_destroy_cluster_rec",
    fields=(
        F("controller/host", STRING, "Host of slurmctld", source="control_host"),
        F("controller/port", UINT32, "Port of slurmctld", source="control_port"),
        F("flags", CLUSTER_REC_FLAGS, "Flags"),
        F("name", STRING, "Name"),
        F("nodes", STRING, "Nodes, as a hostlist"),
        removed("select_plugin", SELECT_PLUGIN_ID, "Not available any more", deprecated=V40, until=V44),
        F("associations/root", pointer(ASSOC_SHORT), "Association at the top of its tree", source="root_assoc"),
        F("rpc_version", UINT16, "Version of its messages"),
        F("tres", TRES_STR, "TRES it has", source="tres_str"),
    ),
)

CLUSTER_REC_LIST = list_of(pointer(CLUSTER_REC), "CLUSTER_REC_LIST", storage="list")

CLUSTER_CONDITION = Struct(
    name="CLUSTER_CONDITION",
    record="slurmdb_cluster_cond_t",
    init="slurmdb_init_cluster_cond",
    free="slurmdb_destroy_cluster_cond",
    fields=(
        F("classification", CLUSTER_CLASSIFICATION, "Classes"),
        F("cluster", STRING_LIST, "Names", source="cluster_list"),
        F("federation", STRING_LIST, "Federations", source="federation_list"),
        F("flags", CLUSTER_REC_FLAGS, "Flags, of which they have one"),
        F("format", STRING_LIST, "Read and not used", source="format_list", unwritten=True, deprecated=V43, until=V44),
        F("rpc_version", STRING_LIST, "Versions of messages", source="rpc_version_list"),
        F("usage_end", TIMESTAMP, "Usage up to this time (UNIX time)"),
        F("usage_start", TIMESTAMP, "Usage from this time on (UNIX time)"),
        F("with_deleted", BOOL16, "Also deleted ones"),
        F("with_usage", BOOL16, "With what was used"),
    ),
)

OPENAPI_CLUSTER_PARAM = Struct(name="OPENAPI_CLUSTER_PARAM", fields=(F("cluster_name", STRING, "Cluster", source="name"),))

OPENAPI_CLUSTERS_RESP = response("OPENAPI_CLUSTERS_RESP", F("clusters", CLUSTER_REC_LIST, "Clusters", required=True))

OPENAPI_CLUSTERS_REMOVED_RESP = response(
    "OPENAPI_CLUSTERS_REMOVED_RESP",
    F("deleted_clusters", STRING_LIST, "Clusters that were removed", required=True),
)

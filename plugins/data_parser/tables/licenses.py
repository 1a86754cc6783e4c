"""Licenses of the cluster, and how many are in use."""

from pyslurmrestd.data_parser.model import F, Struct, list_of

from ..codecs.numbers import BOOL, UINT32
from ..codecs.strings import STRING
from ..codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from ..versions import V44
from .envelope import response

LICENSE = Struct(
    name="LICENSE",
    record="slurm_license_info_t",
    fields=(
        F("LicenseName", STRING, "Name of the license", source="name"),
        F("Total", UINT32, "How many there are", source="total"),
        F("Used", UINT32, "How many are in use", source="in_use"),
        F("Free", UINT32, "How many are free", source="available"),
        F("Remote", BOOL, "Whether a license server counts them, not slurm.conf", source="remote"),
        F("Reserved", UINT32, "How many are reserved", source="reserved"),
        F("LastConsumed", UINT32, "Remote: how many the server last said are in use", source="last_consumed"),
        F("LastDeficit", UINT32, "Remote: how many more were in use than should be", source="last_deficit"),
        F("LastUpdate", TIMESTAMP, "Remote: when the server was last asked (UNIX time)", source="last_update"),
        F("Nodes", STRING, "Nodes on which it can be used, as a hostlist", source="nodes", since=V44),
    ),
)

LICENSES = list_of(LICENSE, "LICENSES", empty="Zero licenses to dump")

OPENAPI_LICENSES_RESP = response(
    "OPENAPI_LICENSES_RESP",
    F("licenses", LICENSES, "Licenses found", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
)

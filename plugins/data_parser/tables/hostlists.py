"""Hostlists and the names that they stand for, turned into one another."""

from pyslurmrestd.data_parser.model import F

from ..codecs.hostlists import HOSTLIST_STRING, HOSTLIST_STRING_TO_STRING
from ..versions import V44
from .envelope import response

# Each is the body of the one operation and the answer of the other.
OPENAPI_HOSTLIST_REQ_RESP = response(
    "OPENAPI_HOSTLIST_REQ_RESP",
    F("hostlist", HOSTLIST_STRING_TO_STRING, "Hostlist, such as c[1-3],d7", required=True),
    since=V44,
)

OPENAPI_HOSTNAMES_REQ_RESP = response(
    "OPENAPI_HOSTNAMES_REQ_RESP",
    F("hostnames", HOSTLIST_STRING, "Names of hosts, in order", required=True),
    since=V44,
)

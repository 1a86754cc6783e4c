"""Whether the controllers answer."""

from pyslurmrestd.data_parser.model import F, Struct, either, list_of

from ..codecs.controllers import CONTROLLER_PING_MODE, CONTROLLER_PING_PRIMARY, CONTROLLER_PING_RESULT
from ..codecs.numbers import BOOL, UINT64
from ..codecs.strings import ERROR, STRING
from ..versions import V42, V44, V45
from .envelope import response

CONTROLLER_PING = either(
    Struct(
        name="CONTROLLER_PING",
        record="controller_ping_t",
        until=V44,
        fields=(
            F("hostname", STRING, "Host on which the controller runs"),
            F("pinged", CONTROLLER_PING_RESULT, "UP if it answered, else DOWN", deprecated=V42),
            F("responding", BOOL, "Whether it answered", source="pinged", required=True, since=V42),
            F("latency", UINT64, "Time until it answered, in microseconds"),
            F("mode", CONTROLLER_PING_MODE, "Its role: primary, or backup with its number", source="offset", deprecated=V42),
            F("primary", CONTROLLER_PING_PRIMARY, "Whether it comes first among the controllers", source="offset", required=True, since=V42),
        ),
    ),
    Struct(
        name="CONTROLLER_PING",
        record="controller_ping_t",
        since=V45,
        fields=(
            F("hostname", STRING, "Host on which the controller runs"),
            F("responding", BOOL, "Whether it answered", source="pinged", required=True),
            F("latency", UINT64, "Time until it answered, in microseconds"),
            F("primary", CONTROLLER_PING_PRIMARY, "Whether it comes first among the controllers", source="offset", required=True),
            F("status", ERROR, "Result of the ping, as error text", source="rc"),
        ),
    ),
)

CONTROLLER_PING_ARRAY = list_of(CONTROLLER_PING, "CONTROLLER_PING_ARRAY")

OPENAPI_PING_ARRAY_RESP = response(
    "OPENAPI_PING_ARRAY_RESP",
    F("pings", CONTROLLER_PING_ARRAY, "One entry for each controller", required=True),
)

"""Whether the controllers answer."""

from pyslurmrestd.data_parser.model import F, Struct, either, list_of

from ..codecs import (
    BOOL,
    CONTROLLER_PING_MODE,
    CONTROLLER_PING_PRIMARY,
    CONTROLLER_PING_RESULT,
    ERROR,
    STRING,
    UINT64,
)
from ..versions import V42, V44, V45
from .envelope import response

CONTROLLER_PING = either(
    Struct(
        name="CONTROLLER_PING",
        record="controller_ping_t",
        until=V44,
        fields=(
            F("hostname", STRING, "hostname", "Host on which the controller runs"),
            F(
                "pinged",
                CONTROLLER_PING_RESULT,
                "pinged",
                "UP if it answered, else DOWN",
                deprecated=V42,
            ),
            F("responding", BOOL, "pinged", "Whether it answered", required=True, since=V42),
            F("latency", UINT64, "latency", "Time until it answered, in microseconds"),
            F(
                "mode",
                CONTROLLER_PING_MODE,
                "offset",
                "Its role: primary, or backup with its number",
                deprecated=V42,
            ),
            F(
                "primary",
                CONTROLLER_PING_PRIMARY,
                "offset",
                "Whether it comes first among the controllers",
                required=True,
                since=V42,
            ),
        ),
    ),
    Struct(
        name="CONTROLLER_PING",
        record="controller_ping_t",
        since=V45,
        fields=(
            F("hostname", STRING, "hostname", "Host on which the controller runs"),
            F("responding", BOOL, "pinged", "Whether it answered", required=True),
            F("latency", UINT64, "latency", "Time until it answered, in microseconds"),
            F(
                "primary",
                CONTROLLER_PING_PRIMARY,
                "offset",
                "Whether it comes first among the controllers",
                required=True,
            ),
            F("status", ERROR, "rc", "Result of the ping, as error text"),
        ),
    ),
)

CONTROLLER_PING_ARRAY = list_of(CONTROLLER_PING, "CONTROLLER_PING_ARRAY")

OPENAPI_PING_ARRAY_RESP = response(
    "OPENAPI_PING_ARRAY_RESP",
    F("pings", CONTROLLER_PING_ARRAY, "pings", "One entry for each controller", required=True),
)

"""How a controller answered a ping."""

from __future__ import annotations

from pyslurmrestd.data_parser.model import Codec, derived

from ..versions import V42, V44
from .numbers import BOOL
from .strings import STRING

CONTROLLER_PING_RESULT = Codec(
    name="CONTROLLER_PING_RESULT",
    kind="name",
    options={"table": {0: "DOWN", 1: "UP"}, "fallback": "UP"},
    type="string",
    parses=False,
    until=V44,
)
CONTROLLER_PING_MODE = derived(
    "CONTROLLER_PING_MODE", "controller_mode", STRING, type="string", until=V44
)
CONTROLLER_PING_PRIMARY = derived(
    "CONTROLLER_PING_PRIMARY", "controller_is_primary", BOOL, shown_as=BOOL, since=V42
)

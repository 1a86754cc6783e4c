"""Values of nodes that come from several members, or from none any more."""

from __future__ import annotations

from typing import Any, Literal

from pyslurmrestd.data_parser.model import Codec, derived, pointer

from ..versions import V44
from .numbers import INT32


def _gone(name: str, type: Literal["array", "object"], data: Any) -> Codec:
    """What Slurm removed in 24.05: a placeholder whatever the record, and any input is dropped."""
    return Codec(
        name=name,
        kind="constant",
        options={"data": data},
        type=type,
        removed=True,
        parses=False,
        until=V44,
    )


EXT_SENSORS_DATA = _gone("EXT_SENSORS_DATA", "object", {})
EXT_SENSORS_DATA_PTR = pointer(EXT_SENSORS_DATA)
POWER_MGMT_DATA = _gone("POWER_MGMT_DATA", "object", {})
POWER_MGMT_DATA_PTR = pointer(POWER_MGMT_DATA)
POWER_FLAGS = _gone("POWER_FLAGS", "array", [])

# The select plugins' weight went away with the plugins: Slurm 26.05 answers 0.
NODE_SELECT_TRES_WEIGHTED = Codec(
    name="NODE_SELECT_TRES_WEIGHTED",
    kind="constant",
    options={"data": 0.0},
    type="number",
    format="double",
    parses=False,
    until=V44,
)
NODE_SELECT_ALLOC_IDLE_CPUS = derived(
    "NODE_SELECT_ALLOC_IDLE_CPUS",
    "idle_cpus",
    INT32,
    type="integer",
    format="int32",
)

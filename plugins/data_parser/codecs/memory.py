"""Memory in megabytes, per node or per CPU: one C number, a bit tells which."""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec

from .no_val import UINT64_NO_VAL

__all__ = ["MEM_PER_CPUS", "MEM_PER_NODE", "Memory"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Memory(Codec):
    """Megabytes, or a text with a unit (K, M, G, T).

    :ivar per_cpu: the bit that says "per CPU" belongs to it.
    """

    per_cpu: bool


MEM_PER_CPUS = Memory(
    name="MEM_PER_CPUS",
    kind="memory",
    options={"per_cpu": True},
    shown_as=UINT64_NO_VAL,
    per_cpu=True,
)
MEM_PER_NODE = Memory(
    name="MEM_PER_NODE",
    kind="memory",
    options={"per_cpu": False},
    shown_as=UINT64_NO_VAL,
    per_cpu=False,
)

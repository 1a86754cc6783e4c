"""Sharing of a partition's nodes, which v0.0.45 says in words."""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec

from ..versions import V45
from .strings import STRING

__all__ = [
    "PARTITION_EXCLUSIVE",
    "PARTITION_OVERSUBSCRIBE",
    "PartitionExclusive",
    "PartitionOversubscribe",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class PartitionExclusive(Codec):
    """NO, NODE, USER or TOPO: kept in ``max_share`` and ``flags``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PartitionOversubscribe(Codec):
    """NO, YES:n or FORCE:n jobs on a resource."""


PARTITION_EXCLUSIVE = PartitionExclusive(
    name="PARTITION_EXCLUSIVE",
    kind="derived",
    options={"function": "partition_exclusive", "dumped_as": STRING},
    type="string",
    since=V45,
)
PARTITION_OVERSUBSCRIBE = PartitionOversubscribe(
    name="PARTITION_OVERSUBSCRIBE",
    kind="derived",
    options={"function": "partition_oversubscribe", "dumped_as": STRING},
    type="string",
    since=V45,
)

"""Sharing of a partition's nodes, which v0.0.45 says in words."""

from __future__ import annotations

import re
from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_text
from pyslurmrestd.data_parser.model import Codec
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V45
from .strings import STRING

_EXCLUSIVE: Final = {
    "NO": ("PART_FLAG_EXC_USER_CLR", "PART_FLAG_EXC_TOPO_CLR"),
    "NONE": ("PART_FLAG_EXC_USER_CLR", "PART_FLAG_EXC_TOPO_CLR"),
    "NODE": ("PART_FLAG_EXC_USER_CLR", "PART_FLAG_EXC_TOPO_CLR"),
    "USER": ("PART_FLAG_EXCLUSIVE_USER", "PART_FLAG_EXC_TOPO_CLR"),
    "TOPO": ("PART_FLAG_EXC_USER_CLR", "PART_FLAG_EXCLUSIVE_TOPO"),
}
_WHOLE_NODES: Final = ("NODE", "TOPO")

_SHARING: Final = re.compile(r"(?:NO|(YES|FORCE)(?::([0-9]{1,12}))?)", re.IGNORECASE | re.ASCII)
_DEFAULT_JOBS: Final = 4
_MOST_JOBS: Final = 0x7FFF


@record(kw_only=True, eq=False)
class PartitionExclusive(Codec):
    """NO, NODE, USER or TOPO: kept in ``max_share`` and ``flags``."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, int]:
        """The flags, with ``max_share`` for a word that keeps nodes whole."""
        if value is None:
            return {}
        word = (to_text(value) or "").upper()
        if word not in _EXCLUSIVE:
            context.fail(ErrorCode.REST_FAIL_PARSING, "expected NO, NODE, USER, or TOPO")
        flags = context.record.flags or 0
        for flag in _EXCLUSIVE[word]:
            flags |= context.constant(flag)
        return {"flags": flags, "max_share": 0} if word in _WHOLE_NODES else {"flags": flags}


@record(kw_only=True, eq=False)
class PartitionOversubscribe(Codec):
    """NO, YES:n or FORCE:n jobs on a resource."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The number of jobs, with the bit of FORCE."""
        if value is None:
            return None
        match = _SHARING.fullmatch(to_text(value) or "")
        if match is None:
            context.fail(ErrorCode.REST_FAIL_PARSING, "expected NO, YES[:#], or FORCE[:#]")
        if not match[1]:
            return 1
        if context.record.max_share == 0:
            context.warn(
                "Oversubscribe ignored, Exclusive=TOPO and Exclusive=NODE imply OverSubscribe=NO"
            )
            return None
        jobs = int(match[2] or _DEFAULT_JOBS)
        if jobs > _MOST_JOBS:
            context.fail(ErrorCode.REST_FAIL_PARSING, "count too large")
        force = match[1].upper() == "FORCE"
        if jobs < 1 or (jobs == 1 and not force):
            least = "FORCE count must be >= 1" if force else "YES count must be > 1"
            context.fail(ErrorCode.REST_FAIL_PARSING, least)
        return jobs | context.constant("SHARED_FORCE") if force else jobs


PARTITION_EXCLUSIVE = PartitionExclusive(
    name="PARTITION_EXCLUSIVE",
    kind="derived",
    options={"function": "partition_exclusive", "dumped_as": STRING},
    type="string",
    members=("flags", "max_share"),
    constants=(
        "PART_FLAG_EXCLUSIVE_TOPO",
        "PART_FLAG_EXCLUSIVE_USER",
        "PART_FLAG_EXC_TOPO_CLR",
        "PART_FLAG_EXC_USER_CLR",
    ),
    since=V45,
)
PARTITION_OVERSUBSCRIBE = PartitionOversubscribe(
    name="PARTITION_OVERSUBSCRIBE",
    kind="derived",
    constants=("SHARED_FORCE",),
    options={"function": "partition_oversubscribe", "dumped_as": STRING},
    type="string",
    since=V45,
)

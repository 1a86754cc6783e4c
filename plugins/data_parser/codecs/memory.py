"""Memory in megabytes, per node or per CPU: one C number, a bit tells which."""

from __future__ import annotations

import re
from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.model import Codec
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from .no_val import UINT64_NO_VAL

_TEXT: Final = re.compile(r"\s*\+?([0-9]{1,19})(?:([kmgt])b?)?", re.IGNORECASE | re.ASCII)
_MEGABYTES: Final = {"m": 1, "g": 1024, "t": 1024 * 1024}
_PER_CPU: Final = 1 << 63
"""The bit of MEM_PER_CPU (slurm.h)."""


@record(kw_only=True, eq=False)
class Memory(Codec):
    """Megabytes, or a text with a unit (K, M, G, T).

    :ivar per_cpu: the bit that says "per CPU" belongs to it.
    """

    per_cpu: bool

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """Megabytes, with the bit if it is per CPU; 0 is no limit, None unset."""
        if value is None:
            return None
        if isinstance(value, str):
            amount = self._from_text(context, value)
        else:
            amount = parse_value(UINT64_NO_VAL, value, context)
        if amount is None:
            return None
        if amount == context.constant("INFINITE64"):
            return 0
        if amount >= _PER_CPU:
            context.fail(
                ErrorCode.INVALID_TASK_MEMORY,
                f"Memory value {amount} equal or larger than {_PER_CPU}",
            )
        return amount | _PER_CPU if self.per_cpu else amount

    def _from_text(self, context: ParseContext, text: str) -> int:
        match = _TEXT.fullmatch(text)
        if match is None:
            context.fail(ErrorCode.CONVERSION_FAILED, f"Invalid formatted memory size: {text}")
        number, unit = int(match[1]), (match[2] or "m").lower()
        # Kilobytes are rounded up to whole megabytes.
        return -(-number // 1024) if unit == "k" else number * _MEGABYTES[unit]


MEM_PER_CPUS = Memory(
    name="MEM_PER_CPUS",
    kind="memory",
    options={"per_cpu": True},
    shown_as=UINT64_NO_VAL,
    constants=("INFINITE64",),
    per_cpu=True,
)
MEM_PER_NODE = Memory(
    name="MEM_PER_NODE",
    kind="memory",
    options={"per_cpu": False},
    shown_as=UINT64_NO_VAL,
    constants=("INFINITE64",),
    per_cpu=False,
)

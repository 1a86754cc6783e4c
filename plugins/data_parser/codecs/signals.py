"""Signals, by name or number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_int, to_text
from pyslurmrestd.data_parser.model import Codec
from pyslurmrestd.errors import ErrorCode

SIGNALS: Final[dict[int, str]] = {
    1: "HUP",
    2: "INT",
    3: "QUIT",
    6: "ABRT",
    9: "KILL",
    10: "USR1",
    12: "USR2",
    13: "PIPE",
    14: "ALRM",
    15: "TERM",
    17: "CHLD",
    18: "CONT",
    19: "STOP",
    20: "TSTP",
    21: "TTIN",
    22: "TTOU",
    23: "URG",
    24: "XCPU",
}
"""The short names of Slurm's signals by their Linux numbers."""

_NUMBERS: Final = {name: number for number, name in SIGNALS.items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class Signal(Codec):
    """A signal: a name with or without SIG, or a number."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The number of the signal; None when there is none."""
        if value is None or value == "":
            return None
        number = to_int(value)
        if number is None:
            text = to_text(value)
            if text is None:
                context.fail(
                    ErrorCode.CONVERSION_FAILED, f"expected string but got {context.got(value)}"
                )
            number = to_int(text.strip())
            if number is None:
                number = _NUMBERS.get(text.strip().upper().removeprefix("SIG"), -1)
        if not 0 <= number < 0xFFFF:
            context.fail(ErrorCode.CONVERSION_FAILED, f"Unknown signal {to_text(value)}")
        return number


SIGNAL = Signal(
    name="SIGNAL",
    kind="name",
    options={"table": SIGNALS, "fallback": None, "unset": "NO_VAL16"},
    type="string",
)

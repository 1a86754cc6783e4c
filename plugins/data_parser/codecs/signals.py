"""Signals, by name or number."""

from __future__ import annotations

from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_int, to_text
from pyslurmrestd.data_parser.model import Codec
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from .strings import STRING

SIGNALS: Final = (
    "HUP", "INT", "QUIT", "ABRT", "KILL", "USR1", "USR2", "PIPE", "ALRM", "TERM", "CHLD", "CONT",
    "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
)  # fmt: skip
"""The signals that Slurm knows by name."""


@record(kw_only=True, eq=False)
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
                name = text.strip().upper().removeprefix("SIG")
                number = context.constant(f"SIG{name}") if name in SIGNALS else -1
        if not 0 <= number < 0xFFFF:
            context.fail(ErrorCode.CONVERSION_FAILED, f"Unknown signal {to_text(value)}")
        return number


SIGNAL = Signal(
    name="SIGNAL",
    kind="derived",
    options={"function": "signal_name", "dumped_as": STRING, "reads": "H"},
    type="string",
    constants=tuple(f"SIG{name}" for name in SIGNALS),
)

"""Signals, by name or number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyslurmrestd.data_parser.model import Codec

__all__ = ["SIGNAL", "SIGNALS", "Signal"]

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Signal(Codec):
    """A signal: a name with or without SIG, or a number."""


SIGNAL = Signal(
    name="SIGNAL",
    kind="name",
    options={"table": SIGNALS, "fallback": None, "unset": "NO_VAL16"},
    type="string",
)

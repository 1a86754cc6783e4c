"""Points in time, as seconds since 1970."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import guess
from pyslurmrestd.data_parser.model import Codec, Either, Parser, either
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V41, V42
from .no_val import UINT64_NO_VAL
from .numbers import UINT64

_EPOCH: Final = re.compile("[0-9]{1,18}", re.ASCII)
_LENGTHS_OF_DATES: Final = (4, 6)
"""MMDD and MMDDYY."""


@record(kw_only=True, eq=False)
class Timestamp(Codec):
    """A point in time: seconds, Slurm's date text, or the object of an optional number.

    :ivar optional: may be unset; otherwise unset is an error.
    :ivar guesses: a text that is a number is seconds; otherwise any text is a date, but for one of
        digits that no date has the length of.
    """

    optional: bool
    guesses: bool

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """Seconds since 1970; None when unset."""
        seconds = self._seconds(context, guess(value) if self.guesses else value)
        if seconds in (-2, context.constant("NO_VAL64")):
            seconds = None
        if seconds is None and not self.optional:
            context.fail(ErrorCode.CONVERSION_FAILED, "Invalid or unset timestamp value")
        if seconds is not None and not -(1 << 63) <= seconds < 1 << 64:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected integer but got {context.got(value)}"
            )
        return seconds

    def _seconds(self, context: ParseContext, value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            return round(value) if math.isfinite(value) else None
        if isinstance(value, str):
            # Slurm: 24.11 refuses those; clients of its versions send them in queries all the same.
            if _EPOCH.fullmatch(value) and len(value) not in _LENGTHS_OF_DATES:
                return int(value)
            from .dates import read_date  # many patterns, for few requests

            seconds = read_date(value)
            if not seconds:
                context.fail(
                    ErrorCode.CONVERSION_FAILED, f"Parsing of {value} for timestamp failed"
                )
            return seconds
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        number: int | None = parse_value(UINT64_NO_VAL, value, context)
        return number


def _timestamp(name: str, kind: str, shown_as: Parser, *, optional: bool) -> Either:
    return either(
        Timestamp(
            name=name,
            kind=kind,
            shown_as=shown_as,
            optional=optional,
            constants=("NO_VAL64",),
            guesses=False,
            until=V41,
        ),
        Timestamp(
            name=name,
            kind=kind,
            shown_as=shown_as,
            optional=optional,
            constants=("NO_VAL64",),
            guesses=True,
            since=V42,
        ),
    )


TIMESTAMP = _timestamp("TIMESTAMP", "timestamp", UINT64, optional=False)
TIMESTAMP_NO_VAL = _timestamp("TIMESTAMP_NO_VAL", "timestamp_no_val", UINT64_NO_VAL, optional=True)

"""Numbers and booleans."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_bool, to_float, to_int
from pyslurmrestd.data_parser.model import Codec, either
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V42, V43


@record(kw_only=True, eq=False)
class Integer(Codec):
    """A whole number of ``bits`` bits; null leaves it unset.

    :ivar unset: the C constant that -1 stands for; None is the number with all bits set.
    """

    bits: int
    signed: bool = False
    unset: str | None = None

    @property
    def letter(self) -> str:
        unsigned = {16: "H", 32: "I", 64: "L"}[self.bits]
        return unsigned.lower() if self.signed else unsigned

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The number, in the range of the C member."""
        if value is None:
            return None
        number = to_int(value)
        if number is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected integer but got {context.got(value)}"
            )
        return self.in_range(context, number)

    def in_range(self, context: ParseContext, number: int) -> int:
        """The number as C keeps it: -1 and -2 are the ends of the range, as C prints them."""
        if not self.signed and -2 <= number < 0:
            if self.unset is not None:
                return context.constant(self.unset)
            return number + (1 << self.bits)
        low = -(1 << self.bits - 1) if self.signed else 0
        high = (1 << self.bits - self.signed) - 1
        if not low <= number <= high:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"Expected integer between {low} and {high} but got {number}",
            )
        return number


@record(kw_only=True, eq=False)
class Float(Codec):
    """A double; null leaves it unset."""

    def parse(self, context: ParseContext, value: Any) -> float | None:
        """The number, ``inf`` and ``nan`` included."""
        if value is None:
            return None
        number = to_float(value)
        if number is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"Expected floating point number but got {context.got(value)}",
            )
        return number


@record(kw_only=True, eq=False)
class Bool(Codec):
    """True or false, from any JSON scalar.

    :ivar unset: the C constant for null and -1; without one null is false.
    """

    unset: str | None = None

    def parse(self, context: ParseContext, value: Any) -> int:
        """1, 0 or the constant for unset."""
        if self.unset is not None and (value is None or value == -1):
            return context.constant(self.unset)
        chosen = to_bool(value)
        if chosen is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected boolean but got {context.got(value)}"
            )
        return int(chosen)


INT32 = Integer(
    name="INT32",
    kind="number",
    options={"signed": True},
    type="integer",
    format="int32",
    bits=32,
    signed=True,
)
INT64 = Integer(
    name="INT64",
    kind="number",
    options={"signed": True},
    type="integer",
    format="int64",
    bits=64,
    signed=True,
)
UINT16 = Integer(name="UINT16", kind="number", type="integer", format="int32", bits=16)
UINT32 = either(
    Integer(
        name="UINT32",
        kind="number",
        type="integer",
        format="int32",
        bits=32,
        unset="NO_VAL",
        constants=("NO_VAL",),
        until=V42,
    ),
    # Slurm: from here an unset number is null under +complex, else a placeholder and a warning.
    Integer(
        name="UINT32",
        kind="marked_number",
        type="integer",
        format="int32",
        bits=32,
        unset="NO_VAL",
        constants=("NO_VAL",),
        since=V43,
    ),
)
UINT64 = either(
    Integer(name="UINT64", kind="null_number", type="integer", format="int64", bits=64, until=V42),
    Integer(
        name="UINT64", kind="marked_number", type="integer", format="int64", bits=64, since=V43
    ),
)
FLOAT64 = either(
    Float(name="FLOAT64", kind="double", type="number", format="double", until=V42),
    Float(name="FLOAT64", kind="marked_double", type="number", format="double", since=V43),
)
FLOAT128 = either(
    Float(name="FLOAT128", kind="null_double", type="number", parses=False, until=V42),
    Float(name="FLOAT128", kind="marked_double", type="number", parses=False, since=V43),
)

BOOL = Bool(name="BOOL", kind="bool", type="boolean")
BOOL16 = Bool(name="BOOL16", kind="bool", type="boolean")
BOOL16_NO_VAL = Bool(
    name="BOOL16_NO_VAL",
    kind="no_val_bool",
    type="boolean",
    unset="NO_VAL16",
    constants=("NO_VAL16",),
)

OVERSUBSCRIBE_JOBS = Integer(
    name="OVERSUBSCRIBE_JOBS",
    kind="part",
    options={"mask": "SHARED_FORCE"},
    constants=("SHARED_FORCE",),
    type="integer",
    format="int32",
    bits=16,
)

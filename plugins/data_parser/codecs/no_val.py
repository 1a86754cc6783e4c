"""Numbers that can be unset or infinite: {set, infinite, number}.

The structs give the shape in the document; the codecs read and write the C number itself, in
which the highest values (NO_VAL, INFINITE) stand for unset and infinite.
"""

from __future__ import annotations

import math
from typing import Any, Final, NoReturn

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_bool, to_float, to_int, type_name
from pyslurmrestd.data_parser.model import Codec, Either, F, Parser, Struct, either
from pyslurmrestd.data_parser.parse import expect_type, parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record, replace

from ..versions import V40, V41, V42, V43
from .numbers import BOOL, FLOAT64, UINT16, UINT32, UINT64

_MARKS: Final = ("NO_VAL", "NO_VAL16", "NO_VAL64", "INFINITE", "INFINITE16", "INFINITE64")


@record(kw_only=True, eq=False)
class NoVal(Codec):
    """A number of ``bits`` bits, or a double, that can be unset or infinite.

    :ivar marks: the C constants for unset and infinite.
    """

    bits: int
    double: bool = False

    @property
    def letter(self) -> str:
        return "d" if self.double else {16: "H", 32: "I", 64: "L"}[self.bits]

    @property
    def marks(self) -> tuple[str, str]:
        suffix = {16: "16", 32: "", 64: "64"}[self.bits]
        return f"NO_VAL{suffix}", f"INFINITE{suffix}"

    def parse(self, context: ParseContext, value: Any) -> float | None:
        """The C number; None when unset."""
        number = self.read(context, value)
        if number is None:
            return None
        if self.double:
            return float(context.constant("INFINITE")) if number == math.inf else number
        unset, infinite = (context.constant(mark) for mark in self.marks)
        if number == math.inf or number == -1:
            return infinite
        if number in (-2, context.constant("NO_VAL64")):
            return None
        if self.bits < 64 and number >= context.constant("NO_VAL"):
            return infinite
        if not 0 <= number < 1 << self.bits:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"Expected integer between 0 and {(1 << self.bits) - 1} but got {number}",
            )
        return self.marked(infinite) if number == unset else number

    def marked(self, infinite: int) -> int | None:
        """What the mark for unset means when it is given as a plain number."""
        return None

    def read(self, context: ParseContext, value: Any) -> float | None:
        """The number that JSON data means: None for unset, ``math.inf`` for infinite."""
        if value is None:
            return None
        if isinstance(value, dict):
            return self.read_object(context, value)
        if isinstance(value, float) and math.isnan(value):
            return None
        number = self.read_number(value)
        if number is None or isinstance(value, bool | list):
            self.refuse(context, value)
        return number

    def read_number(self, value: Any) -> float | None:
        """The number of a JSON number or text."""
        if isinstance(value, float) and value == math.inf:
            return math.inf
        return to_float(value) if self.double else to_int(value)

    def read_object(self, context: ParseContext, value: dict[str, Any]) -> float | None:
        """The number of an object of set, infinite and number."""
        number = value.get("number")
        endless = _is_endless(number)
        shape = FLOAT64_NO_VAL_STRUCT if self.double else UINT64_NO_VAL_STRUCT
        if endless and not self.double:
            with context.at("number"):
                expect_type("integer", "int64", number, context)
        given = parse_value(shape, {**value, "number": None} if endless else value, context)
        return _choose(given.set, given.infinite, math.inf if endless else given.number)

    def refuse(self, context: ParseContext, value: Any) -> NoReturn:
        """Fail on data that is no number."""
        wanted = "floating point number" if self.double else "integer"
        context.fail(ErrorCode.CONVERSION_FAILED, f"Expected {wanted} but got {context.got(value)}")


@record(kw_only=True, eq=False)
class ObjectNoVal(NoVal):
    """As v0.0.40 reads it: an object in the first place, a number only with a warning."""

    def parse(self, context: ParseContext, value: Any) -> float | None:
        """The C number; None when unset."""
        expect_type("object", None, value, context)
        return super().parse(context, value)

    def marked(self, infinite: int) -> int | None:
        # Slurm: v0.0.40 takes both marks for infinite.
        return infinite

    def read_object(self, context: ParseContext, value: dict[str, Any]) -> float | None:
        """The number of an object, whose members are not looked at any closer."""
        switches = {}
        for key in ("set", "infinite"):
            switches[key] = to_bool(value[key]) if key in value else None
            if key in value and switches[key] is None:
                context.fail(
                    ErrorCode.CONVERSION_FAILED,
                    f'Expected bool for "{key}" field but got {type_name(value)}',
                )
        number = math.inf if _is_endless(value.get("number")) else None
        if number is None and "number" in value:
            number = self.read_number(value["number"])
            if number is None:
                wanted = "floating point" if self.double else "integer"
                context.fail(
                    ErrorCode.CONVERSION_FAILED,
                    f'Expected {wanted} number for "number" field but got {type_name(value)}',
                )
        if switches["set"] and not switches["infinite"] and number is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                'Expected "number" field when "set"=True but field not present',
            )
        return _choose(switches["set"], switches["infinite"], number)

    def refuse(self, context: ParseContext, value: Any) -> NoReturn:
        """Fail on data that is neither an object nor a number."""
        context.fail(ErrorCode.OBJECT_EXPECTED, f"Expected dictionary but got {type_name(value)}")


def _is_endless(number: Any) -> bool:
    """Whether the number of an object is infinity, as a text or as JSON's ``Infinity``."""
    return isinstance(number, str | float) and to_float(number) == math.inf


def _choose(is_set: bool | None, infinite: bool | None, number: float | None) -> float | None:
    """What an object means; a number without ``set`` counts, one with a false ``set`` does not."""
    if infinite:
        return math.inf
    if is_set is None:
        return number
    return (number or 0) if is_set else None


_NUMBER_40 = Codec(name="NUMBER", kind="number", type="integer", format="int64", until=V40)
_BOOL_40 = replace(BOOL, default=False, until=V40)


def _shape(name: str, number: Parser, *, since: bool) -> Struct:
    boolean = BOOL if since else _BOOL_40
    return Struct(
        name=name,
        since=V41 if since else None,
        until=None if since else V40,
        fields=(
            F("set", boolean, "Whether there is a number"),
            F("infinite", boolean, "Whether there is no limit"),
            F("number", number, "The number, if set"),
        ),
    )


UINT16_NO_VAL_STRUCT = _shape("UINT16_NO_VAL_STRUCT", UINT16, since=True)
UINT32_NO_VAL_STRUCT = _shape("UINT32_NO_VAL_STRUCT", UINT32, since=True)
UINT64_NO_VAL_STRUCT = _shape("UINT64_NO_VAL_STRUCT", UINT64, since=True)
FLOAT64_NO_VAL_STRUCT = _shape("FLOAT64_NO_VAL_STRUCT", FLOAT64, since=True)


def _no_val(name: str, shape: Struct, bits: int, *, double: bool = False) -> Either:
    """The codec with its two schemas: v0.0.40 names the object after the codec."""
    own = _shape(name, FLOAT64 if double else _NUMBER_40, since=False)
    common: dict[str, Any] = {
        "name": name,
        "kind": "no_val",
        "bits": bits,
        "double": double,
        "constants": _MARKS,
    }
    if not double:
        return either(
            ObjectNoVal(shown_as=own, until=V40, **common),
            NoVal(shown_as=shape, since=V41, **common),
        )
    # Slurm: 26.05 takes infinity for a number, for which it has a placeholder.
    return either(
        ObjectNoVal(shown_as=own, until=V40, **common),
        NoVal(shown_as=shape, since=V41, until=V41, **common),
        NoVal(shown_as=shape, options={"endless": "number"}, since=V42, until=V42, **common),
        NoVal(shown_as=shape, options={"endless": "marked"}, since=V43, **common),
    )


UINT16_NO_VAL = _no_val("UINT16_NO_VAL", UINT16_NO_VAL_STRUCT, 16)
UINT32_NO_VAL = _no_val("UINT32_NO_VAL", UINT32_NO_VAL_STRUCT, 32)
UINT64_NO_VAL = _no_val("UINT64_NO_VAL", UINT64_NO_VAL_STRUCT, 64)
FLOAT64_NO_VAL = _no_val("FLOAT64_NO_VAL", FLOAT64_NO_VAL_STRUCT, 64, double=True)

"""Numbers that can be unset or infinite: {set, infinite, number}.

The structs give the shape in the document; the codecs read and write the C number itself, in
which the highest values (NO_VAL, INFINITE) stand for unset and infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec, Either, F, Parser, Struct, either

from ..versions import V40, V41
from .numbers import BOOL, FLOAT64, UINT16, UINT32, UINT64

__all__ = [
    "FLOAT64_NO_VAL",
    "FLOAT64_NO_VAL_STRUCT",
    "UINT16_NO_VAL",
    "UINT16_NO_VAL_STRUCT",
    "UINT32_NO_VAL",
    "UINT32_NO_VAL_STRUCT",
    "UINT64_NO_VAL",
    "UINT64_NO_VAL_STRUCT",
    "NoVal",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class NoVal(Codec):
    """A number of ``bits`` bits, or a double, that can be unset or infinite.

    :ivar marks: the C constants for unset and infinite.
    """

    bits: int
    double: bool = False

    @property
    def marks(self) -> tuple[str, str]:
        suffix = {16: "16", 32: "", 64: "64"}[self.bits]
        return f"NO_VAL{suffix}", f"INFINITE{suffix}"


def _shape(name: str, number: Parser, *, since: bool) -> Struct:
    return Struct(
        name=name,
        since=V41 if since else None,
        until=None if since else V40,
        fields=(
            F("set", BOOL, "set", "Whether there is a number"),
            F("infinite", BOOL, "infinite", "Whether there is no limit"),
            F("number", number, "number", "The number, if set"),
        ),
    )


_NUMBER_40 = Codec(name="NUMBER", kind="number", type="integer", format="int64", until=V40)

UINT16_NO_VAL_STRUCT = _shape("UINT16_NO_VAL_STRUCT", UINT16, since=True)
UINT32_NO_VAL_STRUCT = _shape("UINT32_NO_VAL_STRUCT", UINT32, since=True)
UINT64_NO_VAL_STRUCT = _shape("UINT64_NO_VAL_STRUCT", UINT64, since=True)
FLOAT64_NO_VAL_STRUCT = _shape("FLOAT64_NO_VAL_STRUCT", FLOAT64, since=True)


def _no_val(name: str, shape: Struct, bits: int, *, double: bool = False) -> Either:
    """The codec with its two schemas: v0.0.40 names the object after the codec."""
    number = FLOAT64 if double else _NUMBER_40
    return either(
        NoVal(
            name=name,
            kind="no_val",
            shown_as=_shape(name, number, since=False),
            bits=bits,
            double=double,
            until=V40,
        ),
        NoVal(name=name, kind="no_val", shown_as=shape, bits=bits, double=double, since=V41),
    )


UINT16_NO_VAL = _no_val("UINT16_NO_VAL", UINT16_NO_VAL_STRUCT, 16)
UINT32_NO_VAL = _no_val("UINT32_NO_VAL", UINT32_NO_VAL_STRUCT, 32)
UINT64_NO_VAL = _no_val("UINT64_NO_VAL", UINT64_NO_VAL_STRUCT, 64)
FLOAT64_NO_VAL = _no_val("FLOAT64_NO_VAL", FLOAT64_NO_VAL_STRUCT, 64, double=True)

"""Numbers and booleans."""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec, either

from ..versions import V42, V43

__all__ = [
    "BOOL",
    "BOOL16",
    "BOOL16_NO_VAL",
    "FLOAT64",
    "INT32",
    "OVERSUBSCRIBE_JOBS",
    "UINT16",
    "UINT32",
    "UINT64",
    "Bool",
    "Float",
    "Integer",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Integer(Codec):
    """A whole number of ``bits`` bits; null is 0."""

    bits: int
    signed: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Float(Codec):
    """A double; null is 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bool(Codec):
    """True or false, from any JSON scalar."""

    unset: str | None = None


INT32 = Integer(name="INT32", kind="number", type="integer", format="int32", bits=32, signed=True)
UINT16 = Integer(name="UINT16", kind="number", type="integer", format="int32", bits=16)
UINT32 = either(
    Integer(name="UINT32", kind="number", type="integer", format="int32", bits=32, until=V42),
    # Slurm: from here an unset number is null under +complex, else a placeholder and a warning.
    Integer(
        name="UINT32", kind="marked_number", type="integer", format="int32", bits=32, since=V43
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

BOOL = Bool(name="BOOL", kind="bool", type="boolean")
BOOL16 = Bool(name="BOOL16", kind="bool", type="boolean")
BOOL16_NO_VAL = Bool(name="BOOL16_NO_VAL", kind="no_val_bool", type="boolean", unset="NO_VAL16")

OVERSUBSCRIBE_JOBS = Integer(
    name="OVERSUBSCRIBE_JOBS",
    kind="masked_number",
    options={"mask": "SHARED_FORCE"},
    type="integer",
    format="int32",
    bits=16,
)

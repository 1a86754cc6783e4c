"""Points in time, as seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec

from .no_val import UINT64_NO_VAL
from .numbers import UINT64

__all__ = ["TIMESTAMP", "TIMESTAMP_NO_VAL", "Timestamp"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Timestamp(Codec):
    """A point in time: seconds, Slurm's date text, or the object of an optional number.

    :ivar optional: may be unset; otherwise unset is an error.
    """

    optional: bool = False


TIMESTAMP = Timestamp(name="TIMESTAMP", kind="timestamp", shown_as=UINT64)
TIMESTAMP_NO_VAL = Timestamp(
    name="TIMESTAMP_NO_VAL", kind="timestamp_no_val", shown_as=UINT64_NO_VAL, optional=True
)

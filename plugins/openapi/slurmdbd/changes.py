"""What reads and writes of slurmdbd have in common: nothing found, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyslurmrestd.application.context import Context
from pyslurmrestd.data_parser.engine import Records
from pyslurmrestd.errors import ErrorCode, SlurmError

__all__ = ["found", "part", "unless_same"]


def found(ctx: Context, records: Records, call: str, source: str) -> Records:
    """The records that a call gave; that there are none is warned of."""
    if not len(records):
        ctx.warn(f"{call} found nothing", source)
    return records


@contextmanager
def part(call: str, what: str, source: str) -> Iterator[None]:
    """Name the part of a request that a call failed for, unless the error says more."""
    try:
        yield
    except SlurmError as error:
        error.tell(f"{call} failed for {what}", source)
        raise


@contextmanager
def unless_same() -> Iterator[None]:
    """A change to what there already is is none, and no error."""
    try:
        yield
    except SlurmError as error:
        if error.errno != ErrorCode.NO_CHANGE:
            raise

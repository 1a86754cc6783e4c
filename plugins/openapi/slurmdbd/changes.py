"""What reads and writes of slurmdbd have in common: nothing found, a part named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyslurmrestd.application.context import Context
from pyslurmrestd.errors import ErrorCode, SlurmError

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records
    from pyslurmrestd.slurm.slurmdbd import Kind
    from pyslurmrestd.slurm.written import Written

__all__ = ["change", "found", "part"]


def found(ctx: Context, kind: Kind, condition: Written, source: str) -> Records:
    """The records of a kind that a condition is true of; that there are none is warned of."""
    records = ctx.slurmdbd.get(kind, condition)
    if not len(records):
        ctx.warn(f"slurmdb_{kind}_get() found nothing", source)
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
def change(call: str, what: str, source: str, values: Mapping[str, Any]) -> Iterator[None]:
    """The same for a change of something that there is.

    Slurm: slurmdbd says that nothing has changed where nothing is to change, but also where the
    caller may not change it.
    """
    try:
        with part(call, what, source):
            yield
    except SlurmError as error:
        if error.errno != ErrorCode.NO_CHANGE:
            raise
        if values:
            raise SlurmError(ErrorCode.ACCESS_DENIED, error.text, source) from None

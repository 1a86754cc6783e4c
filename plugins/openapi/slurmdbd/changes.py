"""What reads and writes of slurmdbd have in common, as data: the kind of record that is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pyslurmrestd.application.context import Context
from pyslurmrestd.data_parser.model import Struct
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.record import field, record

from ...data_parser.codecs.hostlists import MOST_HOSTS, count_hosts
from ...data_parser.codecs.no_val import UINT32_NO_VAL
from ...data_parser.codecs.numbers import UINT32

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records
    from pyslurmrestd.slurm.slurmdbd import Kind

__all__ = ["Kept", "check_hosts", "check_limits", "part"]

_MOST: Final = (1 << 31) - 1
_INFINITE: Final = (1 << 32) - 1


@record(kw_only=True)
class Kept:
    """A kind of record of slurmdbd, as handlers read and write it.

    :ivar record: the struct of one; what it holds of a change is what changes.
    :ivar condition: the struct by which they are found.
    :ivar source: the function of slurmrestd that its errors name.
    :ivar denies: a change that the caller may not make is told by slurmdbd as one of nothing.
    :ivar unstored: flags that slurmdbd tells and that nobody sets, with their C constants.
    """

    kind: Kind
    record: Struct
    condition: Struct
    source: str
    denies: bool = False
    unstored: Mapping[str, str] = field(default_factory=dict)

    def get(self, ctx: Context, condition: Mapping[str, Any]) -> Records:
        """Those that a condition is true of."""
        return ctx.slurmdbd.get(self.kind, ctx.record(self.condition, condition))

    def found(self, ctx: Context, condition: Mapping[str, Any], source: str) -> Records:
        """The same for an answer; that there are none is warned of."""
        records = self.get(ctx, condition)
        if not len(records):
            ctx.warn(f"slurmdb_{self.kind}_get() found nothing", source)
        return records

    def only(self, ctx: Context, condition: Mapping[str, Any], what: str, source: str) -> Records:
        """The one that a condition is true of; ``what`` names the kind where there are more."""
        records = self.found(ctx, condition, source)
        if len(records) > 1:
            raise SlurmError(
                ErrorCode.AMBIGUOUS_QUERY,
                f"Ambiguous request: More than 1 {what} would have been dumped.",
                source,
            )
        return records

    def values(self, ctx: Context, records: Records, member: str) -> list[Any]:
        """A member of each, see ``Slurmdbd.values()``."""
        assert self.record.record is not None
        return ctx.slurmdbd.values(records, self.record.record, member)

    def add(self, ctx: Context, what: str, *records: Mapping[str, Any]) -> None:
        """Add some in one call; ``what`` names them in an error."""
        with part(f"slurmdb_{self.kind}_add()", what, self.source):
            ctx.slurmdbd.add(self.kind, [ctx.record(self.record, values) for values in records])

    def check_stored(
        self, ctx: Context, what: str, condition: Mapping[str, Any], place: str
    ) -> None:
        """Slurm: some of what cannot be added is left out without a word."""
        if not len(self.get(ctx, condition)):
            raise Rejected(ErrorCode.BAD_INPUT, f"slurmdbd did not store the {what}", place)

    def modify(
        self, ctx: Context, what: str, condition: Mapping[str, Any], values: Mapping[str, Any]
    ) -> None:
        """Change what a condition is true of, where there is something to change."""
        try:
            with part(f"slurmdb_{self.kind}_modify()", what, self.source):
                ctx.slurmdbd.modify(
                    self.kind,
                    ctx.record(self.condition, condition),
                    ctx.record(self.record, values),
                )
        except SlurmError as error:
            if error.errno != ErrorCode.NO_CHANGE:
                raise
            if values and self.denies:
                raise SlurmError(ErrorCode.ACCESS_DENIED, error.text, self.source) from None

    def remove(self, ctx: Context, condition: Mapping[str, Any]) -> list[str]:
        """Remove what a condition is true of; those removed, by name or as a text."""
        return ctx.slurmdbd.remove(self.kind, ctx.record(self.condition, condition))

    def flags(self, ctx: Context, flags: int | None) -> int:
        """The flags of a body that are stored; the others are warned of."""
        stored = flags or 0
        for word, constant in self.unstored.items():
            if stored & ctx.constant(constant):
                ctx.warn(f"Ignoring request to set flag: {word}", self.source)
                stored &= ~ctx.constant(constant)
        return stored


def check_limits(struct: Struct, values: Mapping[str, Any], place: str) -> None:
    """Slurm: a limit beyond 31 bits is dropped without a word.

    :param values: by source, as they were parsed at ``place``.
    """
    for row in struct.fields:
        if row.parser not in (UINT32, UINT32_NO_VAL) or row.source not in values:
            continue
        number = values[str(row.source)]
        if _MOST < number < _INFINITE:
            raise Rejected(
                ErrorCode.CONVERSION_FAILED,
                f"Expected integer between 0 and {_MOST} but got {number}",
                f"{place}{row.key}/",
            )


def check_hosts(text: str, place: str) -> None:
    """Refuse what is no hostlist, or one of more names than libslurm is to make."""
    count = count_hosts(text)
    if not count or count > MOST_HOSTS:
        raise Rejected(ErrorCode.CONVERSION_FAILED, f"Invalid hostlist: {text[:1000]}", place)


@contextmanager
def part(call: str, what: str, source: str) -> Iterator[None]:
    """Name the part of a request that a call failed for, unless the error says more."""
    try:
        yield
    except SlurmError as error:
        error.tell(f"{call} failed for {what}", source)
        raise

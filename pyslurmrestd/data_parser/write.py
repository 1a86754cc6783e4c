"""Write plans: how the values of a parsed struct are written into its C record.

The same definitions that are dumped and parsed say it: a row's member, and by the row's parser what
lies there. A struct names the functions that initialise and free its record. A record belongs to
no version, so a plan serves all of them. :mod:`pyslurmrestd.slurm.written` does the writing.

===================  ===============================  ====================================
parser of the row    member                           value
===================  ===============================  ====================================
codec, flags         number, text, array of texts     number, text or None, texts
the same             ``list_t`` of texts              texts
struct               record within the record         mapping of its members
pointer to struct    pointer to a record              mapping; makes the record if needed
list (``list``)      ``list_t`` of records, of texts  mappings, texts
list (``counted``)   array of records, and its count  mappings
===================  ===============================  ====================================

What is not mentioned stays as the record was initialised: unset, as Slurm marks it. Texts that
begin with ``+`` or ``-`` (a user to add to a reservation, a QOS to take from an association) are
Slurm's to understand, and written as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal

from ..record import record
from .model import Codec, Either, Field, List, Parser, Pointer, Struct
from .op import Member, MemberLayout

__all__ = ["Place", "WritePlan", "write_plan"]

_MOST_PLANS: Final = 512
_POINTER_SIZE: Final = 8


@record
class Place:
    """Where a value is written, and what it is there.

    :ivar record: the struct of the records that lie there, if it is no plain value.
    :ivar count: (counted) the member that tells how many.
    """

    member: Member
    holds: Literal["value", "nothing", "within", "pointer", "list", "counted"] = "value"
    record: Parser | None = None
    count: Member | None = None


@record
class WritePlan:
    """How one C record is made.

    :ivar init: the function that initialises it; None is all zeros.
    :ivar free: the function that frees it, with all it holds; None where its owner does.
    :ivar left: offsets of the lists that ``free`` leaves behind.
    :ivar initial: (member, number) of what is not zero in a record without ``init``.
    :ivar places: by source; members that no row names are plain values where the layout says.
    """

    record: str
    size: int
    init: str | None
    free: str | None
    left: tuple[int, ...]
    initial: tuple[tuple[Member, int], ...]
    places: Mapping[str, Place]
    layout: MemberLayout

    def place(self, source: str) -> Place:
        """Where the value of a source is written.

        :raises KeyError: the record has no such member.
        """
        return self.places.get(source) or Place(self.layout.member(self.record, source))


@lru_cache(_MOST_PLANS)
def write_plan(parser: Parser, layout: MemberLayout) -> WritePlan:
    """The plan of a struct (a pointer to it, a choice of structs).

    :raises TypeError: it has no C record, or a row does not fit its member.
    """
    structs = list(_structs(parser))
    records = {struct.record for struct in structs}
    record = structs[0].record if len(records) == 1 else None
    if record is None:
        raise TypeError(f"{parser.name} has no C record to be written into")
    places: dict[str, Place] = {}
    for struct in structs:
        for row in struct.fields:
            if not isinstance(row.source, str):
                continue
            place = _place(struct.name, record, row, layout)
            known = places.setdefault(row.source, place)
            if known.holds == "value" != place.holds:
                places[row.source] = place
    first = structs[0]
    return WritePlan(
        record=record,
        size=layout.size(record),
        init=first.init,
        free=first.free,
        left=tuple(layout.member(record, name).offset for name in first.left),
        initial=tuple(
            (layout.member(record, name), layout.constant(number))
            for name, number in first.initial.items()
        ),
        places=places,
        layout=layout,
    )


def _structs(parser: Parser) -> Iterator[Struct]:
    if isinstance(parser, Struct):
        yield parser
    elif isinstance(parser, Pointer):
        yield from _structs(parser.to)
    elif isinstance(parser, Either):
        for choice in parser.choices:
            yield from _structs(choice)
    else:
        raise TypeError(f"{parser.name} is no struct, so no record is made from it")


def _place(struct: str, record: str, row: Field, layout: MemberLayout) -> Place:
    assert isinstance(row.source, str)
    member = layout.member(record, row.source)
    if row.unwritten:
        return Place(member, "nothing")
    if member.absent:
        return Place(member)
    parser = row.parser.choices[0] if isinstance(row.parser, Either) else row.parser
    where = f"{struct}: {row.key} ({record}.{row.source})"
    if isinstance(parser, Struct) and parser.record is not None:
        if member.size != layout.size(parser.record):
            raise TypeError(f"{where} is no {parser.record}")
        return Place(member, "within", row.parser)
    if isinstance(parser, Pointer):
        to = parser.to.choices[0] if isinstance(parser.to, Either) else parser.to
        if isinstance(to, Struct):
            if member.kind != "x" or member.size != _POINTER_SIZE:
                raise TypeError(f"{where} is no pointer to a record")
            return Place(member, "pointer", parser.to)
        parser = to
    if isinstance(parser, List):
        return _list_place(where, record, parser, member, layout)
    return Place(member)


def _list_place(
    where: str, record: str, parser: List, member: Member, layout: MemberLayout
) -> Place:
    items = parser.items.to if isinstance(parser.items, Pointer) else parser.items
    target = items.choices[0] if isinstance(items, Either) else items
    of = target.written_as if isinstance(target, Codec) else items
    if parser.storage == "list":
        if member.kind != "T":
            raise TypeError(f"{where} is no list_t")
        return Place(member, "list", of)
    if parser.storage == "counted" and of is not None:
        assert parser.count is not None
        return Place(member, "counted", of, layout.member(record, parser.count))
    return Place(member)

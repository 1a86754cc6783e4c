"""Plans: resolved definitions and flags, flattened into what the engine walks.

A plan holds every text that does not depend on a record, keys and brackets and indents included,
so the engine writes values between them and never asks at which depth it is. What a codec dumps is
its kind's to say (:mod:`.kinds`); structs, lists, pointers and flags are planned here.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from ..record import replace
from . import engine
from .kinds import KINDS, NUMBERS
from .model import WHOLE_RECORD, Codec, Field, Flags, List, Parser, Pointer, Struct
from .op import Member, MemberLayout, Op
from .texts import Texts
from .version import ApiVersion

__all__ = ["MOST_PLANS", "Planner", "response_plan"]

ALL_BITS: Final = (1 << 64) - 1

MOST_PLANS: Final = 512
"""Plans that are kept; of more, the one that was not used for longest goes."""

_POINTER: Final = Member(0, 8, "x")

_C_TYPES: Final = {
    "b": "int8_t", "B": "uint8_t", "h": "int16_t", "H": "uint16_t", "i": "int32_t",
    "I": "uint32_t", "l": "int64_t", "L": "uint64_t", "?": "bool", "d": "double",
    "D": "long double", "s": "char *", "S": "char **", "T": "list_t *", "x": "record or pointer",
}  # fmt: skip


class Planner:
    """Makes the ops of one version, set of flags and style."""

    def __init__(
        self, version: ApiVersion, flags: frozenset[str], style: str, layout: MemberLayout
    ) -> None:
        self.version = version
        self.complex = "complex" in flags
        self.text = Texts(style)
        self.layout = layout
        self.needs: set[str] = set()
        self._where = "a value"

    def value(self, parser: Parser, member: Member, depth: int, record: str | None) -> Op:
        """The op of one value at ``member`` of a record."""
        if isinstance(parser, Codec):
            return self.codec(parser, member, depth, record)
        if isinstance(parser, Flags):
            return self.flags(parser, member, depth)
        if isinstance(parser, Struct):
            return self.struct(parser, member.offset, depth)
        if isinstance(parser, Pointer):
            return self.pointer(parser, member, depth, record)
        if isinstance(parser, List):
            return self.list(parser, member, depth, record)
        raise TypeError(f"{parser.name} has no plan")

    def codec(self, codec: Codec, member: Member, depth: int, record: str | None) -> Op:
        kind = KINDS.get(codec.kind)
        if kind is None:
            raise TypeError(f"{self._where}: {codec.name} is of no known kind: {codec.kind}")
        self.needs.update(codec.needs)
        self.fits(codec, member, codec.options.get("reads") or kind.members)
        op = Op(
            kind=codec.kind,
            letter=member.kind,
            word=kind.word,
            depth=depth,
            width=member.size,
            signed=member.kind in "bhil",
            real=member.kind in "dD",
            complex=self.complex,
            offset=member.offset,
        )
        return kind.make(self, codec, op, record)

    def fits(self, parser: Parser, member: Member, letters: str) -> None:
        """Check that a member is of a C type that the parser dumps.

        :param letters: of those types; empty is any.
        :raises TypeError: it is not; names row and member.
        """
        if letters and member.kind not in letters:
            kind = {Flags: "flags", List: "list"}.get(type(parser), getattr(parser, "kind", ""))
            wanted = ", ".join(_C_TYPES[letter] for letter in letters)
            raise TypeError(
                f"{self._where} is of the C type {_C_TYPES[member.kind]}, but {parser.name}"
                f" ({kind}) dumps {wanted}"
            )

    def scratch(self, parser: Parser, depth: int, options: Mapping[str, Any]) -> Op:
        """The op of a value that a derive function gives: value or pointer, then a count."""
        if isinstance(parser, Struct):
            absent = options.get("absent", self.absent(parser, null_ok=False))
            return self.pointed(parser, 0, depth, absent)
        return self.value(parser, _slot(parser), depth, None)

    def constant(self, data: Any) -> Op:
        return Op(kind="constant", texts=(self.text.data(data),))

    def flags(self, flags: Flags, member: Member, depth: int) -> Op:
        self.fits(flags, member, NUMBERS)
        whole_mask = ALL_BITS if flags.mask is None else self.layout.constant(flags.mask)
        width_mask = (1 << 8 * member.size) - 1
        rows = []
        for flag in flags.values:
            if flag.removed or (flag.hidden and not self.version.dumps_hidden_flags):
                continue
            try:
                number = self.layout.constant(flag.value)
            except KeyError:
                if flag.on:
                    continue  # this Slurm release has no such flag
                raise
            mask = whole_mask if flag.mask is None else self.layout.constant(flag.mask)
            if flag.match == "bit" and number and not number & width_mask:
                continue  # the member is too narrow to have it
            rows.append(
                (
                    number & width_mask,
                    mask & width_mask,
                    flag.match == "whole",
                    self.text.data(flag.word),
                )
            )
        return Op(
            kind="flag" if flags.single else "flags",
            letter=member.kind,
            word=flags.single,
            depth=depth,
            width=member.size,
            offset=member.offset,
            texts=self.text.list_texts(depth),
            flags=tuple(rows),
        )

    def pointer(
        self,
        pointer: Pointer,
        member: Member,
        depth: int,
        record: str | None,
        *,
        required: bool = False,
    ) -> Op:
        to = pointer.to
        absent = self.absent(to, null_ok=pointer.null_ok, required=required)
        if isinstance(to, List):
            op = self.list(to, member, depth, record)
            if record is None or pointer.null_ok:
                op = replace(op, texts=(*op.texts, self.text.data(absent)))
            return op
        if isinstance(to, Codec) and (record is None or to.kind == "constant"):
            return self.codec(to, member, depth, record)
        return self.pointed(to, member.offset, depth, absent)

    def pointed(self, to: Parser, offset: int, depth: int, absent: Any) -> Op:
        """What lies behind the pointer at ``offset``."""
        if isinstance(to, Struct):
            op = self.struct(to, 0, depth)
        else:
            op = self.value(to, replace(_slot(to), offset=0), depth, None)
        return Op(
            kind="pointer",
            depth=depth,
            offset=offset,
            texts=(b"", b"", b"", b"", b"", self.text.data(absent)),
            ops=(op,),
        )

    def absent(self, to: Parser, *, null_ok: bool, required: bool = False) -> Any:
        """What a NULL pointer is dumped as."""
        if self.complex or null_ok or (self.version.null_objects and not required):
            return None
        return [] if isinstance(to, List) else {}

    def list(self, parser: List, member: Member, depth: int, record: str | None) -> Op:
        """An array in the storage of its parser; in no record of Slurm's a count lies beside it."""
        items = parser.items
        target = items.to if isinstance(items, Pointer) else items
        element = target.record if isinstance(target, Struct) else None
        slot = replace(_slot(items), offset=0)
        stride = self.layout.size(element) if element else slot.size
        inner = self.text.element_depth(depth, target)
        op = Op(
            kind=parser.storage,
            depth=depth,
            offset=member.offset,
            texts=self.text.list_texts(depth),
        )
        if record is None and parser.storage in ("records", "counted", "list"):
            item = self.value(target, slot, inner, element)
            return replace(
                op, kind="counted", ops=(item,), stride=stride, count_offset=8, count_width=8
            )
        if parser.storage == "records":
            raise TypeError(f"{parser.name}: nothing tells how many elements a record has")
        if parser.storage == "list":
            self.fits(parser, member, "T")
            if isinstance(target, Struct) or isinstance(items, Pointer):
                item = self.pointed(target, 0, inner, None)
            else:
                item = self.value(items, slot, inner, record)
            return replace(op, ops=(item,), function=self.layout.function("list_for_each"))
        item = self.value(items, slot, inner, element or record)
        op = replace(op, ops=(item,), stride=stride if items is target else _POINTER.size)
        if parser.count is not None and record is not None:
            count = self.layout.member(record, parser.count)
            op = replace(op, count_offset=count.offset - op.offset, count_width=count.size)
        return op

    def struct(self, struct: Struct, offset: int, depth: int) -> Op:
        """An object: nested keys are opened and closed in the texts of the ops between them."""
        pending = b""
        ops: list[Op] = []
        sources: list[str] = []
        for lead, row, op in self._members(_tree(struct.fields), struct, depth):
            if op is None or row is None:
                pending += lead
            else:
                ops.append(replace(op, key=pending + lead))
                sources.append(_source(row))
                pending = b""
        if not ops:
            return self.constant({})
        return Op(
            kind="struct",
            depth=depth,
            offset=offset,
            texts=(self.text.object_open(), pending + self.text.object_close(depth)),
            ops=tuple(ops),
            sources=tuple(sources),
            known=struct.known,
        )

    def _members(
        self, tree: Mapping[str, Any], struct: Struct, depth: int
    ) -> Iterator[tuple[bytes, Field | None, Op | None]]:
        """(text before, row, its op) for each row; closing texts come with neither."""
        for place, (word, below) in enumerate(tree.items()):
            lead = (self.text.comma() if place else b"") + self.text.key(word, depth)
            if isinstance(below, Field):
                yield lead, below, self.row(below, struct, depth + 1)
            else:
                yield lead + self.text.object_open(), None, None
                yield from self._members(below, struct, depth + 1)
                yield self.text.object_close(depth + 1), None, None

    def row(self, row: Field, struct: Struct, depth: int) -> Op:
        record = struct.record
        if row.removed:
            return self.constant(self.removed(row))
        before, self._where = self._where, f"{struct.name}: {row.key} ({record}.{_source(row)})"
        try:
            if row.source is WHOLE_RECORD:
                member = Member(0, 0, "x")
                if isinstance(row.parser, Codec) and row.parser.kind == "strings":
                    member = _POINTER
            elif record is None:
                # A row of a response or of plain data: its value comes from Python.
                member = _slot(row.parser)
            else:
                member = self.layout.member(record, _source(row))
                if member.absent:
                    return self.constant(self.removed(row))
            if isinstance(row.parser, Pointer):
                return self.pointer(row.parser, member, depth, record, required=row.required)
            return self.value(row.parser, member, depth, record)
        finally:
            self._where = before

    def removed(self, row: Field) -> Any:
        if self.complex and self.version.null_objects:
            return None
        return empty_value(row.parser)


def empty_value(parser: Parser) -> Any:
    """The placeholder of a removed row, by the JSON type its parser comes down to."""
    if isinstance(parser, Pointer):
        return empty_value(parser.to)
    if isinstance(parser, List) or (isinstance(parser, Flags) and not parser.single):
        return []
    if isinstance(parser, Flags):
        return ""
    if isinstance(parser, Struct):
        return {}
    assert isinstance(parser, Codec)
    if parser.type is None and parser.shown_as is not None:
        return empty_value(parser.shown_as)
    empties: dict[str | None, Any] = {
        "string": "",
        "integer": 0,
        "number": 0.0,
        "boolean": False,
        "array": [],
        "object": {},
    }
    return empties[parser.type]


def _source(row: Field) -> str:
    """The name by which a value from Python is found; that of its member, if it has one."""
    return row.source if isinstance(row.source, str) else row.key.replace("/", ".")


def _slot(parser: Parser) -> Member:
    """A place for a value that lies in no record of Slurm's: the first bytes of a Scratch."""
    if isinstance(parser, Pointer) and isinstance(parser.to, Codec):
        return _slot(parser.to)
    if isinstance(parser, Flags):
        return Member(0, 8, "L")
    if not isinstance(parser, Codec):
        return _POINTER
    if parser.kind == "same":
        return _slot(parser.options["dumped_as"])
    takes = parser.options.get("reads") or KINDS[parser.kind].members
    letter = parser.letter or takes[:1] or "L"
    size = 8 if letter in "sSTx" else struct.calcsize(letter.replace("l", "q").replace("L", "Q"))
    # A derive function fills all 8 bytes with a number.
    return Member(8 - size if sys.byteorder == "big" else 0, size, letter)


def _tree(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Rows by nested keys; a nested object stands where its first row does."""
    tree: dict[str, Any] = {}
    for row in fields:
        if row.exploded:
            continue
        place = tree
        for part in row.path[:-1]:
            place = place.setdefault(part, {})
        place[row.path[-1]] = row
    return tree


@lru_cache(MOST_PLANS)
def response_plan(
    response: Struct, version: ApiVersion, flags: frozenset[str], style: str, layout: MemberLayout
) -> engine.Plan:
    """The plan of an answer: its rows are the struct's, its values come by their sources.

    Made once for the same arguments. What else an answer is to depend on, such as a choice of
    fields, is one argument more.
    """
    planner = Planner(version, flags, style, layout)
    return engine.Plan(
        style,
        [
            (_source(row), planner.text.key(row.key, 0), planner.row(row, response, 1))
            for row in response.fields
        ],
        planner.needs,
        response.known,
    )

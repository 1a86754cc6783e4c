"""C records dumped in plain Python, by the rows of their structs and without a plan, as data.

What a value of each kind is to be is said once more here: the engine is held against it.
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from pyslurmrestd.data_parser.model import (
    WHOLE_RECORD,
    Codec,
    Field,
    Flags,
    List,
    Parser,
    Pointer,
    Struct,
)
from pyslurmrestd.data_parser.op import Member
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.record import replace
from pyslurmrestd.slurm.layout import LAYOUT

__all__ = ["ELSEWHERE", "PlainDump", "told_here"]

ELSEWHERE: Final = frozenset(("derived", "python", "same", "user", "group"))
"""Kinds that are not told here: functions and the system decide what these are dumped as."""

_ALL: Final = (1 << 64) - 1
_MARKS: Final = {
    2: (0xFFFE, 0xFFFF),
    4: (0xFFFFFFFE, 0xFFFFFFFF),
    8: (_ALL - 1, _ALL),
    1: (_ALL - 1, _ALL),
}
_PER_CPU: Final = 1 << 63


def told_here(parser: Parser) -> Any:
    """The parser without the rows that are told elsewhere; None where nothing is left."""
    if isinstance(parser, Codec):
        return None if parser.kind in ELSEWHERE else parser
    if isinstance(parser, Pointer):
        to = told_here(parser.to)
        return None if to is None or not isinstance(to, Struct) else replace(parser, to=to)
    if isinstance(parser, List):
        items = told_here(parser.items)
        if parser.storage not in ("counted", "ended") or not isinstance(items, Struct):
            return None
        return replace(parser, items=items)
    if isinstance(parser, Struct):
        fields = tuple(
            replace(row, parser=kept)
            for row in parser.fields
            if not row.removed and not row.exploded and (kept := _row(row, parser)) is not None
        )
        return replace(parser, fields=fields) if fields else None
    return parser


def _row(row: Field, parent: Struct) -> Any:
    if parent.record is None:
        return None
    if row.source is WHOLE_RECORD:
        # A struct of the same record; all else makes something of several members.
        return told_here(row.parser) if isinstance(row.parser, Struct) else None
    if not isinstance(row.source, str) or LAYOUT.member(parent.record, row.source).absent:
        return None
    if isinstance(row.parser, Codec) and LAYOUT.member(parent.record, row.source).kind == "D":
        return None
    return told_here(row.parser)


def text_at(address: int) -> str | None:
    """A text of C: each byte that is no UTF-8 is a replacement."""
    if not address:
        return None
    text = ctypes.string_at(address).decode("utf-8", "surrogateescape")
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


class PlainDump:
    """Dumps for a version, in complex mode or not."""

    def __init__(self, version: ApiVersion, *, is_complex: bool) -> None:
        self.version = version
        self.is_complex = is_complex

    def struct(self, parser: Struct, address: int) -> dict[str, Any]:
        assert parser.record is not None
        told: dict[str, Any] = {}
        for row in parser.fields:
            *above, last = row.path
            place = told
            for part in above:
                place = place.setdefault(part, {})
            member = Member(0, 0, "x")
            if isinstance(row.source, str):
                member = LAYOUT.member(parser.record, row.source)
            place[last] = self.value(row, parser.record, address, member)
        return told

    def value(self, row: Field, record: str, address: int, member: Member) -> Any:
        at, parser = address + member.offset, row.parser
        if isinstance(parser, Pointer):
            target = _pointer(at)
            if target:
                return self.struct(parser.to, target)  # type: ignore[arg-type]
            null = self.version.null_objects and not row.required
            return None if self.is_complex or parser.null_ok or null else {}
        if isinstance(parser, Struct):
            return self.struct(parser, at)
        if isinstance(parser, List):
            return self.list(parser, record, address, at)
        if isinstance(parser, Flags):
            return self.flags(parser, _unsigned(at, member.size), member.size)
        assert isinstance(parser, Codec)
        if parser.kind == "strings":
            return self.strings(parser, record, address, at)
        return _KINDS[parser.kind](self, parser.options, at, member)

    def list(self, parser: List, record: str, address: int, at: int) -> list[Any]:
        items = parser.items
        assert isinstance(items, Struct)
        assert items.record is not None
        size, first = LAYOUT.size(items.record), _pointer(at)
        told: list[Any] = []
        if not first:
            return told
        if parser.storage == "counted":
            assert parser.count is not None
            count = LAYOUT.member(record, parser.count)
            for place in range(_unsigned(address + count.offset, count.size)):
                told.append(self.struct(items, first + place * size))
            return told
        while any(ctypes.string_at(first, size)):
            told.append(self.struct(items, first))
            first += size
        return told

    def strings(self, parser: Codec, record: str, address: int, at: int) -> list[Any]:
        items, count = parser.options.get("items"), parser.options.get("count")
        first = _pointer(address + LAYOUT.member(record, items).offset if items else at)
        told = []
        if not first:
            return []
        if count:
            member = LAYOUT.member(record, count)
            for place in range(_unsigned(address + member.offset, member.size)):
                text = text_at(_pointer(first + 8 * place))
                told.append(text if self.is_complex else text or "")
            return told
        while target := _pointer(first):
            told.append(text_at(target))
            first += 8
        return told

    def flags(self, parser: Flags, value: int, size: int) -> Any:
        whole_mask = _ALL if parser.mask is None else LAYOUT.constant(parser.mask)
        room = (1 << 8 * size) - 1
        words, covered = [], 0
        for flag in parser.values:
            if flag.removed or (flag.hidden and not self.version.dumps_hidden_flags):
                continue
            if flag.on and flag.value not in LAYOUT.constants:
                continue
            number = LAYOUT.constant(flag.value)
            mask = whole_mask if flag.mask is None else LAYOUT.constant(flag.mask)
            if flag.match == "whole":
                if value & mask & room == number & room:
                    covered |= mask
                    words.append(flag.word)
            elif (
                (number == 0 or number & room)
                and value & number == number & room
                and not covered & mask & room
            ):
                words.append(flag.word)
        if parser.single:
            return words[0] if words else ""
        return words

    def number_or_none(self, value: int | float | None) -> Any:
        """{set, infinite, number}; None is unset."""
        infinite = value == math.inf
        if self.is_complex:
            return "Infinity" if infinite else value
        number = 0 if value is None or infinite else value
        return {"set": value is not None and not infinite, "infinite": infinite, "number": number}


def _pointer(at: int) -> int:
    return int.from_bytes(ctypes.string_at(at, 8), "little")


def _unsigned(at: int, size: int) -> int:
    return int.from_bytes(ctypes.string_at(at, size), "little")


def _as_64(value: int) -> int:
    """As JSON has it: beyond 63 bits it is negative."""
    value &= _ALL
    return value - (1 << 64) if value >> 63 else value


def _integer(at: int, member: Member, signed: bool = False) -> int:
    signed = signed or member.kind.islower()
    return int.from_bytes(ctypes.string_at(at, member.size), "little", signed=signed)


def _real(at: int) -> float:
    return float(struct.unpack("d", ctypes.string_at(at, 8))[0])


def _spelled(value: float) -> Any:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _string(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    text = text_at(_pointer(at))
    return text if text is not None or dump.is_complex else ""


def _csv(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    return [part for part in (text_at(_pointer(at)) or "").split(",") if part]


def _bool(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    return any(ctypes.string_at(at, member.size))


def _no_val_bool(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _unsigned(at, member.size)
    if value == _MARKS[member.size][0]:
        return None if dump.is_complex else False
    return value != 0


def _number(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    return _as_64(_integer(at, member, options.get("signed", False)))


def _timestamp(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    return _as_64(_unsigned(at, member.size))


def _null_number(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _unsigned(at, member.size)
    return None if value in _MARKS[member.size] else _as_64(value)


def _marked_number(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _unsigned(at, member.size)
    unset, infinite = _MARKS[member.size]
    if dump.is_complex and value == infinite:
        return "Infinity"
    if dump.is_complex and value == unset and member.size < 8:
        return None
    return _as_64(value)


def _no_val(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    if member.kind == "d":
        return _no_val_double(dump, options, at)
    value = _integer(at, member)
    unset, infinite = _MARKS[member.size]
    if value & _ALL in (unset, infinite):
        return dump.number_or_none(None if value & _ALL == unset else math.inf)
    return dump.number_or_none(_as_64(value))


def _no_val_double(dump: PlainDump, options: Mapping[str, Any], at: int) -> Any:
    value, top = _real(at), float(_ALL)
    if math.isnan(value) or value == 0xFFFFFFFE:
        return dump.number_or_none(None)
    if value == 0xFFFFFFFF:
        return dump.number_or_none(math.inf)
    if math.isinf(value) or value == top:
        if dump.is_complex or options.get("endless") is None:
            return dump.number_or_none(math.inf)
        return {"set": True, "infinite": False, "number": top}
    return dump.number_or_none(value)


def _timestamp_no_val(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _unsigned(at, member.size)
    if value in (_ALL, 0xFFFFFFFF):
        return dump.number_or_none(math.inf)
    return dump.number_or_none(None if value in (_ALL - 1, 0xFFFFFFFE) else _as_64(value))


def _memory(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _unsigned(at, 8)
    if bool(value & _PER_CPU) != options["per_cpu"]:
        return dump.number_or_none(None)
    return dump.number_or_none(value & ~_PER_CPU)


def _part(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _unsigned(at, member.size)
    bits, wanted = options.get("only", (0, True))
    only = LAYOUT.constant(bits)
    if value & only != (only if wanted else 0) or (
        "zero" in options and value == _MARKS[member.size][0]
    ):
        value = 0
    else:
        value &= ~LAYOUT.constant(options.get("mask", 0))
        value -= LAYOUT.constant(options["zero"]) if "zero" in options else 0
    return value == 0 if options.get("is_zero") else _as_64(value)


def _name(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _integer(at, member) & _ALL
    table = {LAYOUT.constant(number): word for number, word in options["table"].items()}
    fallback = options.get("fallback", "")
    return table.get(value, str(_as_64(value)) if fallback is None else fallback)


def _double(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    return _spelled(_real(at))


def _null_double(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value = _real(at)
    return None if 0xFFFFFFFE <= value < 0x100000000 else _spelled(value)


def _marked_double(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    value, top = _real(at), float(_ALL)
    if math.isinf(value) or value == top:
        return "Infinity" if dump.is_complex else top
    if math.isnan(value) or value == 0xFFFFFFFE:
        return None if dump.is_complex else float(0xFFFFFFFE)
    return value


def _constant(dump: PlainDump, options: Mapping[str, Any], at: int, member: Member) -> Any:
    nothing = dump.is_complex and dump.version.null_objects
    return None if nothing else options["data"]


_KINDS: Final[dict[str, Callable[[PlainDump, Mapping[str, Any], int, Member], Any]]] = {
    "bool": _bool,
    "constant": _constant,
    "csv": _csv,
    "double": _double,
    "marked_double": _marked_double,
    "marked_number": _marked_number,
    "memory": _memory,
    "name": _name,
    "no_val": _no_val,
    "no_val_bool": _no_val_bool,
    "null_double": _null_double,
    "null_number": _null_number,
    "number": _number,
    "part": _part,
    "string": _string,
    "timestamp": _timestamp,
    "timestamp_no_val": _timestamp_no_val,
}

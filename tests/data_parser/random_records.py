"""Records of Slurm's structs with anything in them, laid out as the C compiler lays them out."""

from __future__ import annotations

import ctypes
import random
import struct
from typing import Any, Final

from pyslurmrestd.data_parser.engine import Records
from pyslurmrestd.data_parser.model import Codec, Field, List, Pointer, Struct
from pyslurmrestd.data_parser.op import Member
from pyslurmrestd.slurm.layout import LAYOUT

__all__ = ["Heap"]

_NUMBERS: Final = (
    0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE,
    0xFFFFFFFF, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 2, (1 << 64) - 1, 1795231361,
)  # fmt: skip

_REALS: Final = (
    0.0, -0.0, 1.0, 0.1, -2.5, 1e16, 1e300, -1e-300, 5e-324, float("nan"), float("inf"), 2.0**64,
    float("-inf"), float(0xFFFFFFFE), float(0xFFFFFFFF), float(0xFFFFFFFE) + 0.5, 123456789.123,
)  # fmt: skip

_PIECES: Final = (
    b"a", b"node[1-3]", b",", b",,", b" ", b"\t", b"\n", b"\r\n", b"\"", b"'", b"\\", b"/", b"</",
    b"\x01", b"\x1f", b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8", "é€".encode(), "\U0001f600".encode(),
    b"\xff", b"\xfe", b"\xc3", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xef\xbf\xbf", b"- ", b": ", b" #", b"[", b"]", b"{", b"}", b"&", b"*", b"!", b"|", b">",
    b"%", b"@", b"`", b"?", b"~", b"null", b"true", b"0x10", b"1e5", b".5", b"=", b"---", b"...",
    b"%YAML", b"\xef\xbb\xbf", b"x" * 400,
)  # fmt: skip


class Heap:
    """Memory that records and what they point to lie in, filled by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._kept: list[Any] = []

    def records(self, parser: Struct, count: int) -> tuple[Records, list[int]]:
        """Such records, and where they lie."""
        assert parser.record is not None
        address, size = self._array(parser, count), LAYOUT.size(parser.record)
        places = [address + number * size for number in range(count)]
        return Records.at(self, address, count, size), places

    def _take(self, data: bytes) -> int:
        held = ctypes.create_string_buffer(data, len(data) + 8)
        self._kept.append(held)
        return ctypes.addressof(held)

    def _array(self, parser: Struct, count: int) -> int:
        """Such records, and one of zeros behind them."""
        assert parser.record is not None
        size = LAYOUT.size(parser.record)
        address = self._take(bytes(size * (count + 1)))
        for place in range(count):
            self._fill(parser, address + place * size)
        return address

    def _fill(self, parser: Struct, address: int) -> None:
        assert parser.record is not None
        for row in parser.fields:
            if not isinstance(row.source, str):
                assert isinstance(row.parser, Struct)
                self._fill(row.parser, address)
                continue
            member = LAYOUT.member(parser.record, row.source)
            self._row(row, parser.record, address, member)

    def _row(self, row: Field, record: str, address: int, member: Member) -> None:
        at, parser = address + member.offset, row.parser
        if isinstance(parser, Struct):
            self._fill(parser, at)
        elif isinstance(parser, Pointer):
            assert isinstance(parser.to, Struct)
            self._write(at, "Q", self._array(parser.to, 1) if self._chance.random() < 0.8 else 0)
        elif isinstance(parser, List):
            assert isinstance(parser.items, Struct)
            self._some(at, address, record, parser.count, lambda n: self._array(parser.items, n))  # type: ignore[arg-type]
        elif isinstance(parser, Codec) and parser.kind == "strings":
            items, count = parser.options.get("items"), parser.options.get("count")
            if items:
                at = address + LAYOUT.member(record, items).offset
            self._some(at, address, record, count, lambda n: self._texts(n, bool(count)))
        elif member.kind == "s":
            self._write(at, "Q", self._text() if self._chance.random() < 0.85 else 0)
        elif member.kind == "d":
            self._write(at, "d", self._real())
        elif member.kind in "bBhHiIlL?":
            value = self._number() & ((1 << 8 * member.size) - 1)
            if member.kind == "?":
                value &= 1
            ctypes.memmove(at, value.to_bytes(member.size, "little"), member.size)

    def _some(self, at: int, address: int, record: str, counted: str | None, make: Any) -> None:
        """An array of no elements, some or very many; or none."""
        count = self._chance.choice((0, 0, 1, 2, 3))
        if self._chance.random() < 0.01:
            count = 250
        there = self._chance.random() < 0.85
        self._write(at, "Q", make(count) if there else 0)
        if counted is not None:
            member = LAYOUT.member(record, counted)
            count = count if there else 0
            ctypes.memmove(
                address + member.offset, count.to_bytes(member.size, "little"), member.size
            )

    def _texts(self, count: int, may_be_null: bool) -> int:
        addresses = [
            0 if may_be_null and self._chance.random() < 0.2 else self._text() for _ in range(count)
        ]
        return self._take(struct.pack(f"{count + 1}Q", *addresses, 0))

    def _text(self) -> int:
        length = self._chance.choice((0, 1, 2, 3, 5, 9))
        if self._chance.random() < 0.01:
            length = 3000
        return self._take(b"".join(self._chance.choices(_PIECES, k=length)) + b"\0")

    def _number(self) -> int:
        if self._chance.random() < 0.5:
            return self._chance.choice(_NUMBERS)
        return self._chance.getrandbits(self._chance.choice((4, 8, 16, 32, 64)))

    def _real(self) -> float:
        if self._chance.random() < 0.5:
            return self._chance.choice(_REALS)
        return float(struct.unpack("d", self._chance.randbytes(8))[0])

    @staticmethod
    def _write(at: int, form: str, value: Any) -> None:
        ctypes.memmove(at, struct.pack(form, value), 8)

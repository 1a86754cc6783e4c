"""C records made by hand in a bytearray, by a layout of the tests' own."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyslurmrestd.data_parser.engine import Records
from pyslurmrestd.data_parser.op import Member

__all__ = ["CONSTANTS", "Layout", "Memory", "address_of"]

CONSTANTS = {
    "CORE_SPEC_THREAD": 0x8000,
    "NICE_OFFSET": 0x80000000,
    "SLURM_AUTH_NOBODY": 99,
    "NO_VAL16": 0xFFFE,
    "BASE_MASK": 0xFF,
    "RUNNING": 1,
    "REQUEUE": 0x400,
    "HIGH_BIT": 1 << 63,
}

_POINTERS = "sSTx"


def _size(kind: str) -> int:
    if kind == "D":
        return ctypes.sizeof(ctypes.c_longdouble)
    return 8 if kind in _POINTERS else struct.calcsize(kind)


ForEach = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
Visit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def _for_each(items: int, function: int, argument: int) -> int:
    visit = Visit(function)
    while address := ctypes.c_uint64.from_address(items).value:
        visit(address, argument)
        items += 8
    return 0


_FOR_EACH = ForEach(_for_each)
"""Walks what :meth:`Memory.list` lays down, as libslurm walks its own lists."""


def address_of(function: Any) -> int:
    """Where a C function made by ctypes begins."""
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)


class Layout:
    """Where members lie, as a C compiler would lay them out.

    :param records: for each record its members in order with the letters of their types
        (``Member.kind``), or another record's name for one that lies within.
    :param functions: derive functions by name: addresses, or Python functions.
    """

    def __init__(
        self,
        records: Mapping[str, Mapping[str, str]],
        functions: Mapping[str, int | Callable[[int], Any]] | None = None,
    ) -> None:
        self._members: dict[tuple[str, str], Member] = {}
        self._sizes: dict[str, int] = {}
        self._functions = {"list_for_each": address_of(_FOR_EACH), **(functions or {})}
        for record, members in records.items():
            self._lay_out(record, members)

    def _lay_out(self, record: str, members: Mapping[str, str]) -> None:
        end, widest = 0, 1
        for name, kind in members.items():
            if kind in self._sizes:
                size, align, letter = self._sizes[kind], 8, "x"
            else:
                size = align = _size(kind)
                letter = kind
            offset = -(-end // align) * align
            self._members[record, name] = Member(offset, size, letter)
            for (inner, part), member in list(self._members.items()):
                if inner == kind:
                    self._members[record, f"{name}.{part}"] = Member(
                        offset + member.offset, member.size, member.kind
                    )
            end, widest = offset + size, max(widest, align)
        self._sizes[record] = -(-end // widest) * widest

    def member(self, record: str, name: str) -> Member:
        return self._members[record, name]

    def size(self, record: str) -> int:
        return self._sizes[record]

    def constant(self, name: str | int) -> int:
        return name if isinstance(name, int) else CONSTANTS[name]

    def function(self, name: str) -> int | Callable[[int], Any]:
        return self._functions[name]


class Memory:
    """A piece of memory, filled from its beginning."""

    def __init__(self, layout: Layout, size: int = 1 << 16) -> None:
        self.layout = layout
        self.bytes = bytearray(size)
        self.address = ctypes.addressof((ctypes.c_char * size).from_buffer(self.bytes))
        self._end = 8  # nothing lies at the beginning, so an offset of 0 stays free

    def put(self, data: bytes) -> int:
        """Lay data down; gives its address."""
        offset = -(-self._end // 8) * 8
        self._end = offset + len(data)
        assert self._end <= len(self.bytes)
        self.bytes[offset : self._end] = data
        return self.address + offset

    def text(self, text: bytes) -> int:
        return self.put(text + b"\0")

    def texts(self, texts: Sequence[bytes | None]) -> int:
        """An array of texts with a NULL behind it."""
        return self.pointers([0 if text is None else self.text(text) for text in texts])

    def pointers(self, addresses: Sequence[int]) -> int:
        return self.put(struct.pack(f"{len(addresses) + 1}Q", *addresses, 0))

    def list(self, *addresses: int) -> int:
        """A list of pointers, as the layout's ``list_for_each`` walks it."""
        return self.pointers(addresses)

    def records(self, record: str, *values: Mapping[str, Any]) -> Records:
        """Records one behind the other. Members not given are 0.

        Texts are given as bytes, arrays of texts as lists of them, pointers as addresses.
        """
        return Records.at(self, self.array(record, *values), len(values), self.layout.size(record))

    def array(self, record: str, *values: Mapping[str, Any]) -> int:
        """The address of such records; an all-zero one lies behind them."""
        size = self.layout.size(record)
        data = bytearray(size * (len(values) + 1))
        for place, given in enumerate(values):
            for name, value in given.items():
                member = self.layout.member(record, name)
                at = place * size + member.offset
                data[at : at + member.size] = self._packed(member, value)
        return self.put(bytes(data))

    def _packed(self, member: Member, value: Any) -> bytes:
        if member.kind == "D":
            return bytes(ctypes.c_longdouble(value))
        if member.kind not in _POINTERS:
            return struct.pack(member.kind.replace("l", "q").replace("L", "Q"), value)
        if isinstance(value, bytes):
            value = self.text(value)
        elif isinstance(value, list):
            value = self.texts(value)
        return struct.pack("Q", value or 0)

"""Answers compressed as they come, in such a way that the name of their client can be told anew.

The client's name stands in ``meta`` near the end of a body. From there on the body is sent as it
is, in a stored block (gzip) or a raw one (zstd): so it is found there again, and can be replaced
without compressing anything.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any, Final, Protocol

from ..record import replace
from .protocol import Block, Head

deflate: Any
try:  # ten times as fast, and not on every machine
    from isal import isal_zlib
except ImportError:
    deflate = zlib
else:
    deflate = isal_zlib

__all__ = ["LEAST", "OFFERED", "around", "coding_of", "encoded", "renamed"]

OFFERED: Final = ("zstd", "gzip") if find_spec("_zstd") else ("gzip",)
"""From the fastest on. Python has zstd since 3.14."""

LEAST: Final = 64 << 10
"""Bytes from which on it is worth the while."""

_TAIL: Final = 48 << 10
"""What may follow the client's name: a stored block has less than 64 KiB."""

_SLASHES: Final = ("/", "\\/")
"""How a slash is written: in YAML, and in JSON."""

_RAW: Final = -zlib.MAX_WBITS
_GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\x04\xff"
_GZIP_END: Final = 8


class _Stream(Protocol):
    """A body on its way through a compressor."""

    def add(self, data: Block) -> bytes: ...
    def end(self, literal: bytes) -> bytes:
        """The last bytes; ``literal`` stands in them as it is."""


class _Gzip:
    def __init__(self) -> None:
        self._deflate = deflate.compressobj(1, wbits=_RAW)
        self._before: bytes = _GZIP_HEAD
        self._sum = self._size = 0

    def add(self, data: Block) -> bytes:
        self._sum = deflate.crc32(data, self._sum)
        self._size += len(data)
        before, self._before = self._before, b""
        return before + bytes(self._deflate.compress(data))

    def end(self, literal: bytes) -> bytes:
        rest = self.add(b"") + bytes(self._deflate.flush(deflate.Z_SYNC_FLUSH))
        total = zlib.crc32(literal, self._sum)
        size = self._size + len(literal)
        return rest + _stored_head(len(literal)) + literal + _number(total) + _number(size)


class _Zstd:
    def __init__(self) -> None:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]

        self._compressor: Any = zstd.ZstdCompressor(level=1)

    def add(self, data: Block) -> bytes:
        return bytes(self._compressor.compress(data))

    def end(self, literal: bytes) -> bytes:
        rest = self._compressor.flush(self._compressor.FLUSH_BLOCK)
        return bytes(rest + _raw_head(len(literal)) + literal)


def encoded(answer: Iterable[Head | Block], coding: str, source: str) -> Iterator[Head | Block]:
    """An answer in a content coding, if it is long enough.

    :param source: the name of its client, see :class:`.Peer`.
    """
    items = iter(answer)
    head = next(items, None)
    if not isinstance(head, Head) or (head.length is not None and head.length < LEAST):
        if head is not None:
            yield head
        yield from items
        return
    told = {**(head.headers or {}), "Content-Encoding": coding, "Vary": "Accept-Encoding"}
    yield replace(head, length=None, headers=told)
    stream: _Stream = _Zstd() if coding == "zstd" else _Gzip()
    tail = b""
    for block in items:
        if isinstance(block, Head):
            raise TypeError("a second Head within an answer")
        tail += block
        if len(tail) > _TAIL:
            done = stream.add(memoryview(tail)[:-_TAIL])
            tail = tail[-_TAIL:]
            if done:
                yield done
    found = around(tail, source)
    name = len(tail) - len(found[1]) - len(_written(source, found[2])) if found else len(tail)
    before = stream.add(tail[:name])
    yield before + stream.end(tail[name:])


def coding_of(head: Head) -> str:
    """The content coding of an answer; empty for none."""
    return (head.headers or {}).get("Content-Encoding", "")


def around(tail: bytes, source: str, coding: str = "") -> tuple[bytes, bytes, str] | None:
    """The end of a body around the name of its client, and how slashes are written in it.

    None where the name stands in it twice, in some comment too, or cannot be sought; and where it
    is not what an encoded body ends with.
    """
    if not source.isascii() or not source.isprintable() or {'"', "\\"} & set(source):
        return None
    for slash in _SLASHES:
        before, name, behind = tail.partition(_written(source, slash))
        if not name:
            continue
        end = name + behind
        if name in behind or (coding and not _GZIP_END <= len(end) < LEAST):
            return None
        return (before, behind, slash) if before.endswith(_head(coding, end)) else None
    return None


def renamed(
    coding: str, before: bytes, behind: bytes, was: bytes, name: bytes
) -> tuple[bytes, bytes]:
    """What stands before and behind a client's name when another one takes its place.

    :param before, behind: what stood around the name that was.
    """
    if not coding:
        return before, behind
    before = before[: -len(_head(coding, was + behind))] + _head(coding, name + behind)
    if coding == "zstd":
        return before, behind
    text, end = behind[:-_GZIP_END], behind[-_GZIP_END:]
    total, size = (int.from_bytes(end[place : place + 4], "little") for place in (0, 4))
    # Of the sum over all, what the part before the name has given, moved on by what follows it.
    moved = total ^ zlib.crc32(was + text)
    grown = len(name) - len(was)
    for _ in range(grown):
        moved = _SUMS[moved & 0xFF] ^ (moved >> 8)
    for _ in range(-grown):
        low = _LOW[moved >> 24]
        moved = ((moved ^ _SUMS[low]) << 8 | low) & 0xFFFFFFFF
    total = moved ^ zlib.crc32(name + text)
    return before, text + _number(total) + _number(size + grown)


def _written(source: str, slash: str) -> bytes:
    return source.replace("/", slash).encode()


def _head(coding: str, end: bytes) -> bytes:
    """What stands before the part of an encoded body that is told as it is.

    :param end: all that follows.
    """
    if coding == "gzip":
        return _stored_head(len(end) - _GZIP_END)
    return _raw_head(len(end)) if coding else b""


def _stored_head(length: int) -> bytes:
    """The head of a last deflate block that tells its bytes as they are."""
    return b"\1%b%b" % (length.to_bytes(2, "little"), (length ^ 0xFFFF).to_bytes(2, "little"))


def _raw_head(length: int) -> bytes:
    """The head of a last zstd block that tells its bytes as they are."""
    return (length << 3 | 1).to_bytes(3, "little")


def _number(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


def _table() -> list[int]:
    """The sums of CRC-32 of each byte."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        table.append(value)
    return table


_SUMS: Final = _table()
_LOW: Final = {value >> 24: low for low, value in enumerate(_SUMS)}

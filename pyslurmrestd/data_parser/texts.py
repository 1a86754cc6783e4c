"""The texts of an answer that no record changes: keys, brackets, indents, and placeholders."""

from __future__ import annotations

from typing import Any

from . import engine
from .model import Codec, Flags, List, Parser

__all__ = ["Texts"]


class Texts:
    """The fixed texts of one style."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.yaml = style == "yaml"
        self.compact = style == "json_compact"

    def line(self, depth: int) -> bytes:
        return b"" if self.compact else b"\n" + b"  " * depth

    def data(self, data: Any) -> bytes:
        """A scalar or an empty container; others have no fixed text of their own."""
        text: bytes = engine.render(data, self.style)
        return text.removeprefix(b"%YAML 1.1\n--- ").removesuffix(b"\n...\n")

    def key(self, word: str, depth: int) -> bytes:
        """A key with the line before it, for the members of an object ``depth`` levels deep."""
        inner = depth if self.yaml else depth + 1
        return self.line(inner) + self.data(word) + (b":" if self.compact else b": ")

    def comma(self) -> bytes:
        return b"" if self.yaml else b","

    def object_open(self) -> bytes:
        return b"!!map" if self.yaml else b"{"

    def object_close(self, depth: int) -> bytes:
        return b"" if self.yaml else self.line(depth) + b"}"

    def list_texts(self, depth: int) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        """Open, before the first element, before another, close, and the whole empty list."""
        if self.yaml:
            dash = self.line(max(depth - 1, 0)) + b"- "
            return b"!!seq", dash, dash, b"", self.data([])
        inner = self.line(depth + 1)
        return b"[", inner, b"," + inner, self.line(depth) + b"]", b"[]"

    def element_depth(self, depth: int, item: Parser) -> int:
        # A YAML list in a list is indented once more: its dashes may not stand under this one's.
        return max(depth, 1) + _is_array(item) if self.yaml else depth + 1

    def n_texts(self, depth: int, nothing: float = 0) -> tuple[bytes, bytes, bytes, bytes]:
        """Of a {set, infinite, number}: unset, infinite, before and after a number.

        :param nothing: the number where there is none, ``0`` or ``0.0``.
        """

        def n(is_set: bool, infinite: bool) -> bytes:
            return (
                self.object_open()
                + self.key("set", depth)
                + self.data(is_set)
                + self.comma()
                + self.key("infinite", depth)
                + self.data(infinite)
                + self.comma()
                + self.key("number", depth)
            )

        end = self.object_close(depth)
        zero = self.data(nothing)
        return n(False, False) + zero + end, n(False, True) + zero + end, n(True, False), end


def _is_array(parser: Parser) -> bool:
    if isinstance(parser, Flags):
        return not parser.single
    return isinstance(parser, List) or (isinstance(parser, Codec) and parser.type == "array")

"""JSON as json-c reads it: what people write by hand, and what is broken in harmless ways.

Beyond the standard are accepted: comments of both kinds, single quotes, a comma after the last
element, words in any case, NaN and Infinity, line ends within strings, numbers with leading
zeros or an unfinished fraction or exponent, anything after the first value.
"""

from __future__ import annotations

import re
from math import inf, nan
from typing import Any, Final

from pyslurmrestd.serializer import LIMITS, Allowance, Limits, integer, until_nul

__all__ = ["MAX_DEPTH", "Malformed", "parse_lenient"]

MAX_DEPTH: Final = 32
"""Levels of values; json-c's default."""

# Possessive: what is taken is never given back, so a long text needs no memory to go back in.
_BLANK: Final = re.compile(r"(?:[ \t\r\n]++|/\*.*?\*/|//[^\n]*+\n)*+", re.DOTALL)
_PLAIN: Final = {'"': re.compile(r'[^"\\]*+'), "'": re.compile(r"[^'\\]*+")}
_HEX: Final = re.compile(r"[0-9A-Fa-f]{4}")
_NUMBER: Final = re.compile(
    r"(?P<integer>-?[0-9]++)(?P<fraction>\.[0-9]*+)?(?P<exponent>[eE][+-]?[0-9]*+)?"
    r"|-\.[0-9]++(?:[eE][+-]?[0-9]++)?"
)
_AFTER_NUMBER: Final = ",]}/ \t\r\n"
_WORDS: Final[tuple[tuple[str, Any], ...]] = (
    ("null", None),
    ("true", True),
    ("false", False),
    ("nan", nan),
    ("infinity", inf),
    ("-infinity", -inf),
)
_ESCAPES: Final = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}


class Malformed(Exception):
    """Not even json-c could read it."""


def parse_lenient(text: str, limits: Limits = LIMITS) -> Any:
    """The first value of a text. Raises :class:`Malformed` and TooMuchText."""
    return _Reader(until_nul(text), Allowance(limits)).value(1)


class _Reader:
    """A position in a text."""

    def __init__(self, text: str, allowance: Allowance) -> None:
        self.text = text
        self.allowance = allowance
        self.position = 0

    def next_character(self) -> str:
        """The character after blanks and comments, which is not taken yet; "" at the end."""
        match = _BLANK.match(self.text, self.position)
        assert match is not None
        self.position = match.end()
        return self.text[self.position : self.position + 1]

    def value(self, level: int) -> Any:
        if level > MAX_DEPTH:
            raise Malformed("nested too deeply")
        self.allowance.spend()
        character = self.next_character()
        if character == "{":
            return self.object(level)
        if character == "[":
            return self.array(level)
        if character in _PLAIN:
            return self.string(character)
        match = _NUMBER.match(self.text, self.position)
        if match is not None:
            return self.number(match, level)
        return self.word()

    def object(self, level: int) -> dict[str, Any]:
        self.position += 1
        members: dict[str, Any] = {}
        while (quote := self.next_character()) != "}":
            if quote not in _PLAIN:
                raise Malformed("a key is not quoted")
            key = self.string(quote)
            if self.next_character() != ":":
                raise Malformed("no colon after a key")
            self.position += 1
            members[key] = self.value(level + 1)
            if not self.comma("}"):
                break
        self.position += 1
        return members

    def array(self, level: int) -> list[Any]:
        self.position += 1
        items = []
        while self.next_character() != "]":
            items.append(self.value(level + 1))
            if not self.comma("]"):
                break
        self.position += 1
        return items

    def comma(self, end: str) -> bool:
        """Take the comma after an element; False when the container ends instead."""
        character = self.next_character()
        if character == end:
            return False
        if character != ",":
            raise Malformed("no comma after an element")
        self.position += 1
        return True

    def string(self, quote: str) -> str:
        parts = []
        self.position += 1
        while True:
            match = _PLAIN[quote].match(self.text, self.position)
            assert match is not None
            parts.append(match[0])
            self.position = match.end() + 1
            ended = self.text[match.end() : self.position]
            if ended == quote:
                return until_nul("".join(parts))
            if not ended:
                raise Malformed("a string without an end")
            parts.append(self.escaped())

    def escaped(self) -> str:
        """What the characters after a backslash stand for."""
        letter = self.text[self.position : self.position + 1]
        self.position += 1
        if letter == "u":
            return self.code_point()
        try:
            return _ESCAPES[letter]
        except KeyError:
            raise Malformed("an unknown escape") from None

    def code_point(self) -> str:
        """``\\uXXXX`` after its ``u``; half a surrogate pair is U+FFFD."""
        code = self.code_unit()
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\u", self.position):
            begin = self.position
            self.position += 2
            low = self.code_unit()
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))
            self.position = begin
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    def code_unit(self) -> int:
        match = _HEX.match(self.text, self.position)
        if match is None:
            raise Malformed("an escape without four hexadecimal digits")
        self.position = match.end()
        return int(match[0], 16)

    def number(self, match: re.Match[str], level: int) -> int | float:
        self.position = match.end()
        after = self.text[self.position : self.position + 1]
        if level > 1 and after not in _AFTER_NUMBER:
            raise Malformed("a number runs into something else")
        if match["integer"] and not match["fraction"] and not match["exponent"]:
            return integer(match[0])
        return float(match[0].rstrip("eE+-"))

    def word(self) -> Any:
        for word, value in _WORDS:
            end = self.position + len(word)
            if self.text[self.position : end].lower() == word:
                self.position = end
                return value
        raise Malformed("no value")

"""The interface of a serializer plugin: media types, and data read from text of such a type.

Answers are not written here: the engine alone writes text, in the style that a serializer names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, Protocol

from .errors import ErrorCode, SlurmError

__all__ = ["ANY", "FORM", "MalformedText", "Serializer", "integer", "styles", "until_nul"]

ANY: Final = "*/*"
FORM: Final = "application/x-www-form-urlencoded"
"""Queries are of this type, and bodies that name none."""


class Serializer(Protocol):
    """One format.

    :ivar name: with its prefix, ``serializer/json``.
    :ivar media_types: as Accept and Content-Type name the format, in lower case; the first one
        stands for it where a client leaves the choice open.
    :ivar style: the engine's style of answers in this format; None when there are none.
    """

    name: str
    media_types: tuple[str, ...]
    style: Literal["json", "yaml"] | None

    def parse(self, body: bytes | bytearray | memoryview) -> Any:
        """The data that a text stands for: dict, list, str, int, float, bool or None.

        Raises :class:`MalformedText` and nothing else.
        """


def styles(serializers: Iterable[Serializer], json: str = "json") -> dict[str, str | None]:
    """The engine's style by media type; None for what is read and never written.

    :param json: the style that JSON is written in, pretty or compact.
    """
    return {
        media: json if serializer.style == "json" else serializer.style
        for serializer in serializers
        for media in serializer.media_types
        if media != ANY
    }


class MalformedText(SlurmError):
    """A body or query that is not of its format (400).

    :ivar text: what the client is told, in plain text.
    """

    def __init__(self, text: str) -> None:
        super().__init__(ErrorCode.REST_FAIL_PARSING, text)


_LOWEST: Final = -(1 << 63)
_HIGHEST: Final = (1 << 64) - 1
_MOST_DIGITS: Final = 20
"""Of a number of 64 bits."""


def integer(digits: str) -> int | float:
    """The number that decimal digits with an optional sign stand for.

    One that needs more than 64 bits is given as the nearest float, infinity at the worst: what
    reads it then finds it too large for its type.
    """
    significant = digits.lstrip("+-0") or "0"
    if len(significant) <= _MOST_DIGITS:
        number = int(significant) if digits[0] != "-" else -int(significant)
        if _LOWEST <= number <= _HIGHEST:
            return number
    return float(digits)


def until_nul(text: str) -> str:
    """The text as C sees it: U+0000 is its end."""
    return text.partition("\0")[0]

"""The interface of a serializer plugin: media types, and data read from text of such a type.

Answers are not written here: the engine alone writes text, in the style that a serializer names.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from time import monotonic
from typing import Any, Final, Literal, Protocol

from .errors import ErrorCode, SlurmError
from .record import record

__all__ = [
    "ANY",
    "FORM",
    "LIMITS",
    "Allowance",
    "Limits",
    "MalformedText",
    "Serializer",
    "TooMuchText",
    "integer",
    "styles",
    "too_many_values",
    "until_nul",
]

ANY: Final = "*/*"
FORM: Final = "application/x-www-form-urlencoded"
"""Queries are of this type, and bodies that name none."""


@record
class Limits:
    """How much of a body is read: what a client sends must not decide what it costs.

    :ivar values: lists, objects and scalars; keys are not counted.
    :ivar lenient: bytes of what is read by slower means: all but strict JSON.
    :ivar seconds: for these means to read it.
    """

    values: int = 1_000_000
    lenient: int = 4 << 20
    seconds: float = 10.0

    def check_length(self, body: bytes, kind: str) -> None:
        """Raise :class:`TooMuchText` for a body that is too long to be read leniently."""
        if len(body) > self.lenient:
            raise TooMuchText(
                f"The body is {kind} of {len(body)} bytes; at most {self.lenient} are read, "
                "and more in strict JSON alone"
            )


LIMITS: Final = Limits()


class Allowance:
    """What is left of the limits while a text is read value by value."""

    __slots__ = ("_ends", "_left", "_limits")

    _PAUSE: Final = 1024
    """Values between two looks at the clock; a power of two."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.values
        self._ends = monotonic() + limits.seconds

    def spend(self) -> None:
        """One value more. Raises :class:`TooMuchText`."""
        self._left -= 1
        if self._left < 0:
            raise too_many_values(self._limits)
        if not self._left % self._PAUSE and monotonic() > self._ends:
            raise TooMuchText(
                f"The body could not be read within {self._limits.seconds:g} seconds; strict JSON "
                "is read faster"
            )


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

    def parse(self, body: bytes | bytearray | memoryview, limits: Limits = LIMITS) -> Any:
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


class TooMuchText(MalformedText):
    """A body beyond the limits (413)."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def too_many_values(limits: Limits) -> TooMuchText:
    return TooMuchText(f"The body has more than {limits.values} values")


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

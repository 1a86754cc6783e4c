"""JSON: answers in it, and request bodies, read as leniently as json-c reads them."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from pyslurmrestd.serializer import (
    LIMITS,
    Limits,
    MalformedText,
    Serializer,
    too_many_values,
)

__all__ = ["PLUGIN", "Json"]


class Json:
    """Strict JSON is read by orjson; only what is not goes through the slower lenient reader."""

    name = "serializer/json"
    media_types: tuple[str, ...] = ("application/json", "application/jsonrequest")
    style: Literal["json", "yaml"] | None = "json"

    def parse(self, body: bytes | bytearray | memoryview, limits: Limits = LIMITS) -> Any:
        """The first value of the text. Raises MalformedText."""
        # Where no body is read, none of this is imported: it takes longer than a short answer.
        import orjson

        body = bytes(body)
        _check_values(body, limits)
        try:
            data = _parse_strict(body)
        except orjson.JSONDecodeError:
            from .lenient_json import Malformed, parse_lenient

            limits.check_length(body, "lenient JSON")
            try:
                data = parse_lenient(body.decode(errors="replace"), limits)
            except Malformed:
                data = None
        if data is None:  # Slurm: a document that is null counts as unreadable.
            raise MalformedText("Failure during parsing")
        return data


# Up to the next text, and that text.
_TEXT: Final = re.compile(rb'([^"]*+)(?:"(?:[^"\\]++|\\.)*+"?+)?+', re.DOTALL)

_SLICE: Final = 1 << 20
"""Bytes that are looked at while no other thread can run."""


def _check_values(body: bytes, limits: Limits) -> None:
    """Raise TooMuchText before orjson makes more values than may be.

    A value follows a comma or the beginning of a list or object, but for the first. Only where
    more of these characters are there than may be, those within texts are told apart.
    """
    if _marks(body, limits.values) < limits.values:
        return
    left = limits.values - 1
    for number, match in enumerate(_TEXT.finditer(body)):
        left -= _marks(match[1], left)
        # A value has one key at most: with more texts than that it is no JSON in any case.
        if left < 0 or number > 2 * limits.values:
            raise too_many_values(limits)


def _marks(text: bytes, most: int) -> int:
    """How many characters are there that a value follows; no matter how many beyond so many."""
    found = 0
    for start in range(0, len(text), _SLICE):
        part = text[start : start + _SLICE]
        found += len(part) - len(part.translate(None, b",[{"))
        if found > most:
            break
    return found


def _parse_strict(body: bytes) -> Any:
    """Read strict JSON where json-c would read the same. Raises JSONDecodeError."""
    import orjson

    from .lenient_json import MAX_DEPTH

    if b"\\u0000" in body:
        raise orjson.JSONDecodeError("U+0000 ends a text", "", 0)
    data = orjson.loads(body)
    if body.count(b"[") + body.count(b"{") >= MAX_DEPTH and _deeper_than(data, MAX_DEPTH):
        raise orjson.JSONDecodeError("nested too deeply", "", 0)
    return data


def _deeper_than(data: Any, levels: int) -> bool:
    """Whether any value lies below that many levels; a value in no container is at the first."""
    if levels == 0:
        return True
    if isinstance(data, dict):
        data = list(data.values())
    return isinstance(data, list) and any(_deeper_than(value, levels - 1) for value in data)


PLUGIN: Final[Serializer] = Json()

"""Queries, and bodies of forms, which follow the same rules."""

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

__all__ = ["PLUGIN", "UrlEncoded"]

# Slurm: of all that a query may hold by its standard, only the unreserved characters may stand
# for themselves, and neither 00 nor FF may stand at all.
_TEXT: Final = rb"(?:[A-Za-z0-9\-._~+]++|%(?!00|[fF][fF])[0-9A-Fa-f]{2})"
_FIELD: Final = re.compile(rb"(%b++)(=++(%b*+))?+" % (_TEXT, _TEXT))
_SEPARATOR: Final = re.compile(rb"[&;]")


class UrlEncoded:
    """One flat object. Answers cannot be given in this format."""

    name = "serializer/url_encoded"
    media_types: tuple[str, ...] = ("application/x-www-form-urlencoded",)
    style: Literal["json", "yaml"] | None = None

    def parse(
        self, body: bytes | bytearray | memoryview, limits: Limits = LIMITS
    ) -> dict[str, Any]:
        """The values by their keys, in the order in which the keys first come.

        A value is a string; True where there is no ``=``; None where nothing is behind it; a
        list where a key is repeated. Raises MalformedText.
        """
        body = bytes(body)
        limits.check_length(body, "a form")
        if body.count(b"&") + body.count(b";") >= limits.values:
            raise too_many_values(limits)
        values: dict[str, Any] = {}
        repeated: set[str] = set()
        for text in _SEPARATOR.split(body):
            if not text:
                continue
            field = _FIELD.fullmatch(text)
            if field is None:
                raise MalformedText("Unspecified error")
            key = _decode(field[1])
            value = (_decode(field[3]) or None) if field[2] else True
            if key not in values:
                values[key] = value
            elif key in repeated:
                values[key].append(value)
            else:
                repeated.add(key)
                values[key] = [values[key], value]
        return values


def _decode(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    if b"%" in text:
        from urllib.parse import unquote_to_bytes  # takes longer to import than most forms to read

        text = unquote_to_bytes(text)
    return text.decode(errors="replace")


PLUGIN: Final[Serializer] = UrlEncoded()

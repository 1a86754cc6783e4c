"""JSON: answers in it, and request bodies, read as leniently as json-c reads them."""

from __future__ import annotations

from typing import Any, Final, Literal

import orjson

from pyslurmrestd.serializer import MalformedText, Serializer

from .lenient_json import MAX_DEPTH, Malformed, parse_lenient

__all__ = ["PLUGIN", "Json"]


class Json:
    """Strict JSON is read by orjson; only what is not goes through the slower lenient reader."""

    name = "serializer/json"
    media_types: tuple[str, ...] = ("application/json", "application/jsonrequest")
    style: Literal["json", "yaml"] | None = "json"

    def parse(self, body: bytes | bytearray | memoryview) -> Any:
        """The first value of the text. Raises MalformedText."""
        body = bytes(body)
        try:
            data = _parse_strict(body)
        except orjson.JSONDecodeError:
            try:
                data = parse_lenient(body.decode(errors="replace"))
            except Malformed:
                data = None
        if data is None:  # Slurm: a document that is null counts as unreadable.
            raise MalformedText("Failure during parsing")
        return data


def _parse_strict(body: bytes) -> Any:
    """Read strict JSON where json-c would read the same. Raises JSONDecodeError."""
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

"""Definition -> OpenAPI 3.0 schema; what stands for a nested definition is asked of the caller."""

from __future__ import annotations

from typing import Any, Protocol

from ..data_parser.model import Codec, Field, Flags, List, Parser, Pointer, Struct

__all__ = ["Schema", "flag_words", "schema_of", "shown"]

Schema = dict[str, Any]


class Place(Protocol):
    """Gives what stands where a definition is used: its schema, or a reference to it."""

    def __call__(self, parser: Parser, *, row: Field | None = None) -> Schema: ...


def shown(parser: Parser) -> Parser:
    """The definition whose schema the document shows in place of this one.

    Pointers are looked through, and so are codecs that borrow another definition's schema.
    """
    while True:
        if isinstance(parser, Pointer):
            parser = parser.to
        elif isinstance(parser, Codec) and parser.shown_as is not None:
            parser = parser.shown_as
        else:
            return parser


def schema_of(parser: Parser, place: Place) -> Schema:
    """The schema of a definition of one version (see :func:`.resolve.resolve`).

    Keys come in the order of slurmrestd's documents, which generated clients are compared by.
    """
    if isinstance(parser, Struct):
        return _object(parser, place)
    if isinstance(parser, List):
        return {"type": "array", "items": place(parser.items)}
    if isinstance(parser, Flags):
        if parser.single:
            return {"type": "string"}
        return {"type": "array", "items": {"enum": flag_words(parser), "type": "string"}}
    if isinstance(parser, Codec):
        return _value(parser, place)
    raise TypeError(f"{parser.name} has no schema")


def flag_words(flags: Flags) -> list[str]:
    """The words that the document lists. Hidden ones are understood but not told."""
    return [flag.word for flag in flags.values if not flag.hidden]


def _value(codec: Codec, place: Place) -> Schema:
    if codec.type is None:
        raise TypeError(f"{codec.name} tells no type for the document")
    schema: Schema = {"type": codec.type}
    if codec.format is not None:
        schema["format"] = codec.format
    if codec.type == "array":
        schema["items"] = place(codec.items) if codec.items is not None else {}
    elif codec.type == "object":
        schema["properties"] = {}
    if codec.words:
        schema["enum"] = list(codec.words)
    if codec.default is not None:
        schema["default"] = codec.default
    if codec.removed:
        schema["deprecated"] = True
    return schema


def _object(struct: Struct, place: Place) -> Schema:
    schema: Schema = {"type": "object", "properties": {}}
    required = []
    for row in struct.fields:
        if row.exploded:
            schema["properties"].update(_exploded(row))
            continue
        *parents, last = row.path
        at = schema
        for key in parents:
            at = at["properties"].setdefault(key, {"type": "object", "properties": {}})
        at["properties"][last] = place(row.parser, row=row)
        # A nested key cannot be listed here: OpenAPI knows the names of properties only.
        if row.required and not parents:
            required.append(last)
    if required:  # OpenAPI 3.0 allows no empty list
        schema["required"] = required
    return schema


def _exploded(row: Field) -> Schema:
    """Each word of a flag set as a boolean of its own."""
    flags = row.parser
    if not isinstance(flags, Flags):
        raise TypeError(f"{row.key}: only flags can be exploded")
    return {word: {"type": "boolean"} for word in flag_words(flags)}

"""Struct of a path or query -> the parameters of an operation in the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from ..data_parser.model import Codec, Flags, Struct
from ..data_parser.resolve import resolve
from ..data_parser.version import ApiVersion
from .schema import Schema, flag_words, shown

__all__ = ["parameters"]

Place = Literal["path", "query"]
_STYLE: Final[dict[Place, str]] = {"path": "simple", "query": "form"}


def parameters(struct: Struct | None, place: Place, version: ApiVersion) -> Iterator[Schema]:
    """One parameter for each row. All are texts: their parsers convert what they need.

    Rows that are objects are left out, since no text stands for them.
    """
    if struct is None:
        return
    for row in resolve(struct, version).fields:
        parser = shown(row.parser)
        if row.exploded and isinstance(parser, Flags):
            for flag in parser.values:
                if not flag.hidden:
                    yield _parameter(
                        place,
                        flag.word,
                        {"type": "string"},
                        description=flag.description,
                        boolean=True,
                        deprecated=_reached(flag.deprecated, version),
                        required=False,
                        version=version,
                    )
            continue
        is_number = isinstance(row.parser, Codec) and version.object_parameters
        if isinstance(parser, Struct) and not is_number:
            continue
        schema: Schema = {"type": "string"}
        if isinstance(parser, Flags):
            schema["enum"] = flag_words(parser)
        yield _parameter(
            place,
            row.key,
            schema,
            description=row.description,
            boolean=isinstance(parser, Codec) and parser.type == "boolean",
            deprecated=_reached(row.deprecated, version),
            required=row.required or place == "path",
            version=version,
        )


def _reached(since: ApiVersion | None, version: ApiVersion) -> bool:
    return since is not None and since <= version


def _parameter(
    place: Place,
    name: str,
    schema: Schema,
    *,
    description: str,
    boolean: bool,
    deprecated: bool,
    required: bool,
    version: ApiVersion,
) -> Schema:
    told: Schema = {"in": place, "name": name, "style": _STYLE[place], "explode": False}
    if deprecated or version.marks_deprecated:
        told["deprecated"] = True
    elif version.explicit_deprecated:
        told["deprecated"] = False
    told["allowEmptyValue"] = boolean  # a bare ?key is true
    told["allowReserved"] = False
    if description:
        told["description"] = description
    told["required"] = required
    told["schema"] = schema
    return told

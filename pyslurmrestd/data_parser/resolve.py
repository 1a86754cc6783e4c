"""Definitions of one API version: rows outside it dropped, every choice made."""

from __future__ import annotations

from typing import Any, TypeVar

from ..record import replace
from .model import Codec, Either, Flags, List, Parser, Pointer, Struct
from .version import ApiVersion

__all__ = ["Absent", "exists", "resolve"]

_P = TypeVar("_P", bound=Parser)


class Absent(LookupError):
    """The version has no such parser."""


def exists(parser: Parser, version: ApiVersion) -> bool:
    """Whether the version has the parser."""
    if isinstance(parser, Either):
        return any(version in choice.range for choice in parser.choices)
    return version in parser.range


_resolved: dict[tuple[int, ApiVersion], tuple[Parser, Parser]] = {}


def resolve(parser: _P, version: ApiVersion) -> _P:
    """The parser as it is in the version; the same object each time it is asked for.

    :raises Absent: the version has no such parser.
    """
    key = (id(parser), version)
    known = _resolved.get(key)
    if known is None:
        # The original is kept beside the result, so its id stays its own.
        known = _resolved[key] = (parser, _at(parser, version))
    result: Any = known[1]
    return result  # type: ignore[no-any-return]


def _at(parser: Parser, version: ApiVersion) -> Parser:
    if isinstance(parser, Either):
        for choice in parser.choices:
            if version in choice.range:
                chosen = resolve(choice, version)
                if isinstance(chosen, Struct):
                    return replace(chosen, known=_sources(parser))
                return chosen
        raise Absent(f"{parser.name} is not in {version}")
    if version not in parser.range:
        raise Absent(f"{parser.name} is not in {version}")
    if isinstance(parser, Struct):
        return replace(
            parser,
            fields=tuple(
                replace(row.at(version), parser=resolve(row.parser, version))
                for row in parser.fields
                if version in row.range
            ),
            known=parser.known or _sources(parser),
        )
    if isinstance(parser, Flags):
        return replace(
            parser, values=tuple(flag for flag in parser.values if version in flag.range)
        )
    if isinstance(parser, List):
        return replace(parser, items=resolve(parser.items, version))
    if isinstance(parser, Pointer):
        to = resolve(parser.to, version)
        return replace(parser, to=to)
    if isinstance(parser, Codec):
        return _codec_at(parser, version)
    raise TypeError(f"{parser!r} is no definition")


def _sources(parser: Parser) -> frozenset[str]:
    """The sources of a struct, or of a choice of structs, in any version."""
    structs = parser.choices if isinstance(parser, Either) else (parser,)
    return frozenset(
        row.source if isinstance(row.source, str) else row.key.replace("/", ".")
        for struct in structs
        if isinstance(struct, Struct)
        for row in struct.fields
    )


def _codec_at(codec: Codec, version: ApiVersion) -> Codec:
    changes: dict[str, Any] = {}
    if codec.shown_as is not None:
        changes["shown_as"] = resolve(codec.shown_as, version)
    if codec.items is not None:
        changes["items"] = resolve(codec.items, version)
    inner = codec.options.get("dumped_as")
    if inner is not None:
        changes["options"] = {**codec.options, "dumped_as": resolve(inner, version)}
    return replace(codec, **changes) if changes else codec

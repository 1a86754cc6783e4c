"""From JSON data to the values of a record: objects, lists, pointers, flags and codecs.

The texts of errors and warnings are Slurm's own: clients match them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from pyslurmrestd.errors import ErrorCode

from .context import ParseContext
from .flag_words import parse_exploded, parse_flags
from .guess import to_text, type_name
from .model import Codec, Field, Flags, List, Parser, Pointer, Struct, Whole
from .parsed import Parsed
from .resolve import resolve

__all__ = ["ParseContext", "expect_type", "parse_value"]

_ABSENT: Final = object()

_SLURM_TYPES: Final = {
    "string": "string",
    "integer": "64 bit integer",
    "number": "floating point number",
    "boolean": "boolean",
    "array": "list",
    "object": "dictionary",
}
_JSON_TYPES: Final = {slurm: json for json, slurm in _SLURM_TYPES.items()}


def parse_value(parser: Parser, data: Any, context: ParseContext) -> Any:
    """The value that ``data`` stands for; None when it says nothing.

    A struct gives a :class:`Parsed`, a list a list, flags a number, a codec what its C member
    takes. Errors and warnings are noted in the context.

    :raises ParseError: the data cannot be understood; what led to it is in ``context.errors``.
    """
    parser = resolve(parser, context.version)
    for kind, parse in _PARSES:
        if isinstance(parser, kind):
            return parse(parser, data, context)
    raise TypeError(f"{parser!r} is no definition")


def expect_type(type: str, format: str | None, data: Any, context: ParseContext) -> None:
    """Warn when data has another type than the document says; it may still be understood."""
    given = type_name(data)
    wanted = _SLURM_TYPES[type]
    if context.fast or context.complex or data is None or given == wanted:
        return
    described = f"{type} format={format}" if format else type
    value = "" if context.version.names_types else f": {context.got(data)}"
    context.warn(
        f"Expected OpenAPI type={described} (Slurm type={wanted}) but got"
        f" OpenAPI type={_JSON_TYPES[given]} (Slurm type={given}){value}"
    )


def _parse_codec(codec: Codec, data: Any, context: ParseContext) -> Any:
    if codec.removed:
        if data is not None:
            context.warn("Ignoring value for removed parser")
        return None
    if codec.type is not None:
        expect_type(codec.type, codec.format, data, context)
    if not codec.parses:
        context.warn(
            f"data_parser/{context.version} does not support parser {codec.name} for parsing."
            " Output may be incomplete."
        )
        return None
    return codec.parse(context, data)


def _parse_list(parser: List, data: Any, context: ParseContext) -> list[Any]:
    if not isinstance(data, list):
        text = to_text(data)
        if text is None:
            context.fail(ErrorCode.LIST_EXPECTED, f"Expected List but found a {type_name(data)}")
        data = text.split(",") if parser.commas else [text]
    values = []
    for index, item in enumerate(data):
        with context.at_index(index):
            value = parse_value(parser.items, item, context)
        # A null says nothing, and a list of libslurm's has no place for it.
        if value is not None or parser.storage != "list":
            values.append(value)
    return values


def _parse_pointer(parser: Pointer, data: Any, context: ParseContext) -> Any:
    # An empty object or list stands for one that is there but says nothing: clients made from
    # the document cannot send null for it.
    if data == {} and isinstance(parser.to, Struct):
        return Parsed()
    if data == [] and isinstance(parser.to, List):
        return []
    return parse_value(parser.to, data, context)


def _parse_struct(struct: Struct, data: Any, context: ParseContext) -> Parsed:
    if not isinstance(data, dict):
        context.fail(
            ErrorCode.OBJECT_EXPECTED, f"Rejecting {type_name(data)} when dictionary expected"
        )
    record = Parsed()
    try:
        with context.filling(record):
            for row in struct.fields:
                _parse_row(row, data, record, context)
    finally:
        if not context.fast:
            _warn_unknown(struct, data, (), context)
    return record


def _parse_row(row: Field, data: dict[str, Any], record: Parsed, context: ParseContext) -> None:
    if row.removed:
        return
    if row.exploded and isinstance(row.parser, Flags):
        record[str(row.source)] = parse_exploded(row.parser, data, context)
        return
    value = _find(data, row.path)
    with context.at(row.key):
        if value is _ABSENT:
            if row.required:
                context.fail(
                    ErrorCode.PATH_NOT_FOUND, f"Missing required field '{row.key}' in dictionary"
                )
            return
        parsed = parse_value(row.parser, value, context)
    if parsed is None:
        return
    if isinstance(row.source, Whole):
        record.update(parsed)
    elif row.source is not None:
        record[row.source] = parsed


def _find(data: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        if not isinstance(data, dict) or part not in data:
            return _ABSENT
        data = data[part]
    return data


def _warn_unknown(
    struct: Struct, data: dict[str, Any], above: tuple[str, ...], context: ParseContext
) -> None:
    """One warning for each leaf that no row of the struct knows."""
    for key, value in data.items():
        path = (*above, key)
        if _is_known(struct, path):
            continue
        with context.at(key):
            if isinstance(value, dict):
                _warn_unknown(struct, value, path, context)
            else:
                context.warn(
                    f'Ignoring unknown field "{key}" of type {type_name(value)}'
                    f" in DATA_PARSER_{struct.name}"
                )


def _is_known(struct: Struct, path: tuple[str, ...]) -> bool:
    paths, words = _known(struct)
    return path in paths or path[-1].lower() in words


@cache
def _known(struct: Struct) -> tuple[frozenset[tuple[str, ...]], frozenset[str]]:
    """The keys of a struct's rows, and in lower case the flags that are keys of their own."""
    paths: set[tuple[str, ...]] = set()
    words: set[str] = set()
    for row in struct.fields:
        if row.exploded and isinstance(row.parser, Flags):
            words.update(flag.word.lower() for flag in row.parser.values)
        else:
            paths.add(row.path)
    return frozenset(paths), frozenset(words)


_PARSES: Final[tuple[tuple[type[Parser], Callable[..., Any]], ...]] = (
    (Struct, _parse_struct),
    (Flags, parse_flags),
    (List, _parse_list),
    (Pointer, _parse_pointer),
    (Codec, _parse_codec),
)

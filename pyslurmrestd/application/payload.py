"""What an answer tells besides its envelope: which rows a response has, and their empty values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..data_parser.model import Codec, Either, Flags, List, Parser, Pointer, Struct
from ..data_parser.resolve import resolve
from ..data_parser.version import ApiVersion
from ..record import record

__all__ = ["Rows", "rows_of"]


@record
class Rows:
    """The rows of a response's payload.

    :ivar sources: of any version: what a version has not, an answer in it leaves out.
    :ivar required: empty values for the rows that every answer has.
    :ivar told_when_empty: the warnings of empty lists.
    """

    sources: frozenset[str]
    required: Mapping[str, Any]
    told_when_empty: Mapping[str, str]


def rows_of(response: Struct | Either, version: ApiVersion, *, is_complex: bool = False) -> Rows:
    choices = response.choices if isinstance(response, Either) else (response,)
    resolved = resolve(response, version)
    assert isinstance(resolved, Struct)
    return Rows(
        frozenset(
            str(row.source)
            for choice in choices
            if isinstance(choice, Struct)
            for row in choice.fields
        ),
        {
            str(row.source): _empty(row.parser, is_complex)
            for row in resolved.fields
            if row.required
        },
        {
            str(row.source): row.parser.empty
            for row in resolved.fields
            if isinstance(row.parser, List) and row.parser.empty
        },
    )


def _empty(parser: Parser, is_complex: bool) -> Any:
    """The value of a row that nothing is known of: what a C record of zeros would be dumped as."""
    if isinstance(parser, Pointer) and isinstance(parser.to, List):
        return None if is_complex else []
    if isinstance(parser, List) or (isinstance(parser, Flags) and not parser.single):
        return []
    is_number = isinstance(parser, Codec) and parser.type not in ("string", "array")
    return 0 if is_number else None

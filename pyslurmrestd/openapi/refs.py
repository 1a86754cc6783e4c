"""Inline or $ref: the components of one version, and the rule that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..data_parser.flags import DataParser
from ..data_parser.model import Codec, Field, Flags, List, Parser, Struct
from .schema import Schema, schema_of, shown

__all__ = ["Components"]

_PREFIX: Final = "#/components/schemas/"
_NUMBER_OBJECT: Final = ("set", "infinite", "number")


class Components:
    """Collects the named schemas that one version's operations lead to.

    :param data_parser: the version and its flags.
    :param uses: how often the operations name a definition, by the definition's name; decides
        what is worth a component where definitions used once stand inline.
    :ivar schemas: what was collected, in the order in which it was first met; one collection may be
        that of several versions.
    """

    def __init__(
        self,
        data_parser: DataParser,
        uses: Mapping[str, int],
        schemas: dict[str, Schema] | None = None,
    ) -> None:
        version, flags = data_parser.version, data_parser.flags
        self.schemas: dict[str, Schema] = {} if schemas is None else schemas
        self._version = version
        self._complex = "complex" in flags
        # Slurm: v0.0.40 alone tells that complex mode dumps plain numbers for number objects.
        self._plain_numbers = self._complex and version.refs_everywhere
        self._uses = uses
        self._only_shared = "minimize_refs" in flags or (
            version.inline_schemas and "prefer_refs" not in flags
        )
        self._flags_too = version.flag_components and "inline_enums" not in flags

    def place(self, parser: Parser, *, row: Field | None = None) -> Schema:
        """What stands where the definition is used: its schema or a reference to it."""
        parser = shown(parser)
        described = {} if row is None else {"description": row.description}
        if self._is_component(parser):
            schema: Schema = {"$ref": _PREFIX + self._add(parser)}
        elif isinstance(parser, Codec) and parser.removed and self._complex:
            return described  # always null in complex mode, so of no type
        else:
            schema = self._schema(parser)
        schema |= described
        if row is not None and self._is_marked(row):
            schema["deprecated"] = True
        return schema

    def _is_marked(self, row: Field) -> bool:
        if row.deprecated is None or row.deprecated > self._version:
            return False
        # Slurm: v0.0.40 marks the placeholders of what was removed, and no rows.
        return not self._version.refs_everywhere

    def _is_component(self, parser: Parser) -> bool:
        if isinstance(parser, Codec) and parser.removed:
            named = self._version.refs_everywhere and parser.type in ("array", "object")
        elif isinstance(parser, Flags):
            named = self._flags_too and not parser.single
        elif isinstance(parser, Codec):
            named = parser.type in ("array", "object")
        elif isinstance(parser, Struct):
            named = not parser.inline
        else:
            named = isinstance(parser, List)
        return named and not (self._only_shared and self._uses.get(parser.name, 0) < 2)

    def _add(self, parser: Parser) -> str:
        name = f"{self._version}_{parser.name.lower()}"
        if name not in self.schemas:
            self.schemas[name] = {}  # takes its place before what it leads to
            self.schemas[name].update(self._schema(parser))
        return name

    def _schema(self, parser: Parser) -> Schema:
        if self._plain_numbers and isinstance(parser, Struct):
            keys = tuple(row.key for row in parser.fields)
            if keys == _NUMBER_OBJECT:
                return schema_of(parser.fields[-1].parser, self.place)
        return schema_of(parser, self.place)

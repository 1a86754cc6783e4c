"""Whatever a body may say: the writing operations of a version and each field of their bodies.

All of it comes from the definitions that our document is made of, so a new operation or field is in
here by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.model import Codec, List, Parser, Pointer, Struct
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.openapi.path import ContentPlugin
from pyslurmrestd.plugins.data_parser.versions import VERSIONS

__all__ = ["Field", "Write", "changes", "fields", "writes"]

FRAME = ("meta", "errors", "warnings")
"""Keys of an answer that some bodies have too, as one struct stands for both."""


@dataclass(frozen=True)
class Write:
    """An operation that reads a body."""

    version: ApiVersion
    method: str
    url: str
    body: Parser

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass(frozen=True)
class Field:
    """A field of a body: its place, and a body that says something about it alone."""

    place: tuple[str | int, ...]
    parser: Parser

    def __str__(self) -> str:
        """As errors name it: ``#/jobs[0]/name/``."""
        parts = (f"[{part}]" if isinstance(part, int) else f"/{part}" for part in self.place)
        return f"#{''.join(parts)}/"

    def body(self, value: Any) -> Any:
        for part in reversed(self.place):
            value = [value] if isinstance(part, int) else {part: value}
        return value


def writes() -> Iterator[Write]:
    """Those of slurmctld and util in all versions."""
    contents: list[ContentPlugin] = plugin.contents("slurmctld,util")
    for version in VERSIONS:
        for content in contents:
            for path in content.all_paths():
                for method, operation in path.operations():
                    if operation.body is not None and operation.exists(version):
                        body = resolve(operation.body, version)
                        yield Write(version, method.upper(), path.at(version), body)


def changes() -> Iterator[tuple[ApiVersion, str, str]]:
    """Version, method and URL of all operations of slurmctld that change something."""
    contents: list[ContentPlugin] = plugin.contents("slurmctld")
    for version in VERSIONS:
        for content in contents:
            for path in content.all_paths():
                for method, operation in path.operations():
                    if operation.exists(version) and (method != "get" or operation.changes):
                        yield version, method.upper(), path.at(version)


def fields(body: Parser) -> Iterator[Field]:
    """Each that is read, those within others included; what stands in several places, in one."""
    yield from _fields(body, (), set())


def _fields(parser: Parser, place: tuple[str | int, ...], seen: set[int]) -> Iterator[Field]:
    if isinstance(parser, Pointer):
        yield from _fields(parser.to, place, seen)
        return
    if isinstance(parser, Codec) and (parser.removed or not parser.parses):
        return
    if place:
        yield Field(place, parser)
    if isinstance(parser, List):
        yield from _fields(parser.items, (*place, 0), seen)
    elif isinstance(parser, Struct) and id(parser) not in seen:
        seen.add(id(parser))
        for row in parser.fields:
            if row.removed or row.unwritten or row.key in FRAME:
                continue
            yield from _fields(row.parser, (*place, *row.key.split("/")), seen)

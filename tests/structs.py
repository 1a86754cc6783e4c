"""The structs of tables that something is told or read by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyslurmrestd.data_parser.model import Parser, Struct

__all__ = ["reached"]


def reached(parsers: Iterable[Parser]) -> Iterator[Struct]:
    """Each struct that parsers are made of, once."""
    seen: set[int] = set()
    waiting = list(parsers)
    while waiting:
        parser = waiting.pop()
        if id(parser) in seen:
            continue
        seen.add(id(parser))
        waiting += parser.parts()
        if isinstance(parser, Struct):
            yield parser

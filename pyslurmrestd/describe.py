"""The tables of one API version as a listing, or what sets two of them apart.

``python -m pyslurmrestd.describe v0.0.45`` prints a line for each field and flag that
the installed content plugins reach; with two versions it prints what the second changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from . import plugin
from .data_parser.model import (
    WHOLE_RECORD,
    Codec,
    Field,
    Flag,
    Flags,
    List,
    Parser,
    Pointer,
    Struct,
)
from .data_parser.resolve import resolve
from .data_parser.version import ApiVersion
from .log import Fatal
from .openapi.path import ContentPlugin
from .record import record

__all__ = ["Tables", "difference", "listing", "tables"]


@record
class Tables:
    """The definitions of one version, by name, in the order in which operations reach them."""

    version: ApiVersion
    parsers: dict[str, Parser]


def tables(plugins: Iterable[ContentPlugin], version: ApiVersion) -> Tables:
    """Every definition that the operations of a version reach."""
    found: dict[str, Parser] = {}

    def add(parser: Parser) -> None:
        if isinstance(parser, Pointer):
            add(parser.to)
        elif parser.name not in found:
            found[parser.name] = parser
            for part in parser.parts():
                add(part)

    for content in plugins:
        for path in content.all_paths():
            for _, operation in path.operations():
                if operation.exists(version):
                    for parser in operation.all_parsers():
                        add(resolve(parser, version))
    return Tables(version, found)


def listing(described: Tables) -> list[str]:
    """A line for each field, flag, list and codec."""
    return [
        f"{parser.name:<32} {word:<34} {rest}".rstrip()
        for parser in described.parsers.values()
        for word, rest in _rows(parser, described.version).items()
    ]


def difference(old: Tables, new: Tables) -> list[str]:
    """A line for each row that came (+), went (-) or changed (~), and for whole definitions."""
    lines = []
    for name in dict.fromkeys((*old.parsers, *new.parsers)):
        was, now = old.parsers.get(name), new.parsers.get(name)
        if was is None or now is None:
            sign, kind = ("+", _kind(now)) if now else ("-", _kind(was))
            lines.append((name, sign, f"({kind})", ""))
            continue
        before, after = _rows(was, old.version), _rows(now, new.version)
        came = [key for key in after if key not in before]
        went = [key for key in before if key not in after]
        if isinstance(now, Flags):
            changes = [("+", ", ".join(came), ""), ("-", ", ".join(went), "")]
        else:
            changes = [("+", key, after[key]) for key in came]
            changes += [("-", key, before[key]) for key in went]
        changes += [
            ("~", key, f"{before[key]}  ->  {after[key]}")
            for key in after
            if key in before and after[key] != before[key]
        ]
        lines += [(name, sign, key, rest) for sign, key, rest in changes if key]
    return [f"{name:<32} {sign} {key:<34} {rest}".rstrip() for name, sign, key, rest in lines]


def _kind(parser: Parser | None) -> str:
    return type(parser).__name__.lower() if isinstance(parser, Struct | Flags | List) else "codec"


def _rows(parser: Parser, version: ApiVersion) -> dict[str, str]:
    """What a definition consists of: for each key or word the rest of its line."""
    if isinstance(parser, Struct):
        return {row.key: _field(row, version) for row in parser.fields}
    if isinstance(parser, Flags):
        return {flag.word: _flag(flag, parser, version) for flag in parser.values}
    if isinstance(parser, List):
        return {"[]": " ".join((parser.items.name, *_marks(empty=parser.empty)))}
    if isinstance(parser, Codec):
        shown = parser.shown_as.name if parser.shown_as else parser.type or ""
        return {f"({parser.kind})": " ".join(filter(None, (shown, parser.format)))}
    raise TypeError(f"{parser.name} is in no version")


def _field(row: Field, version: ApiVersion) -> str:
    source = "(record)" if row.source is WHOLE_RECORD else row.source or ""
    marks = _marks(
        removed=row.removed,
        required=row.required,
        deprecated=row.deprecated is not None and row.deprecated <= version,
        exploded=row.exploded,
    )
    return " ".join((f"{row.parser.name:<30} {source}", *marks)).rstrip()


def _flag(flag: Flag, owner: Flags, version: ApiVersion) -> str:
    mask = flag.mask if flag.mask is not None else owner.mask
    deprecated = flag.deprecated is not None and flag.deprecated <= version
    marks = _marks(hidden=flag.hidden, removed=flag.removed, deprecated=deprecated)
    masked = () if mask is None else (f"in {mask}",)
    return " ".join((f"{flag.match:<5} {flag.value}", *masked, *marks))


def _marks(**marks: bool | str | None) -> Iterator[str]:
    for word, value in marks.items():
        if value:
            yield f"[{word}]" if value is True else f"[{word}: {value}]"


def main(arguments: Sequence[str]) -> int:
    """Print the listing or the difference; returns the exit code."""
    if len(arguments) not in (1, 2):
        print(f"usage: python -m {__spec__.name} VERSION [VERSION]", file=sys.stderr)
        return 2
    try:
        plugins = plugin.contents(None)
        versions = [plugin.data_parsers(name)[0].version for name in arguments]
    except Fatal as error:
        print(error, file=sys.stderr)
        return 1
    described = [tables(plugins, version) for version in versions]
    lines = listing(described[0]) if len(described) == 1 else difference(*described)
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

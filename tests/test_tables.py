"""The tables as they stand: whole, readable, and as the golden listings show them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.model import Flags, Parser, Struct
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.describe import listing, tables

PLUGINS = plugin.contents(None)
VERSIONS = [data_parser.version for data_parser in plugin.data_parsers(None)]

every_version = pytest.mark.parametrize("version", VERSIONS, ids=str)


def parsers(version: ApiVersion) -> list[Parser]:
    return list(tables(PLUGINS, version).parsers.values())


@every_version
def test_listing_is_the_published_one(
    version: ApiVersion, golden: Callable[[str, str], None]
) -> None:
    golden(f"{version}/tables.txt", "\n".join(listing(tables(PLUGINS, version))) + "\n")


@every_version
def test_no_key_is_both_a_value_and_an_object(version: ApiVersion) -> None:
    clashes = [
        (struct.name, key)
        for struct in parsers(version)
        if isinstance(struct, Struct)
        for key in {row.key for row in struct.fields}
        if any(other.key.startswith(f"{key}/") for other in struct.fields)
    ]
    assert clashes == []


@every_version
def test_every_row_and_flag_is_described_by_a_short_fragment(version: ApiVersion) -> None:
    words = [
        (parser.name, name, text)
        for parser in parsers(version)
        if isinstance(parser, Struct | Flags)
        for name, text in (
            [(row.key, row.description) for row in parser.fields]
            if isinstance(parser, Struct)
            else [(flag.word, flag.description) for flag in parser.values]
        )
    ]
    assert words
    assert [entry for entry in words if not 2 <= len(entry[2]) <= 80 or entry[2][-1] == "."] == []

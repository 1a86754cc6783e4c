"""Hostlists: what they are read from, and what is refused before libslurm sees it."""

from __future__ import annotations

from typing import Any

import pytest

from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.errors import ParseError
from pyslurmrestd.plugins.data_parser.codecs.hostlists import (
    HOSTLIST_STRING,
    MOST_HOSTS,
    count_hosts,
)
from pyslurmrestd.plugins.data_parser.versions import V43, V44


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("c1", 1),
        ("c1,c2 , c2", 3),
        ("c[1-3,7],d", 5),
        ("rack[1-2]-n[01-10].lab", 20),
        ("c[1-3", None),
        ("c1]", None),
        ("c[]", None),
        ("c[3-1]", None),
        ("c[1-]", None),
        ("c[a-b]", None),
        ("c[1-2[3]]", None),
    ],
)
def test_names_of_a_hostlist_are_counted(text: str, count: int | None) -> None:
    assert count_hosts(text) == count


@pytest.mark.parametrize(
    "text", ["c[1-999999999999]", "c[1-1000]n[1-1000]s[1-1000]", ",".join(["c[1-9999]"] * 9999)]
)
def test_counting_stops_where_there_are_too_many(text: str) -> None:
    count = count_hosts(text)
    assert count is not None
    assert count > MOST_HOSTS


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("c[1-3]", "c[1-3]"),
        (["c1", "c[2-3]"], "c1,c[2-3]"),
        (["c1", "", None], "c1"),
        ([7, True], "7,true"),
        ([], ""),
        ("", None),
        (None, None),
        ("c1\0c2", "c1"),
    ],
)
def test_hostlist_is_read(data: Any, text: str | None) -> None:
    context = ParseContext(V44, (), {})
    assert (parse_value(HOSTLIST_STRING, data, context), context.errors) == (text, [])


@pytest.mark.parametrize(("version", "errno"), [(V43, 9202), (V44, 9216)], ids=str)
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("c[1-", "Invalid hostlist string: c[1-"),
        (["c1", "c]"], "Invalid host string: c]"),
        ([["c1"]], 'string expected but got ["c1"]'),
        ({}, "string expected but got {}"),
        (5, "string expected but got 5"),
        (["c[1-60000]", "d[1-60000]"], "Too many hosts"),
    ],
)
def test_what_is_no_hostlist_is_refused(
    version: ApiVersion, errno: int, data: Any, text: str
) -> None:
    context = ParseContext(version, (), {})
    with pytest.raises(ParseError):
        parse_value(HOSTLIST_STRING, data, context)
    assert [(error.errno, error.text) for error in context.errors] == [(errno, text)]

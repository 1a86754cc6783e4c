"""Conversions of JSON data, which decide what texts and odd types are taken for."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pyslurmrestd.data_parser.guess import (
    guess,
    shown,
    to_bool,
    to_float,
    to_int,
    to_text,
    type_name,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", None),
        ("~anything", None),
        ("NULL", None),
        ("007", 7),
        ("0x10", 16),
        ("1e3", 1000.0),
        ("-5", -5.0),
        (" 12", 12),
        ("1.5", 1.5),
        ("-Infinity", -math.inf),
        ("Yes", True),
        ("off", False),
        ("t", True),
        ("12 ", "12 "),
        ("12_1", "12_1"),
        ("0x", "0x"),
        ("yess", "yess"),
    ],
)
def test_text_is_taken_for_what_it_looks_like(text: str, meant: Any) -> None:
    assert guess(text) == meant
    assert type(guess(text)) is type(meant)


@pytest.mark.parametrize("value", [None, True, 3, 2.5, ["1"], {"a": "1"}])
def test_only_texts_are_guessed(value: Any) -> None:
    assert guess(value) is value


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (2.5, 2),
        (3.5, 4),
        ("0x1f", 31),
        ("+4", 4),
        (None, 0),
        (True, None),
        ("2.7", None),
        ("two", None),
        ("", None),
        (math.nan, None),
        ([1], None),
        ("9" * 5000, None),
    ],
)
def test_integer_from_other_types(value: Any, number: int | None) -> None:
    assert to_int(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), ("inf", math.inf), ("-1.5e2", -150.0), (None, None), (True, None), ("1x", None)],
)
def test_float_from_other_types(value: Any, number: float | None) -> None:
    assert to_float(value) == number


@pytest.mark.parametrize(
    ("value", "chosen"),
    [
        ("y", True),
        ("FALSE", False),
        ("0", False),
        ("0.0", False),
        ("perhaps", True),
        ("", False),
        (None, False),
        (-1, True),
        ([], None),
        ({}, None),
    ],
)
def test_boolean_from_other_types(value: Any, chosen: bool | None) -> None:
    assert to_bool(value) is chosen


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (1.5, "1.500000"), (-7, "-7"), (None, ""), ([], None), ({}, None)],
)
def test_text_from_other_types(value: Any, text: str | None) -> None:
    assert to_text(value) == text


@pytest.mark.parametrize(
    ("value", "text", "name"),
    [
        ({"PATH": "/bin"}, '{"PATH":"\\/bin"}', "dictionary"),
        (["1", "ä"], '["1","ä"]', "list"),
        (2.7, "2.7000000000000002", "floating point number"),
        (3.0, "3.0", "floating point number"),
        (None, "null", "null"),
        (True, "true", "boolean"),
        (5, "5", "64 bit integer"),
        ("x" * 400, '"' + "x" * 250, "string"),
    ],
)
def test_messages_show_a_value_as_compact_json(value: Any, text: str, name: str) -> None:
    assert (shown(value), type_name(value)) == (text, name)

"""Objects, lists, pointers and flags as they come from a client, with Slurm's messages."""

from __future__ import annotations

from typing import Any

import pytest
from contexts import NewContext

from pyslurmrestd.data_parser.context import MOST_ERRORS, MOST_WARNINGS
from pyslurmrestd.data_parser.model import (
    F,
    Flags,
    Struct,
    bit,
    list_of,
    pointer,
    removed,
    whole,
)
from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ParseError
from pyslurmrestd.plugins.data_parser.codecs.jobs import HOLD
from pyslurmrestd.plugins.data_parser.codecs.no_val import UINT32_NO_VAL
from pyslurmrestd.plugins.data_parser.codecs.numbers import BOOL, UINT32
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.versions import V40, V42

MODES = Flags(
    name="MODES",
    values=(
        whole("NONE", 0, mask=0x0F),
        whole("SLOW", 1, mask=0x0F),
        bit("LOUD", 0x10),
        bit("VERY_LOUD", 0x30),
        bit("OLD", 0x40, removed=True),
    ),
)
ITEM = Struct(name="ITEM", fields=(F("name", STRING, "Name", required=True),))
ITEMS = list_of(pointer(ITEM), "ITEMS")
ORDER = Struct(
    name="ORDER",
    record="order_t",
    fields=(
        F("name", STRING, "Name"),
        F("amount/least", UINT32, "Least", source="low"),
        F("amount/most", UINT32, "Most", source="high"),
        F("items", ITEMS, "Items"),
        F("first", pointer(ITEM), "First item"),
        F("modes", MODES, "Modes"),
        F("hold", HOLD, "Held", source="priority"),
        F("priority", UINT32_NO_VAL, "Priority"),
        removed("gone", STRING, "Gone"),
    ),
)


def failure(context: ParseContext, parser: Any, data: Any) -> list[tuple[int, str, str]]:
    """What is listed when the data is refused."""
    with pytest.raises(ParseError):
        parse_value(parser, data, context)
    return [(error.errno, error.text, error.source) for error in context.errors]


def test_values_are_kept_by_their_c_members(context: ParseContext) -> None:
    data = {
        "name": "n",
        "amount": {"most": 7},
        "items": [{"name": "a"}, {"name": "b"}],
        "first": {},
        "modes": ["loud"],
        "gone": "whatever",
    }
    found = parse_value(ORDER, data, context)
    assert found == {
        "name": "n",
        "high": 7,
        "items": [{"name": "a"}, {"name": "b"}],
        "first": {},
        "modes": 0x10,
    }
    assert found.high == 7
    assert found.low is None
    assert isinstance(found["items"][0], Parsed)
    assert (context.errors, context.warnings) == ([], [])


@pytest.mark.parametrize(("data", "word"), [([], "list"), ("x", "string"), (None, "null")])
def test_object_is_nothing_else(context: ParseContext, data: Any, word: str) -> None:
    assert failure(context, ORDER, data) == [
        (9209, f"Rejecting {word} when dictionary expected", "#/")
    ]


def test_missing_key_is_named_with_its_place(context: ParseContext) -> None:
    assert failure(context, ORDER, {"items": [{"name": "a"}, {"nome": "b"}]}) == [
        (9200, "Missing required field 'name' in dictionary", "#/items[1]/name/")
    ]
    assert context.warnings == [
        ('Ignoring unknown field "nome" of type string in DATA_PARSER_ITEM', "#/items[1]/nome/")
    ]


def test_each_unknown_leaf_draws_a_warning(context: ParseContext) -> None:
    data = {"NAME": 1, "amount": {"mean": 2}, "more": {"a": {"b": [1]}, "empty": {}}}
    assert parse_value(ORDER, data, context) == {}
    unknown = "in DATA_PARSER_ORDER"
    assert context.warnings == [
        (f'Ignoring unknown field "NAME" of type 64 bit integer {unknown}', "#/NAME/"),
        (f'Ignoring unknown field "mean" of type 64 bit integer {unknown}', "#/amount/mean/"),
        (f'Ignoring unknown field "b" of type list {unknown}', "#/more/a/b/"),
    ]


def test_convertible_value_of_another_type_draws_a_warning(context: ParseContext) -> None:
    assert parse_value(ORDER, {"amount": {"most": "2"}, "name": 5}, context) == {
        "high": 2,
        "name": "5",
    }
    names_only = context.version == V40
    assert context.warnings == [
        (
            "Expected OpenAPI type=string (Slurm type=string) but got"
            " OpenAPI type=integer (Slurm type=64 bit integer)" + ("" if names_only else ": 5"),
            "#/name/",
        ),
        (
            "Expected OpenAPI type=integer format=int32 (Slurm type=64 bit integer) but got"
            " OpenAPI type=string (Slurm type=string)" + ("" if names_only else ': "2"'),
            "#/amount/most/",
        ),
    ]


def test_unconvertible_value_is_an_error_with_its_place(context: ParseContext) -> None:
    got = "string" if context.version == V40 else '"two"'
    assert failure(context, ORDER, {"amount": {"most": "two"}}) == [
        (9202, f"Expected integer but got {got}", "#/amount/most/")
    ]


def test_fast_parse_leaves_out_places_and_warnings(new_context: NewContext) -> None:
    context = new_context("fast")
    assert parse_value(ORDER, {"bogus": 1, "name": 5}, context) == {"name": "5"}
    assert context.warnings == []
    context = new_context("fast")
    assert [source for _, _, source in failure(context, ORDER, {"name": []})] == [""]


def test_complex_mode_draws_no_warning_about_types(new_context: NewContext) -> None:
    context = new_context("complex")
    assert parse_value(ORDER, {"name": 5}, context) == {"name": "5"}
    assert context.warnings == []


def test_lone_value_is_a_list_of_one(context: ParseContext) -> None:
    names = list_of(STRING, "NAMES")
    assert parse_value(names, 7, context) == ["7"]
    assert parse_value(names, None, context) == [""]
    assert failure(context, names, {"a": 1}) == [
        (9208, "Expected List but found a dictionary", "#/")
    ]


def test_a_null_in_a_list_of_texts_says_nothing(context: ParseContext) -> None:
    texts = list_of(STRING, "TEXTS", storage="list")
    assert parse_value(texts, ["a", None, "", "b"], context) == ["a", "", "b"]
    assert context.errors == []


def test_null_is_no_object_even_behind_a_pointer(context: ParseContext) -> None:
    assert failure(context, ORDER, {"first": None}) == [
        (9209, "Rejecting null when dictionary expected", "#/first/")
    ]


def test_unset_value_does_not_undo_another_of_its_member(context: ParseContext) -> None:
    assert parse_value(ORDER, {"hold": True, "priority": {"set": False}}, context) == {
        "priority": 0
    }
    assert parse_value(ORDER, {"hold": None, "priority": 9}, context) == {"priority": 9}


@pytest.mark.parametrize(
    ("data", "number"),
    [
        ("Loud", 0x10),
        (["slow", "LOUD"], 0x11),
        (["slow", "none"], 0),
        (["very_loud"], 0x30),
        ([], None),
    ],
)
def test_flags_are_words_in_any_case(context: ParseContext, data: Any, number: int | None) -> None:
    assert parse_value(MODES, data, context) == number
    assert context.errors == []


def test_an_empty_list_is_no_flag_where_the_flags_say_so(context: ParseContext) -> None:
    flags = Flags(name="EMPTY", values=(bit("A", 1),), empty=True)
    assert [parse_value(flags, data, context) for data in ([], ["A"])] == [0, 1]
    assert context.errors == []


def test_removed_flag_draws_a_warning(context: ParseContext) -> None:
    assert parse_value(MODES, ["OLD", "LOUD"], context) == 0x10
    assert context.warnings == [("Ignoring deprecated flag: OLD", "#[0]/")]


def test_flags_that_are_no_list(context: ParseContext) -> None:
    assert failure(context, ORDER, {"modes": None}) == [
        (9206, "Expected a List but found a null", "#/modes/")
    ]


def test_unknown_flag_is_an_error_that_ends_the_parse_in_v0_0_40_only(
    context: ParseContext,
) -> None:
    unknown = (9207, 'Unknown flag "BOGUS"', "#/modes[1]/")
    data = {"modes": ["LOUD", "BOGUS"]}
    if context.version < V42 and context.version.strict_flags:
        assert failure(context, ORDER, data) == [
            unknown,
            (9207, "Parsing flags failed", "#/modes/"),
        ]
    else:
        assert parse_value(ORDER, data, context) == {"modes": 0x10}
        assert [(e.errno, e.text, e.source) for e in context.errors] == [unknown]


def test_lone_unknown_flag_has_the_place_of_a_first_one(context: ParseContext) -> None:
    if context.version.strict_flags:
        assert failure(context, ORDER, {"modes": "BOGUS"}) == [
            (9207, 'Unknown flag "BOGUS"', "#/modes[0]/"),
            (9207, 'Parsing single flag "BOGUS" failed', "#/modes/"),
        ]
    else:
        parse_value(ORDER, {"modes": "A,B"}, context)
        assert [(e.errno, e.text, e.source) for e in context.errors] == [
            (9207, 'Unknown flag "A,B"', "#/modes[0]/")
        ]


def test_flags_exploded_into_switches(context: ParseContext) -> None:
    query = Struct(
        name="QUERY",
        fields=(
            F("shown", BOOL, "Shown"),
            F("modes", MODES, "Modes", exploded=True),
        ),
    )
    assert parse_value(query, {"LOUD": "yes", "slow": True}, context) == {"modes": 0x11}
    assert parse_value(query, {"shown": "1", "LOUD": "off"}, context) == {"shown": 1, "modes": 0}
    assert [source for _, source in context.warnings] == ["#/shown/"]
    got = "list" if context.version == V40 else "[]"
    assert failure(context, query, {"LOUD": []}) == [
        (9202, f"Expected boolean but got {got}", "#/LOUD/")
    ]


def test_an_input_has_a_bounded_number_of_warnings(context: ParseContext) -> None:
    parse_value(ORDER, {f"k{number}": 1 for number in range(MOST_WARNINGS + 10)}, context)
    assert len(context.warnings) == MOST_WARNINGS + 1
    assert context.warnings[-1] == ("Further warnings are left out", "")


def test_a_parse_ends_when_it_has_found_too_many_errors() -> None:
    context = ParseContext(V42, frozenset(), {})
    words = [f"w{number}" for number in range(MOST_ERRORS + 10)]
    assert len(failure(context, ORDER, {"modes": words})) == MOST_ERRORS + 1

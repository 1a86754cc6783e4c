"""Values from Python, dumped by the plans that dump C records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from dumping import read
from memory import Layout, Memory

from pyslurmrestd.data_parser.engine import STYLES, Dump, render
from pyslurmrestd.data_parser.model import (
    WHOLE_RECORD,
    Codec,
    F,
    Flags,
    Parser,
    Struct,
    bit,
    derived,
    either,
    list_of,
    pointer,
    whole,
)
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.codecs.identity import GROUP_ID, USER_ID
from pyslurmrestd.plugins.data_parser.codecs.jobs import NICE
from pyslurmrestd.plugins.data_parser.codecs.no_val import (
    FLOAT64_NO_VAL,
    UINT16_NO_VAL,
    UINT32_NO_VAL,
)
from pyslurmrestd.plugins.data_parser.codecs.numbers import (
    BOOL,
    FLOAT64,
    INT32,
    UINT16,
    UINT32,
    UINT64,
)
from pyslurmrestd.plugins.data_parser.codecs.strings import CSV_STRING, STRING, STRING_ARRAY
from pyslurmrestd.plugins.data_parser.codecs.times import TIMESTAMP_NO_VAL
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_WARNINGS
from pyslurmrestd.plugins.data_parser.versions import V40, V42, V43, V45

STATES = Flags(
    name="STATES", values=(whole("NONE", 0), bit("A", 1), bit("B", 2), bit("C", 4, since=V43))
)
ONE_OF = Flags(name="ONE_OF", single=True, values=(whole("A", 1), whole("B", 2)))
LAYOUT = Layout({"part_t": {"name": "s", "number": "I", "within.number": "H"}}, {"text": 0})
PART = Struct(
    name="PART",
    record="part_t",
    fields=(
        F("name", STRING, "Name"),
        F("deep/number", UINT32_NO_VAL, "Number", source="number"),
        F("late", UINT16, "Later", source="within.number", since=V43),
    ),
)


def dump(
    parser: Parser,
    value: Any,
    *,
    version: ApiVersion = V45,
    flags: Iterable[str] = (),
    layout: Layout = LAYOUT,
) -> tuple[Any, list[str]]:
    """What a value from Python is dumped as, the same in every style, and the warnings."""
    answer = Struct(
        name="ANSWER",
        fields=(F("value", parser, "Value"), F("warnings", OPENAPI_WARNINGS, "Warnings")),
    )
    found = []
    for style in STYLES:
        plan = response_plan(resolve(answer, version), version, frozenset(flags), style, layout)
        values = {"value": value, "warnings": []}
        text = b"".join(bytes(block) for block in Dump(plan, values, plan.sources))
        data = read(text, style)
        assert text == render(data, style)
        found.append((data["value"], [entry["description"] for entry in data["warnings"]]))
    assert found[0] == found[1] == found[2]
    return found[0]


def n(number: float) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": number}


UNSET = {"set": False, "infinite": False, "number": 0}
INFINITE = {"set": False, "infinite": True, "number": 0}


@pytest.mark.parametrize(
    ("parser", "value", "plain", "compl"),
    [
        (STRING, "text", "text", "text"),
        (STRING, None, "", None),
        (CSV_STRING, "a,b", ["a", "b"], ["a", "b"]),
        (CSV_STRING, ["a", "b,c"], ["a", "b,c"], ["a", "b,c"]),
        (CSV_STRING, None, [], []),
        (STRING_ARRAY, ["a", ""], ["a", ""], ["a", ""]),
        (STRING_ARRAY, None, [], []),
        (BOOL, True, True, True),
        (BOOL, None, False, False),
        (INT32, -5, -5, -5),
        (INT32, None, 0, 0),
        (UINT16, 65535, 65535, 65535),
        (UINT16_NO_VAL, 7, n(7), 7),
        (UINT16_NO_VAL, 0xFFFF, INFINITE, "Infinity"),
        (UINT32_NO_VAL, None, UNSET, None),
        (UINT32_NO_VAL, 0xFFFF, n(0xFFFF), 0xFFFF),
        (FLOAT64_NO_VAL, 0.5, n(0.5), 0.5),
        (FLOAT64_NO_VAL, None, UNSET, None),
        (FLOAT64_NO_VAL, 0xFFFFFFFF, INFINITE, "Infinity"),
        (FLOAT64, 2, 2.0, 2.0),
        (TIMESTAMP_NO_VAL, 1795231361, n(1795231361), 1795231361),
        (TIMESTAMP_NO_VAL, None, UNSET, None),
        (NICE, 0x80000000 - 5, -5, -5),
        (USER_ID, 0, "root", "root"),
        (USER_ID, "alice", "alice", "alice"),
        (GROUP_ID, None, "", None),
        (STATES, 3, ["A", "B"], ["A", "B"]),
        (STATES, ["B", "A"], ["B", "A"], ["B", "A"]),
        (STATES, [], [], []),
        (ONE_OF, 2, "B", "B"),
        (ONE_OF, "A", "A", "A"),
        (derived("TEXT", "text", STRING), "worked out", "worked out", "worked out"),
        (pointer(PART, null_ok=True), None, None, None),
        (list_of(UINT32, "L"), [1, 2], [1, 2], [1, 2]),
        (list_of(list_of(STRING, "L"), "L"), [["a"], []], [["a"], []], [["a"], []]),
        (list_of(pointer(PART), "L", storage="list"), None, [], []),
    ],
)
@pytest.mark.parametrize("version", [V40, V45], ids=str)
def test_values_go_by_the_plan(
    version: ApiVersion, parser: Parser, value: Any, plain: Any, compl: Any
) -> None:
    assert dump(parser, value, version=version) == (plain, [])
    assert dump(parser, value, version=version, flags=["complex"])[0] == compl


def test_marks_are_told_as_those_of_c() -> None:
    note = "Dumping (0xfffffffe) as place holder for null"
    assert dump(UINT32, 0xFFFFFFFE, version=V42) == (0xFFFFFFFE, [])
    assert dump(UINT32, 0xFFFFFFFE, version=V43) == (0xFFFFFFFE, [note])
    assert dump(UINT32, 0xFFFFFFFE, version=V43, flags=["complex"]) == (None, [])
    assert dump(UINT64, None, version=V42) == (None, [])


def test_objects_are_given_by_source_and_have_the_rows_of_the_version() -> None:
    given = {"name": "a", "number": 3, "within": {"number": 4}}
    told = {"name": "a", "deep": {"number": n(3)}}
    assert dump(PART, given, version=V42) == (told, [])
    assert dump(PART, given, version=V43) == ({**told, "late": 4}, [])
    flat = {"name": "a", "number": 3, "within.number": 4}
    assert dump(list_of(pointer(PART), "L"), [flat, {}]) == (
        [{**told, "late": 4}, {"name": "", "deep": {"number": UNSET}, "late": 0}],
        [],
    )


def test_a_row_of_another_choice_of_the_struct_is_known() -> None:
    choice = either(
        Struct(name="S", fields=(F("old", UINT16, "Old"),), until=V42),
        Struct(name="S", fields=(F("new", UINT16, "New"),), since=V43),
    )
    assert dump(choice, {"old": 1, "new": 2}, version=V42) == ({"old": 1}, [])
    assert dump(choice, {"old": 1, "new": 2}, version=V43) == ({"new": 2}, [])


def test_a_value_of_a_whole_record_goes_by_its_key() -> None:
    struct = Struct(
        name="S", fields=(F("a/b", derived("T", "text", STRING), "B", source=WHOLE_RECORD),)
    )
    assert dump(struct, {"a": {"b": "text"}}) == ({"a": {"b": "text"}}, [])


def test_records_may_lie_in_objects_from_python() -> None:
    layout = Layout({"part_t": {"name": "s", "number": "I", "within.number": "H"}})
    records = Memory(layout).records("part_t", {"name": b"x", "number": 1}, {"name": b"y"})
    struct = Struct(name="S", fields=(F("all", list_of(PART, "L"), "All"), F("one", PART, "One")))
    told, _ = dump(struct, {"all": records, "one": records.select([1])}, layout=layout)
    assert told["all"][1] == told["one"] == {"name": "y", "deep": {"number": n(0)}, "late": 0}


@pytest.mark.parametrize(
    ("parser", "value", "error", "text"),
    [
        (STRING, 5, TypeError, "value takes a text, not int"),
        (CSV_STRING, 5, TypeError, "value takes a list, not int"),
        (STRING_ARRAY, 5, TypeError, "value takes a list, not int"),
        (STRING_ARRAY, "text", TypeError, "value takes a list, not str"),
        (list_of(PART, "L"), 5, TypeError, "value takes a list, not int"),
        (list_of(STRING, "L", storage="list"), 5, TypeError, "value takes a list, not int"),
        (list_of(STRING, "L"), [5], TypeError, r"value\[\] takes a text, not int"),
        (pointer(PART), 5, TypeError, "value takes an object, not int"),
        (PART, [], TypeError, "value takes an object, not list"),
        (UINT32, "5", TypeError, "value takes a whole number, not str"),
        (UINT32, 5.0, TypeError, "value takes a whole number, not float"),
        (FLOAT64, "5", TypeError, "value takes a number, not str"),
        (UINT16, 65536, ValueError, "value does not fit 16 bits: 65536"),
        (INT32, -(1 << 31) - 1, ValueError, "value does not fit 32 bits"),
        (STATES, ["A", "X"], ValueError, "value has no flag X"),
        (PART, {"nmae": "a"}, TypeError, "value has no nmae"),
        (PART, {"deep": {"number": 3}}, TypeError, "value has no deep"),
        (PART, {"within": {"nubmer": 3}}, TypeError, r"value has no within\.nubmer"),
        (PART, {"within": 3}, TypeError, "value has no within"),
        (PART, {"name": "a", "number": "x"}, TypeError, r"value\.number takes a whole number"),
        (Codec(name="D", kind="derived", options={"function": "text", "dumped_as": PART}),
         5, TypeError, "value takes an object, not int"),
    ],
)  # fmt: skip
def test_a_value_that_is_none_for_its_row_is_refused(
    parser: Parser, value: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        dump(parser, value)


@pytest.mark.parametrize(
    "parser",
    [
        STRING,
        CSV_STRING,
        STRING_ARRAY,
        UINT32,
        STATES,
        list_of(STRING, "L"),
        list_of(UINT32, "L"),
        derived("TEXT", "text", STRING),
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_records_are_given_for_objects_alone(parser: Parser, count: int) -> None:
    records = Memory(LAYOUT).records("part_t", *[{"name": b"x"}] * count)
    with pytest.raises(TypeError, match="value takes no records"):
        dump(parser, records)


def test_a_value_for_no_row_of_the_response_is_refused() -> None:
    answer = Struct(name="ANSWER", fields=(F("a", UINT16, "A"), F("b", UINT16, "B", since=V45)))
    plan = response_plan(resolve(answer, V42), V42, frozenset(), "json_compact", LAYOUT)
    (block,) = Dump(plan, {"a": 1, "b": 2}, ["a"])
    assert bytes(block) == b'{"a":1}'
    with pytest.raises(TypeError, match="the response has no c, d"):
        Dump(plan, {"a": 1, "d": 2, "c": 3}, ["a"])


def test_an_answer_that_failed_goes_no_further() -> None:
    answer = Struct(name="ANSWER", fields=(F("a", UINT16, "A"), F("b", UINT16, "B")))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", LAYOUT)
    failing = Dump(plan, {"a": 1, "b": "x"}, ["a", "b"], block_size=1)
    assert bytes(next(failing)) == b'{\n  "a": 1'
    with pytest.raises(TypeError, match="b takes a whole number"):
        next(failing)
    with pytest.raises(StopIteration):
        next(failing)

"""Plans of definitions: every kind of value, in every style, with and without +complex."""

from __future__ import annotations

import ctypes
import math
import os
import pwd
import struct
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from dumping import blocks, dump_all, dump_value, read
from memory import Layout, Memory, address_of

from pyslurmrestd.data_parser.engine import STYLES, Lookups, Records, render
from pyslurmrestd.data_parser.model import (
    WHOLE_RECORD,
    Codec,
    F,
    Flags,
    Struct,
    bit,
    derived,
    list_of,
    pointer,
    removed,
    whole,
)
from pyslurmrestd.data_parser.plan import MOST_PLANS, response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.codecs.identity import GROUP_ID, USER_ID
from pyslurmrestd.plugins.data_parser.codecs.jobs import (
    CORE_SPEC,
    HOLD,
    JOB_INFO_GRES_DETAIL,
    NICE,
    THREAD_SPEC,
)
from pyslurmrestd.plugins.data_parser.codecs.memory import MEM_PER_CPUS, MEM_PER_NODE
from pyslurmrestd.plugins.data_parser.codecs.no_val import (
    FLOAT64_NO_VAL,
    UINT16_NO_VAL,
    UINT32_NO_VAL,
    UINT64_NO_VAL,
)
from pyslurmrestd.plugins.data_parser.codecs.nodes import POWER_FLAGS
from pyslurmrestd.plugins.data_parser.codecs.numbers import (
    BOOL,
    BOOL16,
    BOOL16_NO_VAL,
    FLOAT64,
    INT32,
    UINT16,
    UINT32,
    UINT64,
)
from pyslurmrestd.plugins.data_parser.codecs.strings import CSV_STRING, STRING, STRING_ARRAY
from pyslurmrestd.plugins.data_parser.codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V43, V44, V45, VERSIONS

UNSET16, INFINITE16 = 0xFFFE, 0xFFFF
UNSET32, INFINITE32 = 0xFFFFFFFE, 0xFFFFFFFF
UNSET64, INFINITE64 = 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF
PER_CPU = 1 << 63

OLD, NEW = (V40, V41, V42), (V43, V44, V45)
INFINITE64_NOTE = "Dumping (0xffffffffffffffff) as place holder for Infinity"


def n(number: float) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": number}


UNSET = {"set": False, "infinite": False, "number": 0}
INFINITE = {"set": False, "infinite": True, "number": 0}


NAMES = Codec(
    name="NAMES",
    kind="name",
    options={"table": {3: "three", "BASE_MASK": "base"}, "fallback": "other"},
)
NUMBERED = Codec(name="NUMBERED", kind="name", options={"table": {3: "three"}, "fallback": None})


@pytest.mark.parametrize(
    ("parser", "kind", "value", "plain", "compl"),
    [
        (STRING, "s", b"text", "text", "text"),
        (STRING, "s", b"", "", ""),
        (STRING, "s", None, "", None),
        (CSV_STRING, "s", b"a,b", ["a", "b"], ["a", "b"]),
        (CSV_STRING, "s", b",,a,", ["a"], ["a"]),
        (CSV_STRING, "s", b"", [], []),
        (CSV_STRING, "s", None, [], []),
        (STRING_ARRAY, "S", [b"a", b"", b"b"], ["a", "", "b"], ["a", "", "b"]),
        (STRING_ARRAY, "S", [], [], []),
        (STRING_ARRAY, "S", None, [], []),
        (BOOL, "?", True, True, True),
        (BOOL, "?", False, False, False),
        (BOOL, "B", 2, True, True),
        (BOOL, "I", 0x10000, True, True),
        (BOOL16, "H", 0, False, False),
        (BOOL16, "H", UNSET16, True, True),
        (BOOL16_NO_VAL, "H", 1, True, True),
        (BOOL16_NO_VAL, "H", UNSET16, False, None),
        (INT32, "i", -5, -5, -5),
        (INT32, "b", -5, -5, -5),
        (INT32, "h", -5, -5, -5),
        (INT32, "l", -(2**63), -(2**63), -(2**63)),
        (UINT16, "H", INFINITE16, INFINITE16, INFINITE16),
        (UINT16, "B", 255, 255, 255),
        (UINT16_NO_VAL, "H", 7, n(7), 7),
        (UINT16_NO_VAL, "H", UNSET16, UNSET, None),
        (UINT16_NO_VAL, "H", INFINITE16, INFINITE, "Infinity"),
        (UINT32_NO_VAL, "I", 0, n(0), 0),
        (UINT32_NO_VAL, "I", UNSET16, n(UNSET16), UNSET16),
        (UINT32_NO_VAL, "I", UNSET32, UNSET, None),
        (UINT32_NO_VAL, "I", INFINITE32, INFINITE, "Infinity"),
        (UINT64_NO_VAL, "L", UNSET32, n(UNSET32), UNSET32),
        (UINT64_NO_VAL, "L", UNSET64, UNSET, None),
        (UINT64_NO_VAL, "L", INFINITE64, INFINITE, "Infinity"),
        (FLOAT64_NO_VAL, "d", 0.25, n(0.25), 0.25),
        (FLOAT64_NO_VAL, "d", float(UNSET32), UNSET, None),
        (FLOAT64_NO_VAL, "d", math.nan, UNSET, None),
        (TIMESTAMP, "l", 1795231361, 1795231361, 1795231361),
        (TIMESTAMP, "l", 0, 0, 0),
        (TIMESTAMP_NO_VAL, "l", 1795231361, n(1795231361), 1795231361),
        (TIMESTAMP_NO_VAL, "l", 0, n(0), 0),
        (TIMESTAMP_NO_VAL, "L", UNSET64, UNSET, None),
        (TIMESTAMP_NO_VAL, "l", UNSET32, UNSET, None),
        (TIMESTAMP_NO_VAL, "l", INFINITE32, INFINITE, "Infinity"),
        (MEM_PER_NODE, "L", 1000, n(1000), 1000),
        (MEM_PER_NODE, "L", 1000 | PER_CPU, UNSET, None),
        (MEM_PER_NODE, "L", UNSET64, UNSET, None),
        (MEM_PER_CPUS, "L", 1000, UNSET, None),
        (MEM_PER_CPUS, "L", 1000 | PER_CPU, n(1000), 1000),
        (MEM_PER_CPUS, "L", UNSET64, n(9223372036854775806), 9223372036854775806),
        (CORE_SPEC, "H", 3, 3, 3),
        (CORE_SPEC, "H", 0x8003, 0, 0),
        (THREAD_SPEC, "H", 3, 0, 0),
        (THREAD_SPEC, "H", 0x8003, 3, 3),
        (NICE, "I", 0x80000000, 0, 0),
        (NICE, "I", 0x80000000 + 100, 100, 100),
        (NICE, "I", 0x80000000 - 100, -100, -100),
        (NICE, "I", UNSET32, 0, 0),
        (HOLD, "I", 0, True, True),
        (HOLD, "I", 1, False, False),
        (NAMES, "H", 3, "three", "three"),
        (NAMES, "H", 0xFF, "base", "base"),
        (NAMES, "H", 4, "other", "other"),
        (NUMBERED, "I", 3, "three", "three"),
        (NUMBERED, "I", 4, "4", "4"),
        (USER_ID, "I", 0, "root", "root"),
        (USER_ID, "I", 99, "nobody", "nobody"),
        (USER_ID, "I", 3999999999, "", ""),
        (GROUP_ID, "I", 0, "root", "root"),
        (GROUP_ID, "I", 3999999999, "", None),
    ],
)
@pytest.mark.parametrize("version", [V40, V45], ids=str)
def test_value(
    version: ApiVersion, parser: Codec, kind: str, value: Any, plain: Any, compl: Any
) -> None:
    assert dump_value(parser, kind, value, version=version) == (plain, [])
    assert dump_value(parser, kind, value, version=version, flags=["complex"]) == (compl, [])


@pytest.mark.parametrize(
    ("version", "told", "notes"),
    [
        (V40, INFINITE, []),
        (V41, INFINITE, []),
        (V42, n(1.8446744073709552e19), []),
        (V43, n(1.8446744073709552e19), [INFINITE64_NOTE]),
    ],
    ids=str,
)
@pytest.mark.parametrize("value", [math.inf, 1.8446744073709552e19])
def test_infinity_is_a_number_since_v0_0_42_and_told_of_since_v0_0_43(
    version: ApiVersion, value: float, told: Any, notes: list[str]
) -> None:
    assert dump_value(FLOAT64_NO_VAL, "d", value, version=version) == (told, notes)
    compl = dump_value(FLOAT64_NO_VAL, "d", value, version=version, flags=["complex"])
    assert compl == ("Infinity", [])


@pytest.mark.parametrize(
    ("options", "kind", "value", "told"),
    [
        ({}, "I", UNSET32, UNSET32),
        ({"mask": "HIGH_BIT"}, "L", (1 << 63) | 5, 5),
        ({"mask": "BASE_MASK"}, "H", 0x12FF, 0x1200),
        ({"only": ("RUNNING", True)}, "H", 5, 5),
        ({"only": ("RUNNING", True)}, "H", 4, 0),
        ({"only": ("RUNNING", False)}, "H", 5, 0),
        ({"only": ("RUNNING", False)}, "H", 4, 4),
        ({"only": ("RUNNING", True), "mask": "RUNNING"}, "H", 5, 4),
        ({"zero": 100}, "I", 40, -60),
        ({"zero": 100}, "I", UNSET32, 0),
        ({"is_zero": True}, "I", 0, True),
        ({"is_zero": True, "mask": "BASE_MASK"}, "I", 0xFF, True),
        ({"is_zero": True}, "I", 7, False),
    ],
)
def test_a_part_of_a_number(options: dict[str, Any], kind: str, value: int, told: Any) -> None:
    assert dump_value(Codec(name="PART", kind="part", options=options), kind, value) == (told, [])


FLAG = Flags(name="FLAG", values=(bit("A", 1),))


@pytest.mark.parametrize(
    ("parser", "kind", "of", "dumps"),
    [
        (STRING, "I", "uint32_t", r"STRING \(string\) dumps char \*"),
        (CSV_STRING, "S", r"char \*\*", r"CSV_STRING \(csv\) dumps char \*"),
        (STRING_ARRAY, "s", r"char \*", r"STRING_ARRAY \(strings\) dumps char \*\*"),
        (UINT32, "d", "double", r"UINT32 \(marked_number\) dumps uint64_t, int64_t"),
        (FLOAT64, "L", "uint64_t", r"FLOAT64 \(marked_double\) dumps double, long double"),
        (NICE, "s", r"char \*", r"NICE \(part\) dumps uint64_t, uint32_t, uint16_t"),
        (USER_ID, "L", "uint64_t", r"USER_ID \(user\) dumps uint32_t, int32_t"),
        (FLAG, "s", r"char \*", r"FLAG \(flags\) dumps uint64_t"),
        (list_of(STRING, "L", storage="list"), "s", r"char \*", r"L \(list\) dumps list_t \*"),
    ],
)
def test_a_row_whose_member_its_parser_does_not_dump_is_named(
    parser: Any, kind: str, of: str, dumps: str
) -> None:
    text = rf"ONE: value \(one_t\.value\) is of the C type {of}, but {dumps}"
    with pytest.raises(TypeError, match=text):
        dump_value(parser, kind, 0)


def test_a_derive_function_gets_the_members_it_reads() -> None:
    parser = derived("SIGNAL", "signal", STRING, reads="H")
    layout = Layout({"one_t": {"value": "I"}}, {"signal": 0})
    record = Struct(name="ONE", record="one_t", fields=(F("value", parser, "Value"),))
    text = r"of the C type uint32_t, but SIGNAL \(derived\) dumps uint16_t"
    with pytest.raises(TypeError, match=text):
        dump_all(record, Memory(layout).records("one_t", {}), layout)


def test_a_kind_that_is_not_known_is_named_with_its_row() -> None:
    with pytest.raises(
        TypeError, match=r"ONE: value \(one_t\.value\): ODD is of no known kind: od"
    ):
        dump_value(Codec(name="ODD", kind="odd"), "I", 0)


def test_names_of_users_are_those_of_the_system() -> None:
    user = pwd.getpwuid(os.getuid())
    for _ in range(2):  # looked up, then remembered
        assert dump_value(USER_ID, "I", user.pw_uid) == (user.pw_name, [])


INFINITE_NOTE = "Dumping (0xffffffff) as place holder for Infinity"
UNSET_NOTE = "Dumping (0xfffffffe) as place holder for null"
UNSET64_NOTE = "Dumping (0xfffffffffffffffe) as place holder for null"


@pytest.mark.parametrize("version", OLD, ids=str)
@pytest.mark.parametrize("flags", [(), ("complex",)])
@pytest.mark.parametrize(
    ("parser", "kind", "value", "told"),
    [
        (UINT32, "I", 5, 5),
        (UINT32, "I", UNSET32, UNSET32),
        (UINT32, "I", INFINITE32, INFINITE32),
        (UINT64, "L", 2**63 | 300, 300 - 2**63),
        (UINT64, "L", UNSET64, None),
        (UINT64, "L", INFINITE64, None),
        (FLOAT64, "d", 0.5, 0.5),
        (FLOAT64, "d", float(UNSET32), float(UNSET32)),
        (FLOAT64, "d", math.inf, "Infinity"),
    ],
)
def test_sentinels_until_42(
    version: ApiVersion, flags: tuple[str, ...], parser: Codec, kind: str, value: Any, told: Any
) -> None:
    assert dump_value(parser, kind, value, version=version, flags=flags) == (told, [])


@pytest.mark.parametrize("version", NEW, ids=str)
@pytest.mark.parametrize(
    ("parser", "kind", "value", "told", "note", "compl"),
    [
        (UINT32, "I", UNSET32, UNSET32, UNSET_NOTE, None),
        (UINT32, "I", INFINITE32, INFINITE32, INFINITE_NOTE, "Infinity"),
        # Slurm: 64-bit sentinels come out signed, and +complex knows one of them only.
        (UINT64, "L", UNSET64, -2, UNSET64_NOTE, -2),
        (UINT64, "L", INFINITE64, -1, INFINITE64_NOTE, "Infinity"),
        (FLOAT64, "d", float(UNSET32), float(UNSET32), UNSET_NOTE, None),
        (FLOAT64, "d", math.nan, float(UNSET32), UNSET_NOTE, None),
        (FLOAT64, "d", math.inf, 1.8446744073709552e19, INFINITE64_NOTE, "Infinity"),
    ],
)
def test_sentinels_since_43(
    version: ApiVersion, parser: Codec, kind: str, value: Any, told: Any, note: str, compl: Any
) -> None:
    assert dump_value(parser, kind, value, version=version) == (told, [note])
    assert dump_value(parser, kind, value, version=version, flags=["complex"]) == (compl, [])
    # +fast tells nothing of it.
    assert dump_value(parser, kind, value, version=version, flags=["fast"]) == (told, [])


@pytest.mark.parametrize("version", NEW, ids=str)
@pytest.mark.parametrize(("parser", "kind"), [(UINT32, "I"), (UINT64, "L"), (FLOAT64, "d")])
def test_numbers_that_are_none_of_the_sentinels_bring_no_warning(
    version: ApiVersion, parser: Codec, kind: str
) -> None:
    for value in (0, 7, 0xFFFFFFFD):
        assert dump_value(parser, kind, value, version=version) == (value, [])


def test_warnings_of_an_answer_are_bounded() -> None:
    layout = Layout({"one_t": {"value": "I"}})
    record = Struct(name="ONE", record="one_t", fields=(F("value", UINT32, "Value"),))
    records = Memory(layout).records("one_t", *[{"value": UNSET32}] * 1000)
    data, warnings = dump_all(record, records, layout, block_size=100)
    assert len(data) == 1000
    assert warnings == [UNSET_NOTE] * 64


NULL_FLOAT = Codec(name="FLOAT128", kind="null_double", type="number", format="double")
BEYOND = "A number is beyond the range of JSON numbers and was replaced by Infinity"


@pytest.mark.parametrize(
    ("parser", "value", "told", "notes"),
    [
        (FLOAT64, 0.25, 0.25, []),
        (FLOAT64, math.inf, 1.8446744073709552e19, [INFINITE64_NOTE]),
        (FLOAT64, math.nan, float(UNSET32), [UNSET_NOTE]),
        (FLOAT64_NO_VAL, 0.25, n(0.25), []),
        (FLOAT64_NO_VAL, float(UNSET32), UNSET, []),
        (FLOAT64_NO_VAL, float(INFINITE32), INFINITE, []),
        (FLOAT64_NO_VAL, math.inf, n(1.8446744073709552e19), [INFINITE64_NOTE]),
        (NULL_FLOAT, 0.25, 0.25, []),
        (NULL_FLOAT, float(UNSET32), None, []),
        (NULL_FLOAT, float(INFINITE32), None, []),
        (NULL_FLOAT, float(INFINITE32) + 1, float(INFINITE32) + 1, []),
    ],
)
@pytest.mark.parametrize("kind", ["d", "D"])
def test_long_doubles_are_dumped_as_doubles_are(
    kind: str, parser: Codec, value: float, told: Any, notes: list[str]
) -> None:
    assert dump_value(parser, kind, value, version=V45) == (told, notes)


def test_a_long_double_beyond_all_doubles_is_infinity() -> None:
    layout = Layout({"one_t": {"value": "D"}})
    memory = Memory(layout)
    record = Struct(name="ONE", record="one_t", fields=(F("value", FLOAT64, "Value"),))
    # The greatest exponent of x87's ten bytes.
    address = memory.put(bytes.fromhex("0000000000000080fe7f000000000000"))
    records = Records.at(memory, address, 1, 16)
    assert dump_all(record, records, layout) == ([{"value": "Infinity"}], [BEYOND])


STATES = Flags(
    name="STATES",
    mask=0xFFFFFFFFFFFFFF00,
    values=(
        whole("PENDING", 0, mask="BASE_MASK"),
        whole("RUNNING", "RUNNING", mask="BASE_MASK"),
        whole("ENDED", 3, mask="BASE_MASK"),
        bit("REQUEUE", "REQUEUE"),
        bit("BOTH", 0x600),
        bit("LOW", 1, mask=1),
        bit("HIDDEN", 0x1000, hidden=True),
        bit("GONE", 0x1000, removed=True),
        bit("EARLY", 0x2000, until=V42),
        bit("LATE", 0x4000, since=V43),
        bit("TOP", "HIGH_BIT"),
    ),
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ["PENDING"]),
        (1, ["RUNNING"]),
        (2, []),
        (3, ["ENDED"]),  # which hides LOW: it shares a bit with the mask
        (5, ["LOW"]),
        (0x401, ["RUNNING", "REQUEUE"]),
        (0x601, ["RUNNING", "REQUEUE", "BOTH"]),
        (0x201, ["RUNNING"]),  # one bit of two
        (0x8000000000000002, ["TOP"]),
    ],
)
def test_flags(number: int, words: list[str]) -> None:
    for version in VERSIONS:
        assert dump_value(STATES, "L", number, version=version) == (words, [])


def test_a_whole_value_hides_all_bits_unless_it_says_which() -> None:
    parser = Flags(name="FLAGS", values=(whole("NONE", 0), bit("A", 1), bit("B", 2)))
    assert dump_value(parser, "H", 0) == (["NONE"], [])
    assert dump_value(parser, "H", 3) == (["A", "B"], [])
    everything = Flags(name="FLAGS", values=(whole("ALL", 3), bit("A", 1), bit("B", 2)))
    assert dump_value(everything, "H", 3) == (["ALL"], [])
    assert dump_value(everything, "H", 7) == (["A", "B"], [])


@pytest.mark.parametrize(("kind", "mask"), [("B", 0xFF), ("H", UNSET16), ("I", UNSET32)])
def test_flags_are_as_wide_as_their_member(kind: str, mask: int) -> None:
    parser = Flags(name="FLAGS", mask=0xFFFFFFFF, values=(whole("ALL", mask | ~0xFF), bit("A", 1)))
    width = struct.calcsize(kind) * 8
    assert dump_value(parser, kind, (mask | ~0xFF) & ((1 << width) - 1))[0][:1] == ["ALL"]


def test_hidden_flags_show_in_40_alone() -> None:
    assert dump_value(STATES, "H", 0x1002, version=V40) == (["HIDDEN"], [])
    for version in VERSIONS[1:]:
        assert dump_value(STATES, "H", 0x1002, version=version) == ([], [])


def test_flags_belong_to_versions() -> None:
    for version in OLD:
        assert dump_value(STATES, "H", 0x6002, version=version) == (["EARLY"], [])
    for version in NEW:
        assert dump_value(STATES, "H", 0x6002, version=version) == (["LATE"], [])


def test_a_bit_that_its_member_is_too_narrow_for_is_not_set() -> None:
    parser = Flags(name="FLAGS", values=(bit("TOP", "HIGH_BIT"), bit("A", 1)))
    assert dump_value(parser, "H", 1) == (["A"], [])
    assert dump_value(parser, "L", (1 << 63) | 1) == (["TOP", "A"], [])


def test_single_flag_is_a_text() -> None:
    parser = Flags(name="ONE", single=True, values=(whole("A", 1), bit("B", 2), bit("C", 4)))
    assert dump_value(parser, "H", 6) == ("B", [])
    assert dump_value(parser, "H", 1) == ("A", [])
    assert dump_value(parser, "H", 8) == ("", [])


LAYOUT = Layout(
    {
        "step_t": {"job_id": "I", "step": "H"},
        "part_t": {"name": "s", "number": "I"},
        "whole_t": {
            "name": "s",
            "step": "step_t",
            "one": "x",
            "count": "I",
            "counted": "x",
            "ended": "x",
            "pointers": "x",
            "gres_detail_cnt": "H",
            "gres_detail_str": "S",
            "count64": "L",
        },
    }
)
PART = Struct(
    name="PART",
    record="part_t",
    fields=(F("name", STRING, "Name"), F("number", UINT16_NO_VAL, "Number")),
)
WHOLE = Struct(
    name="WHOLE",
    record="whole_t",
    fields=(
        F("name/first", STRING, "Name", source="name"),
        F("id/job", UINT32, "Job", source="step.job_id"),
        F("one", pointer(PART), "One"),
        F("maybe", pointer(PART, null_ok=True), "One", source="one"),
        F("name/deep/again", STRING, "Name", source="name"),
        F("ended", list_of(PART, "ENDED", storage="ended"), "Parts"),
        F("pointers", list_of(pointer(PART), "P", storage="pointers"), "Parts"),
        F("list", pointer(list_of(PART, "LIST", storage="ended")), "Parts", source="ended"),
        F("gres", JOB_INFO_GRES_DETAIL, "Texts and their count", source=WHOLE_RECORD),
        removed("old/text", STRING, "Gone"),
        removed("old/flags", STRING_ARRAY, "Gone"),
        removed("old/number", UINT32, "Gone"),
        removed("old/object", UINT32_NO_VAL, "Gone", since=V41),
    ),
)


def whole_record(memory: Memory, **changes: Any) -> dict[str, Any]:
    parts = [{"name": b"p%d" % place, "number": place} for place in range(1, 4)]
    return {
        "name": b"n/a",
        "step.job_id": 12,
        "one": memory.array("part_t", {"name": b"alone", "number": UNSET32}),
        "ended": memory.array("part_t", *parts),
        "pointers": memory.pointers([memory.array("part_t", part) for part in parts]),
        "gres_detail_cnt": 2,
        "gres_detail_str": [b"gpu:1", b"gpu:2", b"not counted"],
        **changes,
    }


PARTS = [{"name": f"p{place}", "number": n(place)} for place in range(1, 4)]
DUMPED = {
    "name": {"first": "n/a", "deep": {"again": "n/a"}},
    "id": {"job": 12},
    "one": {"name": "alone", "number": UNSET},
    "maybe": {"name": "alone", "number": UNSET},
    "ended": PARTS,
    "pointers": PARTS,
    "list": PARTS,
    "gres": ["gpu:1", "gpu:2"],
    "old": {"text": "", "flags": [], "number": 0, "object": {}},
}


def test_objects_pointers_and_lists() -> None:
    memory = Memory(LAYOUT)
    records = memory.records("whole_t", *[whole_record(memory)] * 3)
    for block_size in (1, 1 << 18):
        data, warnings = dump_all(WHOLE, records, LAYOUT, block_size=block_size)
        assert data == [DUMPED] * 3
        assert list(data[0]) == list(DUMPED)
        assert warnings == []


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_nothing_there(version: ApiVersion) -> None:
    records = Memory(LAYOUT).records("whole_t", {})
    (data,), _ = dump_all(WHOLE, records, LAYOUT, version=version)
    absent = {} if version == V40 else None
    assert data["one"] == absent
    assert data["maybe"] is None
    assert data["ended"] == data["pointers"] == data["list"] == data["gres"] == []
    (data,), _ = dump_all(WHOLE, records, LAYOUT, version=version, flags=["complex"])
    assert data["one"] is None
    assert data["maybe"] is None
    assert data["name"]["first"] is None


def test_removed_rows_are_null_in_complex_mode_since_41() -> None:
    records = Memory(LAYOUT).records("whole_t", {})
    (data,), _ = dump_all(WHOLE, records, LAYOUT, version=V40, flags=["complex"])
    assert data["old"] == {"text": "", "flags": [], "number": 0}
    (data,), _ = dump_all(WHOLE, records, LAYOUT, version=V41, flags=["complex"])
    assert data["old"] == {"text": None, "flags": None, "number": None, "object": None}


def test_counted_texts_may_be_null() -> None:
    memory = Memory(LAYOUT)
    record = whole_record(memory, gres_detail_cnt=3, gres_detail_str=[b"a", None, b"b"])
    data, _ = dump_all(WHOLE, memory.records("whole_t", record), LAYOUT)
    assert data[0]["gres"] == ["a", "", "b"]


def test_an_object_without_rows_in_a_version_is_empty() -> None:
    late = Struct(name="LATE", record="part_t", fields=(F("name", STRING, "Name", since=V43),))
    records = Memory(LAYOUT).records("part_t", {"name": b"x"}, {"name": b"y"})
    assert dump_all(late, records, LAYOUT, version=V42) == ([{}, {}], [])
    assert dump_all(late, records, LAYOUT, version=V43) == ([{"name": "x"}, {"name": "y"}], [])


def test_layout_of_the_texts_is_that_of_plain_data() -> None:
    memory = Memory(LAYOUT)
    records = memory.records("whole_t", whole_record(memory), whole_record(memory, one=0))
    for style in STYLES:
        text = b"".join(blocks(WHOLE, records, LAYOUT, style=style))
        assert text == render(read(text, style), style)


LISTS = Layout(
    {
        "part_t": {"name": "s", "number": "I"},
        "lists_t": {"parts": "T", "texts": "T", "counted": "x", "count": "H"},
    }
)
LISTED = Struct(
    name="LISTED",
    record="lists_t",
    fields=(
        F("parts", list_of(PART, "PARTS", storage="list"), "Records"),
        F("deep/pointed", list_of(pointer(PART), "P", storage="list"), "The same", source="parts"),
        F("texts", list_of(STRING, "STRING_LIST", storage="list"), "Texts"),
        F("csv", list_of(CSV_STRING, "CSV_LIST", storage="list"), "Lists", source="texts"),
        F("counted", list_of(PART, "COUNTED", storage="counted", count="count"), "Counted"),
        F("maybe", pointer(list_of(PART, "L", storage="list"), null_ok=True), "M", source="parts"),
        F("surely", pointer(list_of(PART, "L", storage="list")), "Or empty", source="parts"),
        removed("gone", list_of(PART, "L", storage="list"), "Gone"),
    ),
)


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_lists_of_records_and_of_texts(version: ApiVersion, count: int) -> None:
    memory = Memory(LISTS)
    parts = [{"name": b"p%d" % place, "number": place} for place in range(1, count + 1)]
    record = {
        "parts": memory.list(*(memory.array("part_t", part) for part in parts)),
        "texts": memory.list(*(memory.text(b"a,b%d" % place) for place in range(count))),
        "counted": memory.array("part_t", *parts, {"name": b"not counted"}),
        "count": count,
    }
    data, warnings = dump_all(
        LISTED, memory.records("lists_t", record, record), LISTS, version=version
    )
    expected = {
        "parts": PARTS[:count],
        "deep": {"pointed": PARTS[:count]},
        "texts": [f"a,b{place}" for place in range(count)],
        "csv": [["a", f"b{place}"] for place in range(count)],
        "counted": PARTS[:count],
        "maybe": PARTS[:count],
        "surely": PARTS[:count],
        "gone": [],
    }
    assert data == [expected, expected]
    assert warnings == []


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("flags", [(), ("complex",)])
def test_a_list_that_is_not_there_is_empty_unless_it_may_be_null(
    version: ApiVersion, flags: tuple[str, ...]
) -> None:
    records = Memory(LISTS).records("lists_t", {"count": 3})
    (data,), _ = dump_all(LISTED, records, LISTS, version=version, flags=flags)
    gone = None if flags and version != V40 else []
    assert data == {
        "parts": [],
        "deep": {"pointed": []},
        "texts": [],
        "csv": [],
        "counted": [],
        "maybe": None,
        "surely": [],
        "gone": gone,
    }


@pytest.mark.parametrize(
    ("parser", "code", "given", "told"),
    [
        (UINT16, "H", (1, 2, 0xFFFF), [1, 2, 0xFFFF]),
        (UINT32_NO_VAL, "I", (7, UNSET32), [n(7), UNSET]),
        (UINT64, "Q", (1 << 40, 0), [1 << 40, 0]),
        (INT32, "i", (-1, 5), [-1, 5]),
        (FLOAT64, "d", (0.5, 1.0), [0.5, 1.0]),
    ],
)
def test_arrays_of_numbers_are_as_wide_as_their_codec(
    parser: Codec, code: str, given: tuple[float, ...], told: list[Any]
) -> None:
    layout = Layout({"numbers_t": {"array": "x", "count": "I"}})
    record = Struct(
        name="NUMBERS",
        record="numbers_t",
        fields=(F("array", list_of(parser, "L", storage="counted", count="count"), "Numbers"),),
    )
    memory = Memory(layout)
    array = memory.put(struct.pack(f"{len(given)}{code}", *given))
    records = memory.records("numbers_t", {"array": array, "count": len(given)}, {})
    assert dump_all(record, records, layout) == ([{"array": told}, {"array": []}], [])


def test_lists_are_laid_out_as_plain_data_is() -> None:
    memory = Memory(LISTS)
    part = memory.array("part_t", {"name": b"p", "number": 1})
    record = {"parts": memory.list(part, part), "texts": memory.list(memory.text(b"t"))}
    for style in STYLES:
        text = b"".join(blocks(LISTED, memory.records("lists_t", record), LISTS, style=style))
        assert text == render(read(text, style), style)


def test_a_list_says_how_it_is_counted() -> None:
    with pytest.raises(ValueError, match="PARTS: a counted array, and no other, names its count"):
        list_of(PART, "PARTS", storage="counted")
    with pytest.raises(ValueError, match="PARTS: a counted array, and no other, names its count"):
        list_of(PART, "PARTS", storage="list", count="count")


def test_a_list_in_a_record_has_a_storage() -> None:
    record = Struct(name="ONE", record="lists_t", fields=(F("parts", list_of(PART, "P"), "Parts"),))
    with pytest.raises(TypeError, match="P: nothing tells how many elements a record has"):
        dump_all(record, Memory(LISTS).records("lists_t", {}), LISTS)


Derive = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]


class Scratch(ctypes.Structure):
    """What a derive function fills (engine: Scratch)."""

    _fields_ = (
        ("value", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("owned", ctypes.c_void_p),
        ("note", ctypes.c_void_p),
    )


def deriving(function: Callable[[int, Scratch], int]) -> Any:
    return Derive(
        lambda record, scratch, tables: function(int(record), Scratch.from_address(int(scratch)))
    )


def owned_text(scratch: Scratch, text: bytes) -> int:
    """A text that the engine has to free."""
    address = LIBC.malloc(len(text) + 1)
    ctypes.memmove(address, text + b"\0", len(text) + 1)
    scratch.owned = address
    return int(address)


def test_derived_values() -> None:
    keep = []

    def text(record: int, scratch: Scratch) -> int:
        number = ctypes.c_uint32.from_address(record).value
        scratch.value = owned_text(scratch, b"#%d" % number)
        return 0

    def number(record: int, scratch: Scratch) -> int:
        scratch.value = ctypes.c_uint32.from_address(record).value * 2
        return 0

    def parts(record: int, scratch: Scratch) -> int:
        memory = Memory(LAYOUT, 1 << 10)
        keep.append(memory)
        count = ctypes.c_uint32.from_address(record).value
        scratch.value = memory.array("part_t", *[{"number": 1}] * count)
        scratch.count = count
        return 0

    functions = {"text": text, "number": number, "parts": parts}
    callbacks = {name: deriving(function) for name, function in functions.items()}
    layout = Layout(
        {"one_t": {"value": "I"}, "part_t": {"name": "s", "number": "I"}},
        {name: address_of(call) for name, call in callbacks.items()},
    )
    record = Struct(
        name="ONE",
        record="one_t",
        fields=(
            F("text", derived("TEXT", "text", STRING), "Text", source=WHOLE_RECORD),
            F("member", derived("TEXT", "text", STRING), "Text of a member", source="value"),
            F("number", derived("NUMBER", "number", UINT32_NO_VAL), "Number", source=WHOLE_RECORD),
            F("bool", derived("TRUTH", "number", BOOL), "Boolean", source=WHOLE_RECORD),
            F("parts", derived("PARTS", "parts", list_of(PART, "L")), "Parts", source=WHOLE_RECORD),
        ),
    )
    records = Memory(layout).records("one_t", {"value": 0}, {"value": 2})
    data, warnings = dump_all(record, records, layout)
    assert data == [
        {"text": "#0", "member": "#0", "number": n(0), "bool": False, "parts": []},
        {
            "text": "#2",
            "member": "#2",
            "number": n(4),
            "bool": True,
            "parts": [{"name": "", "number": n(1)}] * 2,
        },
    ]
    assert warnings == []


def test_a_value_that_cannot_be_worked_out_brings_a_warning() -> None:
    call = deriving(lambda record, scratch: -1)
    layout = Layout(
        {"one_t": {"value": "I"}},
        {"fails": address_of(call)},
    )
    record = Struct(
        name="ONE",
        record="one_t",
        fields=(F("text", derived("TEXT", "fails", STRING), "Text", source=WHOLE_RECORD),),
    )
    data, warnings = dump_all(record, Memory(layout).records("one_t", {}), layout)
    assert data == [{"text": ""}]
    assert warnings == ["A value could not be worked out from its record and was left empty"]


def test_derived_values_are_looked_up_in_the_tables_of_the_request() -> None:
    def name(record: int, scratch: Scratch, tables: int | None) -> int:
        scratch.value = tables or 0
        return 0

    call = Derive(
        lambda record, scratch, tables: name(record, Scratch.from_address(scratch), tables)
    )
    layout = Layout({"one_t": {"value": "I"}}, {"name": address_of(call)})
    record = Struct(
        name="ONE", record="one_t", fields=(F("value", derived("T", "name", STRING), "Name"),)
    )
    memory = Memory(layout)
    lookups = Lookups.at(memory, memory.text(b"from the table"))
    records = memory.records("one_t", {})
    assert dump_all(record, records, layout, lookups=lookups)[0] == [{"value": "from the table"}]
    assert dump_all(record, records, layout)[0] == [{"value": ""}]


def test_derived_values_say_what_they_miss() -> None:
    def qos(record: int, scratch: Scratch) -> int:
        number = ctypes.c_uint32.from_address(record).value
        scratch.note = owned_note(b"Unable to find QOS %d" % number)
        return -1

    call = deriving(qos)
    layout = Layout({"one_t": {"value": "I"}}, {"qos": address_of(call)})
    parser = derived("QOS", "qos", STRING, needs=("qos",))
    record = Struct(name="ONE", record="one_t", fields=(F("value", parser, "QOS"),))
    records = Memory(layout).records("one_t", {"value": 7}, {"value": 8})
    data, warnings = dump_all(record, records, layout)
    assert data == [{"value": ""}] * 2
    assert warnings == ["Unable to find QOS 7", "Unable to find QOS 8"]
    assert dump_all(record, records, layout, flags=["fast"])[1] == []


def owned_note(text: bytes) -> int:
    """A warning that the engine has to free."""
    address = LIBC.malloc(len(text) + 1)
    ctypes.memmove(address, text + b"\0", len(text) + 1)
    return int(address)


def test_warnings_with_a_text_of_their_own_are_bounded() -> None:
    def fails(record: int, scratch: Scratch) -> int:
        scratch.note = owned_note(b"x" * 100_000)
        return -1

    call = deriving(fails)
    layout = Layout({"one_t": {"value": "I"}}, {"fails": address_of(call)})
    record = Struct(
        name="ONE", record="one_t", fields=(F("value", derived("T", "fails", STRING), "Text"),)
    )
    data, warnings = dump_all(record, Memory(layout).records("one_t", *[{}] * 1000), layout)
    assert len(data) == 1000
    assert warnings == ["x" * 512] * 64


def test_a_plan_tells_what_its_dump_needs() -> None:
    inner = Struct(name="IN", record="part_t", fields=(F("name", needing("tres"), "Name"),))
    outer = Struct(
        name="OUT",
        fields=(
            F("one", list_of(pointer(inner), "INS"), "Parts"),
            F("two", needing("qos", "tres"), "Two"),
            F("three", needing("users"), "Not yet", until=V42),
        ),
    )
    for version, needs in ((V42, {"tres", "qos", "users"}), (V43, {"tres", "qos"})):
        plan = response_plan(resolve(outer, version), version, frozenset(), "json", LISTS)
        assert plan.needs == needs


def test_plans_are_kept_and_of_too_many_the_oldest_goes() -> None:
    answer = resolve(Struct(name="A", fields=(F("a", STRING, "A"),)), V45)
    first = response_plan(answer, V45, frozenset(), "json", LISTS)
    assert response_plan(answer, V45, frozenset(), "json", LISTS) is first
    assert response_plan(answer, V45, frozenset({"complex"}), "json", LISTS) is not first
    for _ in range(MOST_PLANS):
        response_plan(answer, V45, frozenset(), "json", Layout({}))
    assert response_plan.cache_info().currsize == MOST_PLANS
    assert response_plan(answer, V45, frozenset(), "json", LISTS) is not first


def needing(*needs: str) -> Codec:
    return Codec(name="NEEDING", kind="string", type="string", needs=needs)


def test_a_negative_number_is_derived_as_one() -> None:
    def idle(record: int, scratch: Scratch) -> int:
        scratch.value = (1 << 64) - 5
        return 0

    call = deriving(idle)
    layout = Layout({"one_t": {"value": "I"}}, {"idle": address_of(call)})
    record = Struct(
        name="ONE", record="one_t", fields=(F("value", derived("IDLE", "idle", INT32), "Idle"),)
    )
    assert dump_all(record, Memory(layout).records("one_t", {}), layout) == ([{"value": -5}], [])


def test_slow_values_come_from_python() -> None:
    def slow(address: int) -> Any:
        number = ctypes.c_uint32.from_address(address).value
        return {"twice": [number, number], "text": "é/"}

    parser = Codec(name="SLOW", kind="python", options={"function": "slow"}, type="object")
    layout = Layout({"one_t": {"value": "I"}}, {"slow": slow})
    record = Struct(
        name="ONE", record="one_t", fields=(F("deep/slow", parser, "Slow value", source="value"),)
    )
    records = Memory(layout).records("one_t", {"value": 1}, {"value": 2})
    data, warnings = dump_all(record, records, layout)
    assert data == [{"deep": {"slow": {"twice": [k, k], "text": "é/"}}} for k in (1, 2)]
    assert warnings == []
    for style in STYLES:
        text = b"".join(blocks(record, records, layout, style=style))
        assert text == render(read(text, style), style)


@pytest.mark.parametrize("told", [ValueError("no"), {"half": [1, {"a": object()}]}])
def test_a_slow_value_that_fails_is_null_and_the_answer_whole(told: Any) -> None:
    def slow(address: int) -> Any:
        if isinstance(told, Exception):
            raise told
        return told

    parser = Codec(name="SLOW", kind="python", options={"function": "slow"}, type="object")
    layout = Layout({"one_t": {"value": "I"}}, {"slow": slow})
    record = Struct(
        name="ONE",
        record="one_t",
        fields=(
            F("slow", parser, "Slow", source="value"),
            F("number", UINT32, "Number", source="value"),
        ),
    )
    data, warnings = dump_all(record, Memory(layout).records("one_t", {"value": 3}), layout)
    assert data == [{"slow": None, "number": 3}]
    assert warnings == ["A value could not be worked out from its record and was left empty"]


def test_constants_are_the_same_for_every_record() -> None:
    assert dump_value(POWER_FLAGS, "I", 7, version=V44) == ([], [])
    assert dump_value(POWER_FLAGS, "I", 7, version=V44, flags=["complex"]) == (None, [])
    assert dump_value(POWER_FLAGS, "I", 7, version=V40, flags=["complex"]) == ([], [])


def test_numbers_in_yaml_carry_their_types() -> None:
    layout = Layout({"one_t": {"a": "d", "b": "L", "c": "s"}})
    record = Struct(
        name="ONE",
        record="one_t",
        fields=(F("a", FLOAT64, "A"), F("b", UINT64, "B"), F("c", STRING, "C")),
    )
    records = Memory(layout).records("one_t", {"a": 1, "b": 2, "c": b"3"})
    text = b"".join(blocks(record, records, layout, style="yaml"))
    assert b"!!str a: !!float 1.0\n" in text
    (one,) = yaml.safe_load(text)["records"]
    assert [type(value) for value in one.values()] == [float, int, str]

"""Values dumped: texts, numbers and their sentinels, with and without +complex."""

from __future__ import annotations

import math
import os
import pwd
from typing import Any

import pytest
import yaml
from dumping import (
    INFINITE,
    INFINITE16,
    INFINITE32,
    INFINITE64,
    INFINITE64_NOTE,
    NEW,
    OLD,
    UNSET,
    UNSET16,
    UNSET32,
    UNSET64,
    blocks,
    dump_all,
    dump_value,
    n,
)
from memory import Layout, Memory

from pyslurmrestd.data_parser.engine import Records
from pyslurmrestd.data_parser.model import Codec, F, Flags, Struct, bit, derived, list_of
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.codecs.identity import GROUP_ID, USER_ID
from pyslurmrestd.plugins.data_parser.codecs.jobs import CORE_SPEC, HOLD, NICE, THREAD_SPEC
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
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V43, V44, V45

PER_CPU = 1 << 63

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

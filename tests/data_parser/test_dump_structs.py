"""Objects, pointers and lists dumped, from records of every storage."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from dumping import UNSET, UNSET32, blocks, dump_all, n, read
from memory import Layout, Memory
from parts import LAYOUT, LISTS, PART

from pyslurmrestd.data_parser.engine import STYLES, render
from pyslurmrestd.data_parser.model import WHOLE_RECORD, Codec, F, Struct, list_of, pointer, removed
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.codecs.jobs import JOB_INFO_GRES_DETAIL
from pyslurmrestd.plugins.data_parser.codecs.no_val import UINT32_NO_VAL
from pyslurmrestd.plugins.data_parser.codecs.numbers import FLOAT64, INT32, UINT16, UINT32, UINT64
from pyslurmrestd.plugins.data_parser.codecs.strings import CSV_STRING, STRING, STRING_ARRAY
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V43, VERSIONS

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

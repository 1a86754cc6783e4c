"""The engine: texts in every style, answers in blocks, records and what keeps them."""

from __future__ import annotations

import gc
import math
import resource
import threading
from typing import Any

import pytest
import yaml
from dumping import blocks, dump_all, read
from memory import Layout, Memory

from pyslurmrestd.data_parser.engine import STYLES, Dump, Prepared, Records, render
from pyslurmrestd.data_parser.model import Codec, F, Struct, list_of, pointer
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.plugins.data_parser.codecs.no_val import UINT32_NO_VAL
from pyslurmrestd.plugins.data_parser.codecs.numbers import UINT32
from pyslurmrestd.plugins.data_parser.codecs.strings import CSV_STRING, STRING, STRING_ARRAY
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_META, OPENAPI_WARNINGS
from pyslurmrestd.plugins.data_parser.versions import V45

every_style = pytest.mark.parametrize("style", STYLES)

DATA: Any = {
    "text": 'a "b" \\ / é \U0001f600\n\t\r\b\f\x00\x01\x1f\x7f',
    "": "",
    "yaml": ["- a", "a: b", "a #b", "'", "[", "{", "*a", "&a", "!a", "%a", "@a", "`a", " a ", "a "],
    "no text": ["1", "1.5", "true", "null", "~", "yes", "2026-11-21", "0x10", "Infinity", "..."],
    "long": "word " * 60,
    "numbers": [0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 0.0, 1.0, -2.5, 0.1, 1e300, 2.5e-5],
    "others": [True, False, None],
    "nested": {"list": [[], {}, [1, [2, [3, {"a": [{"b": []}]}]]], {"c": {}}]},
    "é": {"/": "/"},
}


@every_style
def test_plain_data_reads_back_as_it_was(style: str) -> None:
    assert read(render(DATA, style), style) == DATA


@pytest.mark.parametrize("data", ["", "a", 0, 1.5, None, True, [], {}, [[]], [{}], {"a": {}}])
@every_style
def test_any_value_may_stand_alone(style: str, data: Any) -> None:
    assert read(render(data, style), style) == data


def test_pretty_json_is_laid_out_as_slurm_does() -> None:
    assert render({"a": [1, {"b": 1.0}], "c": [], "d": {}, "e/f": "g/h"}) == (
        b'{\n  "a": [\n    1,\n    {\n      "b": 1.0\n    }\n  ],\n'
        b'  "c": [],\n  "d": {},\n  "e\\/f": "g\\/h"\n}'
    )


def test_compact_json_has_no_blanks() -> None:
    assert render({"a": [1, {"b": None}], "c": []}, "json_compact") == (
        b'{"a":[1,{"b":null}],"c":[]}'
    )


def test_yaml_is_tagged_ascii() -> None:
    text = render({"a": [1, {"b": True, "c": "x y"}], "d": "é", "e": ""}, "yaml")
    assert text.decode("ascii") == (
        "%YAML 1.1\n--- !!map\n"
        "!!str a: !!seq\n- !!int 1\n- !!map\n  !!str b: !!bool true\n  !!str c: !!str x y\n"
        '!!str d: !!str "\\xE9"\n!!str e: !!str ""\n...\n'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.inf, '"Infinity"'), (-math.inf, '"-Infinity"'), (math.nan, '"NaN"'), (1e16, "1e+16"),
     (100.0, "100.0"), (2.3283064376228985e-10, "2.3283064376228985e-10")],
)  # fmt: skip
def test_every_float_is_valid_json(value: float, text: str) -> None:
    assert render(value).decode() == text


@every_style
def test_bytes_that_were_no_utf8_become_one_replacement_each(style: str) -> None:
    text = b"a\xff\xc3(\xed\xa0\x80z".decode("utf-8", "surrogateescape")
    assert read(render(text, style), style) == "a\ufffd\ufffd(\ufffd\ufffd\ufffdz"


@every_style
def test_half_a_character_becomes_a_replacement(style: str) -> None:
    assert read(render("a\ud800b", style), style) == "a\ufffdb"


@pytest.mark.parametrize("data", [object(), {"a": {1, 2}}, [b"bytes"]])
def test_what_json_has_no_form_for_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="no JSON form"):
        render(data)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(KeyError):
        render({}, "xml")


TEXTS = [
    (b"plain", "plain"),
    (b"", ""),
    (b'a "b" \\ c/d', 'a "b" \\ c/d'),
    (bytes(range(1, 0x20)), "".join(map(chr, range(1, 0x20)))),
    (b"\x7f", "\x7f"),
    ("é €\U0001f600".encode(), "é €\U0001f600"),
    (b"a\xff\xfeb", "a\ufffd\ufffdb"),
    (b"\xc3", "\ufffd"),  # cut short
    (b"\xe2\x82x", "\ufffd\ufffdx"),
    (b"\xc0\xaf", "\ufffd\ufffd"),  # longer than it has to be
    (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),  # half of a UTF-16 pair
    (b"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"),  # beyond U+10FFFF
    (b"\xf4\x8f\xbf\xbf", "\U0010ffff"),
    (b"- a: #b", "- a: #b"),
    (b"null", "null"),
    (b"12", "12"),
    (b" a", " a"),
]
RECORD_T = {"record_t": {"text": "s", "number": "I", "parts": "s", "words": "S"}}
RECORD = Struct(
    name="RECORD",
    record="record_t",
    fields=(
        F("text", STRING, "Text"),
        F("number", UINT32_NO_VAL, "Number"),
        F("deep/parts", CSV_STRING, "Parts", source="parts"),
        F("deep/words", STRING_ARRAY, "Words", source="words"),
    ),
)


def test_texts_of_records_are_valid_whatever_their_bytes() -> None:
    layout = Layout(RECORD_T)
    records = Memory(layout).records("record_t", *({"text": text} for text, _ in TEXTS))
    data, _ = dump_all(RECORD, records, layout)
    assert [entry["text"] for entry in data] == [text for _, text in TEXTS]


def some_records(count: int) -> tuple[Layout, Records]:
    layout = Layout(RECORD_T)
    given = [
        {
            "text": b"text %d" % place * (place % 7),
            "number": (0, 7, 0xFFFFFFFE, 0xFFFFFFFF)[place % 4],
            "parts": b"a,,b,%d" % place if place % 3 else None,
            "words": [b"w"] * (place % 5) if place % 2 else None,
        }
        for place in range(count)
    ]
    return layout, Memory(layout, 1 << 20).records("record_t", *given)


@pytest.mark.parametrize("count", [0, 1, 2, 200])
@pytest.mark.parametrize("block_size", [0, 1, 100, 5000])
@every_style
def test_blocks_together_are_the_whole(style: str, block_size: int, count: int) -> None:
    layout, records = some_records(count)
    (whole,) = blocks(RECORD, records, layout, style=style)
    parts = blocks(RECORD, records, layout, style=style, block_size=block_size)
    assert b"".join(parts) == whole
    assert len(read(whole, style)["records"]) == count
    assert (len(parts) > 1) == (len(whole) > block_size)


def test_a_block_ends_with_the_record_that_fills_it() -> None:
    layout, records = some_records(50)
    parts = blocks(RECORD, records, layout, block_size=1000)
    longest = max(map(len, blocks(RECORD, records, layout, block_size=1)))
    assert all(1000 <= len(part) < 1000 + longest for part in parts[:-1])


def test_answer_tells_when_it_is_finished() -> None:
    layout, records = some_records(2)
    answer = Struct(name="ANSWER", fields=(F("all", list_of(RECORD, "ALL"), "All"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", layout)
    dump = Dump(plan, {"all": records}, ["all"], block_size=1)
    assert not dump.finished
    found = [(bytes(block), dump.finished) for block in dump]
    assert [finished for _, finished in found] == [False] * (len(found) - 1) + [True]
    with pytest.raises(StopIteration):
        next(dump)


@every_style
def test_a_prepared_row_is_written_as_its_value_is(style: str) -> None:
    layout, records = some_records(2)
    answer = Struct(
        name="ANSWER",
        fields=(
            F("all", list_of(RECORD, "ALL"), "All"),
            F("warnings", OPENAPI_WARNINGS, "What to look at"),
        ),
    )
    plan = response_plan(resolve(answer, V45), V45, frozenset(), style, layout)
    told = [{"description": "a \u00e4", "source": "b"}]
    prepared = Prepared(plan, "warnings", told)
    for order in (["all", "warnings"], ["warnings", "all"]):
        plain, again = (
            b"".join(map(bytes, Dump(plan, {"all": records, "warnings": row}, order)))
            for row in (told, prepared)
        )
        assert again == plain
        assert read(again, style)["warnings"] == told
    with pytest.raises(TypeError):
        Prepared(plan, "warnings", [{"nothing": 1}])


def test_rows_come_in_the_order_that_is_asked_for() -> None:
    answer = Struct(
        name="ANSWER",
        fields=(F("a", UINT32, "One"), F("b", STRING, "Two"), F("c", STRING, "3")),
    )
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json_compact", Layout({}))
    (block,) = Dump(plan, {"a": 1, "b": "x", "c": None}, ["c", "a"])
    assert bytes(block) == b'{"c":"","a":1}'


@every_style
def test_values_from_python_stand_in_any_row(style: str) -> None:
    answer = Struct(
        name="ANSWER",
        fields=(
            F("meta", pointer(OPENAPI_META, null_ok=True), "Meta"),
            F("list", list_of(STRING, "LIST"), "List"),
            F("text", STRING, "Text"),
            F("number", UINT32_NO_VAL, "Number"),
            F("words", STRING_ARRAY, "Words"),
        ),
    )
    plan = response_plan(resolve(answer, V45), V45, frozenset(), style, Layout({}))
    meta = {
        "plugin": {"type": "t", "name": "n", "data_parser": "d", "accounting_storage": "a"},
        "client": {"source": "s", "user": "alice", "group": ""},
        "command": ["one", "two"],
        "slurm": {
            "version": {"major": "26", "micro": "5", "minor": "05"},
            "release": "26.05.5",
            "cluster": "c",
        },
    }
    values = {"meta": meta, "list": ["x", "y"], "text": "é/", "number": 5, "words": []}
    told = read(b"".join(bytes(block) for block in Dump(plan, values, plan.sources)), style)
    assert told == {**values, "number": {"set": True, "infinite": False, "number": 5}}
    nothing = dict.fromkeys(values)
    told = read(b"".join(bytes(block) for block in Dump(plan, nothing, plan.sources)), style)
    assert told["meta"] is None
    assert told["list"] == told["words"] == []
    assert told["text"] == ""


@every_style
def test_one_record_may_stand_for_an_object(style: str) -> None:
    layout, records = some_records(2)
    answer = Struct(name="ANSWER", fields=(F("one", pointer(RECORD), "One"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), style, layout)
    everything, _ = dump_all(RECORD, records, layout)
    for place in (0, 1):
        values = {"one": records.select([place])}
        text = b"".join(bytes(block) for block in Dump(plan, values, ["one"]))
        assert read(text, style) == {"one": everything[place]}
    with pytest.raises(ValueError, match="2 records for one object"):
        list(Dump(plan, {"one": records}, ["one"]))


def test_a_block_stays_as_it_is_while_it_is_looked_at() -> None:
    layout, records = some_records(200)
    answer = Struct(name="ANSWER", fields=(F("all", list_of(RECORD, "ALL"), "All"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", layout)
    kept, copies = [], []
    for block in Dump(plan, {"all": records}, ["all"], block_size=2000):
        kept.append(block)
        copies.append(bytes(block))
    assert len(kept) > 5
    assert [bytes(block) for block in kept] == copies


def test_a_block_that_nobody_looks_at_is_used_again() -> None:
    layout, records = some_records(400)
    answer = Struct(name="ANSWER", fields=(F("all", list_of(RECORD, "ALL"), "All"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", layout)
    places = {id(block.obj) for block in Dump(plan, {"all": records}, ["all"], block_size=2000)}
    assert len(places) == 2


def test_chosen_records_are_dumped_in_the_order_chosen() -> None:
    layout, records = some_records(9)
    everything, _ = dump_all(RECORD, records, layout)
    chosen = records.select([7, 2, 2])
    assert len(chosen) == 3
    data, _ = dump_all(RECORD, chosen, layout)
    assert data == [everything[7], everything[2], everything[2]]
    assert dump_all(RECORD, chosen.select([1]), layout)[0] == [everything[2]]
    assert dump_all(RECORD, records.select([]), layout)[0] == []


def test_no_record_can_be_chosen_that_is_not_there() -> None:
    _, records = some_records(3)
    with pytest.raises(IndexError):
        records.select([3])


def test_records_keep_their_memory() -> None:
    class Owner:
        ended = False

        def __del__(self) -> None:
            Owner.ended = True

    _, records = some_records(1)
    kept = Records.at(Owner(), 0, 0, 8).select([])
    gc.collect()
    assert not Owner.ended
    del kept
    gc.collect()
    assert Owner.ended
    assert len(records) == 1


def test_threads_may_dump_the_same_records_by_one_plan() -> None:
    layout, records = some_records(100)
    answer = Struct(name="ANSWER", fields=(F("all", list_of(RECORD, "ALL"), "All"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", layout)

    def dump() -> bytes:
        made = Dump(plan, {"all": records}, ["all"], block_size=500)
        return b"".join(bytes(block) for block in made)

    whole, found = dump(), []
    threads = [
        threading.Thread(target=lambda: found.extend(dump() for _ in range(50))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 200
    assert set(found) == {whole}


def test_dumping_again_and_again_takes_no_more_memory() -> None:
    layout, records = some_records(400)
    slow = Codec(name="SLOW", kind="python", options={"function": "slow"}, type="object")
    layout = Layout(RECORD_T, {"slow": lambda address: {"at": [address] * 50}})
    record = Struct(
        name="ALL", record="record_t", fields=(*RECORD.fields, F("slow", slow, "S", source="text"))
    )

    def rounds(count: int) -> int:
        for _ in range(count):
            for style in STYLES:
                blocks(record, records, layout, style=style, block_size=4096)
                render(DATA, style)
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = rounds(10)
    assert rounds(60) - before < 2048  # KiB; one round writes about 400


def test_yaml_reads_back_with_another_reader() -> None:
    # The C loader of libyaml is stricter than the Python one.
    assert yaml.load(render(DATA, "yaml"), yaml.CSafeLoader) == DATA

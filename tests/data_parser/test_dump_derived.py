"""Values that functions work out: in C from a record and the request's tables, or in Python."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
from dumping import blocks, dump_all, n, read
from memory import Layout, Memory, address_of
from parts import LAYOUT, PART

from pyslurmrestd.data_parser.engine import STYLES, Lookups, render
from pyslurmrestd.data_parser.model import WHOLE_RECORD, Codec, F, Struct, derived, list_of
from pyslurmrestd.plugins.data_parser.codecs.no_val import UINT32_NO_VAL
from pyslurmrestd.plugins.data_parser.codecs.numbers import BOOL, INT32, UINT32
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING

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

"""Records dumped by definitions, in every style, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import yaml
from memory import Layout, Memory

from pyslurmrestd.data_parser.engine import STYLES, Dump, Lookups, Records
from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Parser, Struct, list_of
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_WARNINGS
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V43, V44, V45

__all__ = [
    "INFINITE",
    "INFINITE16",
    "INFINITE32",
    "INFINITE64",
    "INFINITE64_NOTE",
    "NEW",
    "OLD",
    "UNSET",
    "UNSET16",
    "UNSET32",
    "UNSET64",
    "blocks",
    "dump_all",
    "dump_value",
    "n",
    "read",
]

UNSET16, INFINITE16 = 0xFFFE, 0xFFFF
UNSET32, INFINITE32 = 0xFFFFFFFE, 0xFFFFFFFF
UNSET64, INFINITE64 = 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF

OLD, NEW = (V40, V41, V42), (V43, V44, V45)
"""Versions before and after numbers learnt to warn of their sentinels."""

INFINITE64_NOTE = "Dumping (0xffffffffffffffff) as place holder for Infinity"


def n(number: float) -> dict[str, Any]:
    """A number that could be unset or infinite."""
    return {"set": True, "infinite": False, "number": number}


UNSET = {"set": False, "infinite": False, "number": 0}
INFINITE = {"set": False, "infinite": True, "number": 0}


def response(record: Struct, empty: str | None = None) -> Struct:
    """An answer that holds a list of a record, and the warnings of its dump."""
    return Struct(
        name="RESPONSE",
        fields=(
            F("records", list_of(record, "RECORDS", empty=empty), "The records"),
            F("warnings", OPENAPI_WARNINGS, "What to look at"),
        ),
    )


def blocks(
    record: Struct,
    records: Records,
    layout: Layout,
    *,
    version: ApiVersion = V45,
    flags: Iterable[str] = (),
    style: str = "json",
    block_size: int = 1 << 18,
    lookups: Lookups | None = None,
) -> list[bytes]:
    """The blocks of an answer, each copied before the next one takes its memory."""
    answer = resolve(response(record), version)
    plan = response_plan(answer, version, frozenset(flags), style, layout)
    values = {"records": records, "warnings": []}
    dump = Dump(
        plan,
        values,
        plan.sources,
        block_size=block_size,
        quiet="fast" in flags,
        lookups=lookups,
    )
    return [bytes(block) for block in dump]


def read(text: bytes, style: str) -> Any:
    """The data of a text of the style."""
    return yaml.safe_load(text) if style == "yaml" else json.loads(text)


def dump_all(
    record: Struct, records: Records, layout: Layout, **how: Any
) -> tuple[list[Any], list[str]]:
    """The records as data, the same in every style, and the warnings of their dump."""
    found = []
    for style in STYLES:
        data = read(b"".join(blocks(record, records, layout, style=style, **how)), style)
        found.append((data["records"], [entry["description"] for entry in data["warnings"]]))
    assert found[0] == found[1] == found[2]
    return found[0]


def dump_value(
    parser: Parser, kind: str, value: Any, *, whole: bool = False, **how: Any
) -> tuple[Any, list[str]]:
    """What one value of a C type (see ``Member.kind``) is dumped as, and the warnings."""
    layout = Layout({"one_t": {"before": "B", "value": kind}})
    source = WHOLE_RECORD if whole else "value"
    record = Struct(
        name="ONE", record="one_t", fields=(F("value", parser, "The value", source=source),)
    )
    records = Memory(layout).records("one_t", {"value": value})
    data, warnings = dump_all(record, records, layout, **how)
    return data[0]["value"], warnings

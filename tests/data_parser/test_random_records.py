"""Records with anything in them: the engine dumps what plain Python makes of the same rows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from dumping import response
from plain_dump import PlainDump, told_here
from random_records import Heap
from structs import reached

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.engine import Dump, Records
from pyslurmrestd.data_parser.model import Struct
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import Absent, resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import VERSIONS
from pyslurmrestd.slurm.layout import LAYOUT

STYLES = ("json", "json_compact", "yaml")


def dumped_structs() -> Iterator[Struct]:
    """The structs of Slurm's records in all answers."""
    answers = (
        operation.answer
        for content in plugin.contents(None, accounting=True)
        for path in content.all_paths()
        for _, operation in path.operations()
    )
    return (struct for struct in reached(answers) if struct.record is not None)


STRUCTS = sorted(dumped_structs(), key=lambda struct: struct.name)


def dumped(
    struct: Struct, records: Records, version: ApiVersion, flags: frozenset[str], style: str
) -> Any:
    answer = resolve(response(struct), version)
    plan = response_plan(answer, version, flags, style, LAYOUT)
    values = {"records": records, "warnings": []}
    text = b"".join(bytes(block) for block in Dump(plan, values, plan.sources, block_size=4096))
    if style == "yaml":
        return yaml.load(text, Loader=yaml.CSafeLoader)["records"]
    return json.loads(text)["records"]


def same(one: Any, other: Any, place: str = "") -> None:
    """Equal in value and type, but for numbers, of which 1 and 1.0 are one."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert list(one) == list(other) or set(one) == set(other), place
        for key in one:
            same(one[key], other[key], f"{place}/{key}")
    elif isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other), place
        for number, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{place}[{number}]")
    else:
        assert isinstance(one, bool) == isinstance(other, bool), place
        assert one == other, f"{place}: {one!r} is not {other!r}"


def test_most_structs_are_told_here() -> None:
    assert len(STRUCTS) > 60


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("is_complex", [False, True], ids=["plain", "complex"])
def test_the_engine_dumps_what_plain_python_does(version: ApiVersion, is_complex: bool) -> None:
    flags = frozenset(("complex",)) if is_complex else frozenset[str]()
    plain = PlainDump(version, is_complex=is_complex)
    told = 0
    for struct in STRUCTS:
        try:
            parser = told_here(resolve(struct, version))
        except Absent:
            continue
        if parser is None:
            continue
        told += 1
        heap = Heap(random.Random(f"{struct.name} {version}"))
        records, places = heap.records(parser, 5)
        expected = [plain.struct(parser, place) for place in places]
        for style in STYLES:
            same(dumped(parser, records, version, flags, style), expected, f"{struct.name} {style}")
    assert told > 35

"""The most and the least that tasks of a step used, from the texts that slurmdbd keeps of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from compiled import compiled
from test_lookups import Database, Memory

from pyslurmrestd.data_parser.engine import Dump
from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Struct, list_of
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.plugins.data_parser.codecs.accounted_jobs import STEP_TRES_REQ_MAX
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_WARNINGS
from pyslurmrestd.plugins.data_parser.versions import V45
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT

RECORD = "slurmdb_step_rec_t"
TEXTS = ("tres_usage_in_max", "tres_usage_in_max_taskid", "tres_usage_in_max_nodeid")
UNREADABLE = "A value could not be worked out from its record and was left empty"


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What is told of a step with these three texts on these nodes, and the warnings."""
    load_library()
    from pyslurmrestd.slurm import derived, lookups

    LAYOUT.functions.update(derived.FUNCTIONS)
    LAYOUT.functions.update(lookups.FUNCTIONS)
    members = tuple(F(name, STRING, "", source=f"stats.{name}") for name in TEXTS)
    struct = Struct(name="STATS", record=RECORD, fields=(*members, F("nodes", STRING, "")))
    directory: Path = tmp_path_factory.mktemp("layout")
    layout = compiled(directory, struct)
    row = F("most", STEP_TRES_REQ_MAX, "Most", source=WHOLE_RECORD)
    step = Struct(name="STEP", record=RECORD, fields=(row,))
    answer = Struct(
        name="ANSWER",
        fields=(
            F("records", list_of(step, "STEPS"), "Steps"),
            F("warnings", OPENAPI_WARNINGS, "Warnings"),
        ),
    )
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", LAYOUT)

    def dumped(texts: tuple[bytes | None, ...], nodes: bytes | None) -> tuple[Any, list[str]]:
        values = dict(zip((f"stats.{name}" for name in TEXTS), texts, strict=True))
        given = {**values, "nodes": nodes}
        memory = Memory(
            RECORD,
            {name: text for name, text in given.items() if text is not None},
            layout=layout,
        )
        tables = lookups.SlurmdbLookups(Database())
        tables.load(plan.needs)
        source = {"records": memory.records(1), "warnings": []}
        told = json.loads(b"".join(map(bytes, Dump(plan, source, plan.sources, lookups=tables))))
        return told["records"][0]["most"], [note["description"] for note in told["warnings"]]

    return dumped


def entry(number: int, count: int, task: int, node: str) -> dict[str, Any]:
    kind, name = {1: ("cpu", ""), 2: ("mem", ""), 1001: ("gres", "gpu:a100")}.get(number, ("", ""))
    return {
        "type": kind, "name": name, "id": number, "count": count, "task": task, "node": node,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "nodes", "told"),
    [
        ((None, None, None), b"c1", []),
        ((b"", b"", b""), b"c1", []),
        ((b"1=4", b"1=0", b"1=0"), b"c1", [entry(1, 4, 0, "c1")]),
        # By number, whatever the order of the texts.
        (
            (b"1001=7,2=5,1=4", b"2=3,1=1", b"1=2,2=0"),
            b"c[1-3]",
            [entry(1, 4, 1, "c3"), entry(2, 5, 3, "c1"), entry(1001, 7, 0, "")],
        ),
        # Nothing used, but a place: as slurmrestd tells it.
        ((b"1=0", b"1=0", b"1=1"), b"d7,c1", [entry(1, 0, 0, "c1")]),
        ((b"1=0,2=3", None, None), b"c1", [entry(2, 3, 0, "")]),
        # Beyond the nodes there are.
        ((b"1=4", b"1=1", b"1=9"), b"c[1-3]", [entry(1, 4, 1, "")]),
        ((b"1=4", b"1=1", b"1=18446744073709551615"), b"c[1-3]", [entry(1, 4, 1, "")]),
        ((b"1=4", b"1=1", b"1=1"), b"c1", [entry(1, 4, 1, "")]),
        ((b"1=4", None, b"1=0"), None, [entry(1, 4, 0, "")]),
        ((b"1=4", None, b"1=0"), b"", [entry(1, 4, 0, "")]),
        # Marks of Slurm's are numbers with a sign.
        ((b"1=18446744073709551614", None, None), b"c1", [entry(1, -2, 0, "")]),
        ((b",1=4,,2=5,", None, None), b"c1", [entry(1, 4, 0, ""), entry(2, 5, 0, "")]),
        ((b"1=4,1=5", None, None), b"c1", [entry(1, 5, 0, "")]),
    ],
)
def test_three_texts_are_one_list(dumped: Any, texts: Any, nodes: Any, told: Any) -> None:
    assert dumped(texts, nodes) == (told, [])


def test_a_number_that_nothing_has_is_told(dumped: Any) -> None:
    known, unknown = entry(1, 4, 0, "c2"), entry(77, 6, 2, "c1")
    told = dumped((b"77=6,1=4", b"77=2", b"77=0,1=1"), b"c[1-2]")
    assert told == ([known, unknown], ["Unable to find TRES 77"])


@pytest.mark.parametrize(
    "text", [b"cpu=4", b"1", b"=", b"1=", b"1=x", b"1=4x", b"1=4;2=5", b"-1=4=5", b"\xff=\xff"]
)
@pytest.mark.parametrize("place", range(3))
def test_what_is_no_such_text_is_warned_of(dumped: Any, text: bytes, place: int) -> None:
    texts = [b"2=5", b"2=1", b"2=0"]
    texts[place] = text
    told, warnings = dumped(tuple(texts), b"c1")
    assert warnings == [UNREADABLE]
    assert all(item["type"] == "mem" for item in told)


@pytest.mark.parametrize("nodes", [b"c[", b"c]1", b"[", b",,,", b"c[5-1]", b"c[a-b],d"])
def test_nodes_that_are_none_leave_the_place_empty(dumped: Any, nodes: bytes) -> None:
    told, _ = dumped((b"1=4", b"1=1", b"1=0"), nodes)
    assert [(item["count"], item["task"]) for item in told] == [(4, 1)]

"""Every operation in every version, planned by the installed Slurm's layout."""

from __future__ import annotations

import gc
import resource
from collections.abc import Iterator
from typing import Any

import pytest
from structs import reached

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.model import Parser, Struct
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import Absent, resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.data_parser.write import write_plan
from pyslurmrestd.plugins.data_parser.versions import VERSIONS
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT


def operations() -> Iterator[tuple[str, tuple[Parser, ...], Parser]]:
    """Key, inputs and answer of each operation."""
    for content in plugin.contents(None, accounting=True):
        for path in content.all_paths():
            for method, operation in path.operations():
                yield f"{method} {path.url}", tuple(operation.parsers()), operation.answer


OPERATIONS = list(operations())


@pytest.fixture(scope="module", autouse=True)
def functions() -> None:
    load_library()
    from pyslurmrestd.slurm import derived, lookups

    LAYOUT.functions.update(derived.FUNCTIONS)
    LAYOUT.functions.update(lookups.FUNCTIONS)


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("answer", [answer for _, _, answer in OPERATIONS], ids=lambda it: it.name)
def test_every_row_of_an_answer_fits_its_member(answer: Parser, version: ApiVersion) -> None:
    try:
        response = resolve(answer, version)
    except Absent:
        return  # the path is in no document of this version
    assert isinstance(response, Struct)
    plan = response_plan(response, version, frozenset(), "json", LAYOUT)
    assert plan.sources[-3:] == ("meta", "errors", "warnings")


def written() -> Iterator[Struct]:
    """The structs of inputs that libslurm's records are made from."""
    parsers = (parser for _, parsers, _ in OPERATIONS for parser in parsers)
    return (struct for struct in reached(parsers) if struct.free is not None)


WRITTEN = list(written())


@pytest.mark.parametrize("struct", WRITTEN, ids=lambda it: it.name)
def test_every_record_that_is_written_is_made_and_freed(struct: Struct) -> None:
    from pyslurmrestd.slurm.written import new_record

    assert write_plan(struct, LAYOUT).record == struct.record
    assert new_record(struct, {}).address != 0


def sample(parser: Parser, depth: int = 0) -> dict[str, Any]:
    """A value for each member that a write plan of the struct has, lists and records within too."""
    values: dict[str, Any] = {}
    for source, place in write_plan(parser, LAYOUT).places.items():
        kind = place.member.kind
        if place.record is not None and depth < 2:
            below = sample(place.record, depth + 1)
            values[source] = [below, below] if place.holds in ("list", "counted") else below
        elif kind == "T" and place.record is None:
            values[source] = ["text of a list"] * 3
        elif kind == "s":
            values[source] = "text of a member"
        elif kind in "bBhHiIlL?dD":
            values[source] = 1
    return values


def resident() -> int:
    """KiB of this process that have ever been in memory at once."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("struct", WRITTEN, ids=lambda it: it.name)
def test_ten_thousand_of_every_record_leave_nothing_behind(struct: Struct) -> None:
    from pyslurmrestd.slurm.written import new_record

    values = sample(struct)
    assert values

    def write(times: int) -> int:
        for _ in range(times):
            new_record(struct, values)
        return resident()

    before = write(1000)
    assert write(10_000) - before < 512  # one byte of each would be 10

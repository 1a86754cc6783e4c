"""Rows that say where they are on another Slurm release, found by its headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from compiled import compiled

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.flag_words import parse_flags
from pyslurmrestd.data_parser.model import F, Flags, Struct, bit
from pyslurmrestd.data_parser.plan import Planner
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.write import write_plan
from pyslurmrestd.errors import SlurmError
from pyslurmrestd.plugins.data_parser.codecs.numbers import UINT16, UINT32
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.versions import V45
from pyslurmrestd.slurm.layout import Layout
from pyslurmrestd.slurm.probe import BuildError

SLURM_H = """
#pragma once
#include <stdint.h>
#include <stdbool.h>
typedef struct xlist list_t;
typedef struct { char *name; uint32_t kept; %s } thing_t;
#define KEPT 1
#define NO_VAL 0xfffffffe
#define %s 2
%s
static inline void free_thing(thing_t *thing) {}
"""
NEW = SLURM_H % ("uint16_t renamed; uint32_t added;", "RENAMED", "#define ADDED 4")
OLD = SLURM_H % ("uint16_t old_name;", "OLD_NAME", "")

FLAGS = Flags(
    name="FLAGS",
    values=(
        bit("KEPT", "KEPT"),
        bit("RENAMED", "RENAMED", on={"24.11": "OLD_NAME"}),
        bit("ADDED", "ADDED", on={"24.11": None}),
    ),
)
THING = Struct(
    name="THING",
    record="thing_t",
    free="free_thing",
    fields=(
        F("name", STRING, "Name"),
        F("kept", FLAGS, "Flags"),
        F("renamed", UINT16, "Renamed since", on={"24.11": "old_name"}),
        F("added", UINT32, "Not there before", on={"24.11": None}),
    ),
)


def layout_of(directory: Path, number: str, header: str, struct: Struct = THING) -> Layout:
    """The layout by headers of a Slurm of our own."""
    slurm = directory / "slurm"
    slurm.mkdir()
    (slurm / "slurm.h").write_text(header)
    (slurm / "slurm_version.h").write_text(f"#define SLURM_VERSION_NUMBER {number}\n")
    for name in ("slurm_errno.h", "slurmdb.h"):
        (slurm / name).write_text("")
    (directory / "private.h").write_text("#include <slurm/slurm.h>\n")
    return compiled(directory, struct, headers=directory)


@pytest.fixture
def new(tmp_path: Path) -> Layout:
    return layout_of(tmp_path, "0x1a0505", NEW)


@pytest.fixture
def old(tmp_path: Path) -> Layout:
    return layout_of(tmp_path, "0x180b05", OLD)


def test_a_member_is_called_as_on_the_usual_release_wherever_it_lies(old: Layout) -> None:
    member = old.member("thing_t", "renamed")
    assert (member.offset, member.size, member.kind) == (12, 2, "H")
    assert old.member("thing_t", "added").absent
    assert (old.constants["RENAMED"], "ADDED" in old.constants) == (2, False)


def test_the_usual_release_has_them_all(new: Layout) -> None:
    assert new.member("thing_t", "added").kind == "I"
    assert new.constants == {"KEPT": 1, "RENAMED": 2, "ADDED": 4, "NO_VAL": 0xFFFFFFFE}


def test_a_row_whose_member_is_not_there_is_dumped_as_a_removed_one(old: Layout) -> None:
    struct = Planner(V45, frozenset(), "json_compact", old).struct(resolve(THING, V45), 0, 0)
    kinds = dict(zip(struct.sources, struct.ops, strict=True))
    assert (kinds["added"].kind, kinds["added"].texts) == ("constant", (b"0",))
    assert (kinds["renamed"].kind, kinds["renamed"].offset) == ("number", 12)
    assert [word for _, _, _, word in kinds["kept"].flags] == [b'"KEPT"', b'"RENAMED"']


def test_input_for_what_is_not_there_is_refused(old: Layout) -> None:
    from pyslurmrestd.slurm import load_library

    load_library()
    from pyslurmrestd.slurm import written

    assert write_plan(THING, old).place("added").member.absent
    plain: Any = Struct(name="THING", record="thing_t", free="slurm_xfree_ptr", fields=THING.fields)
    with pytest.raises(SlurmError, match="This release of Slurm has no added") as raised:
        written.new_record(plain, {"renamed": 1, "added": 2}, old)
    assert raised.value.errno == 9216
    context = ParseContext(V45, frozenset(), old.constants)
    assert parse_flags(FLAGS, ["renamed", "added"], context) == 2
    assert [(error.errno, error.text) for error in context.errors] == [
        (9207, 'Unknown flag "added"')
    ]


def test_a_row_that_does_not_say_it_fails_the_build(tmp_path: Path) -> None:
    silent = Struct(name="SILENT", record="thing_t", fields=(F("added", UINT32, "Silent"),))
    with pytest.raises(
        BuildError, match=r"SILENT: added \(sizeof\(\(\(thing_t \*\) 0\)->added\)\)"
    ):
        layout_of(tmp_path, "0x180b05", OLD, silent)

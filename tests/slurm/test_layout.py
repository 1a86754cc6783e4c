"""The layout that the compiler found, held against numbers taken from Slurm's sources."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pyslurmrestd.slurm.layout import LAYOUT, built_for

FACTS = Path(__file__).parents[1] / "facts"
PARSERS: list[dict[str, Any]] = json.loads((FACTS / "parsers-v0.0.45.json").read_text())["parsers"]
WIDTHS = {"b": 1, "B": 1, "?": 1, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "d": 8}


def test_it_is_of_a_release_that_is_supported() -> None:
    assert re.fullmatch(r"26\.05\.\d+", built_for())


def test_constants_have_the_numbers_of_the_sources() -> None:
    flags = [flag for parser in PARSERS for flag in parser.get("flags", ())]
    expected = {
        flag[key]: int(flag[f"{key}_number"], 16)
        for flag in flags
        for key in ("value", "mask")
        if f"{key}_number" in flag and flag[key] in LAYOUT.constants
    }
    # The sources cut to the width of the member, C extends the sign.
    wrong = {
        name: (hex(LAYOUT.constants[name]), hex(number))
        for name, number in expected.items()
        if LAYOUT.constants[name] & number != number
        or LAYOUT.constants[name] & 0xFFFFFFFF != number & 0xFFFFFFFF
    }
    assert wrong == {}
    assert len(expected) > 150


def test_members_have_the_widths_of_the_sources() -> None:
    widths = {
        (parser["c_type"], field["c_field"]): flags["c_size"]
        for parser in PARSERS
        for field in parser.get("fields", ())
        for flags in PARSERS
        if "c_field" in field and flags["name"] == field["parser"] and "c_size" in flags
    }
    checked = 0
    for (record, name), width in widths.items():
        try:
            member = LAYOUT.member(record, name)
        except KeyError:
            continue  # of an endpoint that is not served
        assert (name, member.size) == (name, width)
        checked += 1
    assert checked > 15


def test_members_lie_within_their_record() -> None:
    from pyslurmrestd.slurm import _layout

    for record, name in _layout.members:
        member = LAYOUT.member(record, name)
        assert not member.absent  # of the release that the tables speak of
        assert member.size == WIDTHS.get(member.kind, member.size)
        if record in _layout.sizes:
            assert 0 <= member.offset <= LAYOUT.size(record) - member.size

"""Flags dumped: words for bits and for whole numbers."""

from __future__ import annotations

import struct

import pytest
from dumping import NEW, OLD, UNSET16, UNSET32, dump_value

from pyslurmrestd.data_parser.model import Flags, bit, whole
from pyslurmrestd.plugins.data_parser.versions import V40, V42, V43, VERSIONS

STATES = Flags(
    name="STATES",
    mask=0xFFFFFFFFFFFFFF00,
    values=(
        whole("PENDING", 0, mask="BASE_MASK"),
        whole("RUNNING", "RUNNING", mask="BASE_MASK"),
        whole("ENDED", 3, mask="BASE_MASK"),
        bit("REQUEUE", "REQUEUE"),
        bit("BOTH", 0x600),
        bit("LOW", 1, mask=1),
        bit("HIDDEN", 0x1000, hidden=True),
        bit("GONE", 0x1000, removed=True),
        bit("EARLY", 0x2000, until=V42),
        bit("LATE", 0x4000, since=V43),
        bit("TOP", "HIGH_BIT"),
    ),
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ["PENDING"]),
        (1, ["RUNNING"]),
        (2, []),
        (3, ["ENDED"]),  # which hides LOW: it shares a bit with the mask
        (5, ["LOW"]),
        (0x401, ["RUNNING", "REQUEUE"]),
        (0x601, ["RUNNING", "REQUEUE", "BOTH"]),
        (0x201, ["RUNNING"]),  # one bit of two
        (0x8000000000000002, ["TOP"]),
    ],
)
def test_flags(number: int, words: list[str]) -> None:
    for version in VERSIONS:
        assert dump_value(STATES, "L", number, version=version) == (words, [])


def test_a_whole_value_hides_all_bits_unless_it_says_which() -> None:
    parser = Flags(name="FLAGS", values=(whole("NONE", 0), bit("A", 1), bit("B", 2)))
    assert dump_value(parser, "H", 0) == (["NONE"], [])
    assert dump_value(parser, "H", 3) == (["A", "B"], [])
    everything = Flags(name="FLAGS", values=(whole("ALL", 3), bit("A", 1), bit("B", 2)))
    assert dump_value(everything, "H", 3) == (["ALL"], [])
    assert dump_value(everything, "H", 7) == (["A", "B"], [])


@pytest.mark.parametrize(("kind", "mask"), [("B", 0xFF), ("H", UNSET16), ("I", UNSET32)])
def test_flags_are_as_wide_as_their_member(kind: str, mask: int) -> None:
    parser = Flags(name="FLAGS", mask=0xFFFFFFFF, values=(whole("ALL", mask | ~0xFF), bit("A", 1)))
    width = struct.calcsize(kind) * 8
    assert dump_value(parser, kind, (mask | ~0xFF) & ((1 << width) - 1))[0][:1] == ["ALL"]


def test_hidden_flags_show_in_40_alone() -> None:
    assert dump_value(STATES, "H", 0x1002, version=V40) == (["HIDDEN"], [])
    for version in VERSIONS[1:]:
        assert dump_value(STATES, "H", 0x1002, version=version) == ([], [])


def test_flags_belong_to_versions() -> None:
    for version in OLD:
        assert dump_value(STATES, "H", 0x6002, version=version) == (["EARLY"], [])
    for version in NEW:
        assert dump_value(STATES, "H", 0x6002, version=version) == (["LATE"], [])


def test_a_bit_that_its_member_is_too_narrow_for_is_not_set() -> None:
    parser = Flags(name="FLAGS", values=(bit("TOP", "HIGH_BIT"), bit("A", 1)))
    assert dump_value(parser, "H", 1) == (["A"], [])
    assert dump_value(parser, "L", (1 << 63) | 1) == (["TOP", "A"], [])


def test_single_flag_is_a_text() -> None:
    parser = Flags(name="ONE", single=True, values=(whole("A", 1), bit("B", 2), bit("C", 4)))
    assert dump_value(parser, "H", 6) == ("B", [])
    assert dump_value(parser, "H", 1) == ("A", [])
    assert dump_value(parser, "H", 8) == ("", [])

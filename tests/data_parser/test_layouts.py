"""Node counts, task distributions and CPU frequencies in the notation of sbatch."""

from __future__ import annotations

import pytest

from pyslurmrestd.plugins.data_parser.codecs.layouts import (
    Distribution,
    read_distribution,
    read_frequency,
    read_node_count,
)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("2", (2, 2, "")),
        (" 2 ", (2, 2, "")),
        ("1k-2k", (1024, 2048, "")),
        ("2-4", (2, 4, "")),
        ("1,3-5", (1, 5, "1,3-5")),
        ("4,2,3", (2, 4, "2-4")),
        ("1-9:4", (1, 9, "1,5,9")),
        ("4-2", None),
        ("2-", None),
        ("-5", None),
        ("", None),
        ("two", None),
        ("1,3-9:2", None),
        ("1,20000", None),
        ("5-3,1", None),
    ],
)
def test_node_count(text: str, counts: tuple[int, int, str] | None) -> None:
    assert read_node_count(text) == counts


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        ("block", Distribution(0x2, "block")),
        ("Cyclic:Block", Distribution(0x21, "cyclic:block")),
        ("cyclic:block:fcyclic", Distribution(0x321, "cyclic:block:fcyclic")),
        ("*:*:*", Distribution(0x112, "block:cyclic:cyclic")),
        ("block,NoPack", Distribution(0x400002, "block,nopack")),
        ("pack", Distribution(0x802000, "pack")),
        ("hostfile", Distribution(3, "arbitrary")),
        ("plane=4", Distribution(4, "plane", 4)),
        ("plane", None),
        ("plane=0", None),
        ("plane=x", None),
        ("", None),
        ("block,bogus", None),
        ("block,pack,nopack", None),
        ("fcyclic", None),
        ("block:block:block:block", None),
    ],
)
def test_distribution(text: str, distribution: Distribution | None) -> None:
    assert read_distribution(text) == distribution


LOW, HIGH, HIGHM1 = 0x80000001, 0x80000003, 0x80000004
ONDEMAND, PERFORMANCE, USERSPACE = 0x84000000, 0x82000000, 0x80800000


@pytest.mark.parametrize(
    ("text", "frequency"),
    [
        ("low", (0, LOW, USERSPACE)),
        ("highm1", (0, HIGHM1, USERSPACE)),
        ("2400000", (0, 2400000, USERSPACE)),
        ("1000:userspace", (0, 1000, USERSPACE)),
        ("Performance", (0, 0, PERFORMANCE)),
        ("low-high:ondemand", (LOW, HIGH, ONDEMAND)),
        ("1000-2000:performance", (1000, 2000, PERFORMANCE)),
        ("1000-2000", None),
        ("2000-1000:ondemand", None),
        ("low-high:userspace", None),
        ("1000:ondemand", None),
        ("performance:ondemand", None),
        ("1000x", None),
        ("0", None),
        ("", None),
    ],
)
def test_frequency(text: str, frequency: tuple[int, int, int] | None) -> None:
    assert read_frequency(text) == frequency

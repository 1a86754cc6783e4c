"""Slurm's notation of dates, read at a known moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pyslurmrestd.plugins.data_parser.codecs.dates import read_date


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC, whatever the machine's is."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


NOW = 1_782_907_200  # 2026-07-01 12:00:00


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-07-01 12:00:00"),
        ("now+90", "2026-07-01 12:01:30"),
        ("NOW + 2 days", "2026-07-03 12:00:00"),
        ("now-1minute", "2026-07-01 11:59:00"),
        ("now+1week", "2026-07-08 12:00:00"),
        ("today", "2026-07-01 00:00:00"),
        ("tomorrow", "2026-07-02 00:00:00"),
        ("midnight", "2026-07-02 00:00:00"),
        ("fika", "2026-07-01 15:00:00"),
        ("teatime tomorrow", "2026-07-02 16:00:00"),
        ("today noon", "2026-07-01 12:00:00"),
        ("12:01", "2026-07-01 12:01:00"),
        ("12:00", "2026-07-02 12:00:00"),
        ("9:30 pm", "2026-07-01 21:30:00"),
        ("12:15am", "2026-07-02 00:15:00"),
        ("0731", "2026-07-31 00:00:00"),
        ("1/31", "2027-01-31 00:00:00"),
        ("01.31.30-10:00", "2030-01-31 10:00:00"),
        ("2030-01-31T12:34:56", "2030-01-31 12:34:56"),
        ("2030-01-31 12:34", "2030-01-31 12:34:00"),
        ("2030-02-31", "2030-03-03 00:00:00"),
        ("uts1893456000", "2030-01-01 00:00:00"),
    ],
)
def test_date_is_read(text: str, moment: str) -> None:
    seconds = read_date(text, NOW)
    assert seconds is not None
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "abc",
        "12",
        "now+",
        "now+1h",
        "now+5 10:00",
        "24:00",
        "10:5",
        "10:00:61",
        "13:00pm",
        "13/01",
        "01/31/3",
        "2030-1-31",
        "2030-01-32",
        "teatimes",
        "uts123",
        "1 ",
    ],
)
def test_other_text_is_no_date(text: str) -> None:
    assert read_date(text, NOW) is None

"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyslurmrestd.settings import OPTIONS, Option
from pyslurmrestd.worker.settings import PoolSettings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    named = re.findall(r"`([\w.]+(?:/[\w.]+)+)/?`", document.read_text("utf-8"))
    inside = [name for name in named if (ROOT / name.partition("/")[0]).is_dir()]
    assert inside
    assert [name for name in inside if not (ROOT / name).exists()] == []


LIMITS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs/limits.md").read_text("utf-8").splitlines()
    if line.startswith("| ")
][1:]
BOUNDS = [option for option in OPTIONS if option.reason]
AUTOMATIC = {"workers": "processes", "threads": "threads", "timeout": "deadline"}
"""Settings whose default is to leave it to the pool."""


def amount(option: Option) -> str:
    """The default of a bound, as people write it."""
    value = option.default
    if option.name in AUTOMATIC:
        assert not value
        value = getattr(PoolSettings(), AUTOMATIC[option.name])
    if value is None:
        return "none"
    if option.takes == "SECONDS":
        return f"{value:g} s"
    if option.takes == "COUNT":
        return f"{value:,}"
    assert option.takes == "BYTES"
    return f"{value >> 20} MiB" if value >= 1 << 20 else f"{value >> 10} KiB"


def test_each_row_of_the_limits_is_of_a_setting_or_says_why_it_is_fixed() -> None:
    names = [f"`{(option.flags or option.environment)[-1]}`" for option in BOUNDS]
    assert sorted(row[2] for row in LIMITS if row[2] != "fixed") == sorted(names)
    assert [row[0] for row in LIMITS if len(row) != 5 or not all(row)] == []


@pytest.mark.parametrize("option", BOUNDS, ids=lambda option: option.name)
def test_the_limits_tell_the_default_of_a_setting_and_its_reason(option: Option) -> None:
    name = f"`{(option.flags or option.environment)[-1]}`"
    (row,) = [row for row in LIMITS if row[2] == name]
    assert re.match(rf"{re.escape(amount(option))}(,| a second|$)", row[1])
    assert row[4] == option.reason

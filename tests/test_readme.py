"""README keeps up with the settings and the plugins."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pyslurmrestd.settings import OPTIONS, Option

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_setting_is_in_the_table(option: Option) -> None:
    flags = ", ".join(f"`{flag}`" for flag in option.flags)
    environment = ", ".join(f"`{name}`" for name in option.environment)
    assert f"| {flags} | {environment} | {option.text} |" in README


def test_every_kind_of_plugin_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for group in project["entry-points"]:
        assert f"`{group}`" in README

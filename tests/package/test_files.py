"""What the packages are made from keeps up with the daemon."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from pyslurmrestd.settings import OPTIONS, Option

ROOT = Path(__file__).parents[2]


def pins(path: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9][\w.-]*)==(\S+)", (ROOT / path).read_text()))


def names(lines: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~ ]", line, maxsplit=1)[0].lower() for line in lines}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_it_is_packaged_with_what_it_is_tested_with() -> None:
    tested = pins("lab/requirements.txt")
    for path in ("packaging/requirements.txt", "packaging/build.txt"):
        assert pins(path).items() <= tested.items()


def test_all_that_it_needs_is_packaged() -> None:
    needed = names(project()["project"]["dependencies"])  # type: ignore[index]
    assert needed - {"pyslurm"} <= pins("packaging/requirements.txt").keys()


@pytest.fixture(scope="module")
def manual() -> str:
    spec = importlib.util.spec_from_file_location("manual", ROOT / "packaging/manual.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.page())


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_setting_is_in_the_manual_page(manual: str, option: Option) -> None:
    for name in (*option.flags, *option.environment):
        assert rf"\fB{name.replace('-', chr(92) + '-')}\fR" in manual


def test_no_line_of_the_manual_page_is_a_macro_by_accident(manual: str) -> None:
    macros = {line.split()[0] for line in manual.splitlines() if line[:1] in (".", "'")}
    known = ("TH", "SH", "SY", "YS", "TP", "PP", "B", "I", "BR", "RI", "IR", "BI")
    assert macros <= {f".{name}" for name in known}

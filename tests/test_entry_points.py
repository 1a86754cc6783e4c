"""Entry points: the same as the standard library finds."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyslurmrestd.entry_points import EntryPoint, entry_points


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    entry_points.cache_clear()
    yield
    entry_points.cache_clear()


def found() -> list[tuple[str, str, str]]:
    return sorted(
        (group, entry.name, entry.value)
        for group, entries in entry_points().items()
        for entry in entries
    )


def by_library() -> list[tuple[str, str, str]]:
    return sorted(
        (entry.group, entry.name, entry.value) for entry in importlib.metadata.entry_points()
    )


def install(directory: Path, name: str, text: str) -> None:
    (directory / name).mkdir(parents=True)
    project = name.partition("-")[0]
    (directory / name / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project}\nVersion: 1\n"
    )
    (directory / name / "entry_points.txt").write_text(text)


def test_those_of_this_environment() -> None:
    assert found() == by_library()
    assert ("pyslurmrestd.rest_auth", "jwt") in [row[:2] for row in found()]


def test_the_first_installation_of_a_package_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(found())
    entry_points.cache_clear()
    install(
        tmp_path / "a",
        "Some.Thing-1.0.dist-info",
        "# none\n[one.group]\n  name = module:object.part [extra]\n\n; none\nother=module\n"
        "[empty]\n",
    )
    install(tmp_path / "b", "some_thing-0.9.dist-info", "[one.group]\nold = module:old\n")
    install(tmp_path / "b", "egg-1-py3.egg-info", "[one.group]\nname = egg:it\n")
    (tmp_path / "b" / "bare-1.dist-info").mkdir()
    places = [str(tmp_path / name) for name in ("a", "b", "missing")]
    monkeypatch.setattr(sys, "path", [*places, *sys.path])
    assert set(found()) - before == {
        ("one.group", "name", "module:object.part [extra]"),
        ("one.group", "other", "module"),
        ("one.group", "name", "egg:it"),
    }


def test_an_entry_point_loads_its_object() -> None:
    assert EntryPoint("join", "os.path:join").load() is importlib.import_module("os.path").join
    assert EntryPoint("part", "pathlib:Path.cwd [extra]").load() == Path.cwd
    assert EntryPoint("module", "sys").load() is sys
    with pytest.raises(AttributeError):
        EntryPoint("none", "sys:none").load()

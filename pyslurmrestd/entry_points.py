"""The entry points of all packages on ``sys.path``, as :mod:`importlib.metadata` gives them.

Read here, since to import that takes longer than to answer a request from standard input.
"""

from __future__ import annotations

import importlib
import os
import sys
from functools import cache
from typing import Any, Final

__all__ = ["EntryPoint", "entry_points"]

_ENDINGS: Final = (".dist-info", ".egg-info")


class EntryPoint:
    """A name that a package gives one of its objects.

    :ivar value: where it is: ``module:object``.
    """

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value

    def load(self) -> Any:
        """The object. Raises whatever its module does."""
        module, _, path = self.value.partition("[")[0].partition(":")
        found: Any = importlib.import_module(module.strip())
        for name in filter(None, path.strip().split(".")):
            found = getattr(found, name)
        return found


@cache
def entry_points() -> dict[str, list[EntryPoint]]:
    """By their groups. Of two installations of a package the first on ``sys.path`` counts."""
    found: dict[str, list[EntryPoint]] = {}
    packages: set[str] = set()
    for directory in sys.path:
        try:
            names = sorted(os.listdir(directory or "."))
        except OSError:  # an archive, or nothing
            continue
        for name in names:
            package = _package(name)
            if package and package not in packages:
                packages.add(package)
                _read(os.path.join(directory, name, "entry_points.txt"), found)
    return found


def _package(name: str) -> str:
    """Whose description a directory has; empty for any other."""
    stem, ending = os.path.splitext(name)
    if ending not in _ENDINGS:
        return ""
    return stem.partition("-")[0].lower().replace(".", "_")


def _read(path: str, found: dict[str, list[EntryPoint]]) -> None:
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:  # a package without any
        return
    group: list[EntryPoint] = []
    for line in map(str.strip, lines):
        if line.startswith("["):
            group = found.setdefault(line[1:].rstrip("]").strip(), [])
        elif line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            group.append(EntryPoint(name.strip(), value.strip()))

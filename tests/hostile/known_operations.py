"""All operations in all versions, by their definitions, and what values are looked up in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.openapi.path import Operation
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT

__all__ = ["OPERATIONS", "Known", "Operated", "constants"]


@dataclass(frozen=True)
class Operated:
    """An operation in one version."""

    version: ApiVersion
    method: str
    url: str
    operation: Operation


def _operations() -> Iterator[Operated]:
    for data_parser in plugin.data_parsers(None):
        version = data_parser.version
        for content in plugin.contents(None, accounting=True):
            for path in content.all_paths():
                for method, operation in path.operations():
                    if operation.exists(version):
                        yield Operated(version, method, path.at(version), operation)


OPERATIONS: Final = tuple(_operations())


@cache
def constants() -> Mapping[str, int]:
    """C constants of the installed Slurm, whose records can be made from here on."""
    load_library()
    from pyslurmrestd.slurm import derived, lookups

    LAYOUT.functions.update(derived.FUNCTIONS)
    LAYOUT.functions.update(lookups.FUNCTIONS)
    return LAYOUT.constants


class Known:
    """TRES and QOS as slurmdbd might know them."""

    TRES: Final = {("cpu", ""): 1, ("mem", ""): 2, ("gres", "gpu"): 1001}
    QOS: Final = {"normal": 1, "high": 2}

    def promise(self, *name: str) -> None:
        """What a body brings itself is not looked up here."""

    def tres_id(self, type: str, name: str) -> int | None:
        return self.TRES.get((type, name))

    def has_tres(self, number: int) -> bool:
        return number in self.TRES.values()

    def tres_name(self, number: int) -> tuple[str, str] | None:
        return next((name for name, known in self.TRES.items() if known == number), None)

    def qos_id(self, name: str) -> int | None:
        return self.QOS.get(name)

    def has_qos(self, number: int) -> bool:
        return number in self.QOS.values()

    def qos_is_deleted(self, number: int) -> bool:
        return number == 2

    def qos_name(self, number: int) -> str | None:
        return next((name for name, known in self.QOS.items() if known == number), None)

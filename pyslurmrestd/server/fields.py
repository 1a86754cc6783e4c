"""Header fields of a request that is read from standard input.

The same as multidict's, which the front end has from aiohttp, but there in a hundredth of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from multidict import MultiMapping

    Headers: TypeAlias = "MultiMapping[str] | Fields"

__all__ = ["Fields"]


class Fields(Mapping[str, str]):
    """Values by names in any case; of several with one name the first one counts."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}

    def add(self, name: str, value: str) -> None:
        self._names.setdefault(name.lower(), name)
        self._values.setdefault(name.lower(), []).append(value)

    def getall(self, name: str, default: Sequence[str] = ()) -> Sequence[str]:
        """All values of a name, in the order in which they came."""
        return self._values.get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._names)

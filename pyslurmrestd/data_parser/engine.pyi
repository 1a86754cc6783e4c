from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .op import Op

KINDS: Mapping[str, int]
STYLES: tuple[str, ...]

class Records:
    owner: object
    @staticmethod
    def at(owner: object, address: int, count: int, stride: int) -> Records: ...
    def select(self, places: Sequence[int]) -> Records: ...
    def __len__(self) -> int: ...

class Lookups:
    owner: object
    @staticmethod
    def at(owner: object, address: int) -> Lookups: ...

class Plan:
    style_name: str
    sources: tuple[str, ...]
    needs: frozenset[str]
    known: frozenset[str]
    def __init__(
        self,
        style: str,
        rows: Iterable[tuple[Any, bytes, Op]],
        needs: Iterable[str] = ...,
        known: Iterable[str] = ...,
    ) -> None: ...

class Prepared:
    def __init__(self, plan: Plan, source: str, value: Any) -> None: ...

class Dump(Iterator[memoryview]):
    finished: bool
    notes: list[str]
    def __init__(
        self,
        plan: Plan,
        values: dict[str, Any],
        order: Iterable[str],
        block_size: int = ...,
        quiet: bool = ...,
        lookups: Lookups | None = ...,
    ) -> None: ...
    def __next__(self) -> memoryview: ...

def render(data: Any, style: str = "json") -> bytes: ...

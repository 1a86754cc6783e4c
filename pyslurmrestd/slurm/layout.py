"""Where the members of Slurm's structs lie, as the C compiler found it when this was built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..data_parser.op import Member
from . import _layout

__all__ = ["LAYOUT", "Layout", "built_for"]


def built_for() -> str:
    """The Slurm release whose headers this was built with: ``26.05.5``."""
    number: int = _layout.slurm_version_number
    return f"{number >> 16}.{number >> 8 & 0xFF:02}.{number & 0xFF}"


class Layout:
    """Members, sizes and constants by their C names, derive functions by theirs.

    :param found: the extension that the probe wrote.
    :ivar functions: derive functions, once libslurm is loaded.
    :ivar arguments: how many arguments the functions take that initialise and free records.
    """

    def __init__(self, found: Any = _layout) -> None:
        self.functions: dict[str, int | Callable[[int], Any]] = {}
        self.constants: dict[str, int] = found.constants
        self.arguments: dict[str, int] = found.functions
        self._members: dict[tuple[str, str], tuple[int, int, str]] = found.members
        self._sizes: dict[str, int] = found.sizes

    def member(self, record: str, name: str) -> Member:
        return Member(*self._members[record, name])

    def size(self, record: str) -> int:
        return self._sizes[record]

    def constant(self, name: str | int) -> int:
        return name if isinstance(name, int) else self.constants[name]

    def function(self, name: str) -> int | Callable[[int], Any]:
        return self.functions[name]


LAYOUT = Layout()

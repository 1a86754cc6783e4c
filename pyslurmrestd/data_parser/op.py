"""One value as the engine dumps it, and where it lies in C."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..record import record

__all__ = ["Member", "MemberLayout", "Op"]


@record
class Member:
    """Where a C member lies and what it is.

    :ivar kind: the letter of its type: ``b h i l`` signed, ``B H I L`` unsigned integers of 1, 2,
        4 and 8 bytes, ``?`` bool, ``d`` double, ``D`` long double, ``s`` a ``char *``, ``S`` a
        ``char **``, ``T`` a ``list_t *``, ``x`` anything else, ``-`` nothing: a member that this
        Slurm release has not.
    """

    offset: int
    size: int
    kind: str

    @property
    def absent(self) -> bool:
        return self.kind == "-"


class MemberLayout(Protocol):
    """What a plan asks of a layout; tests bring a synthetic one."""

    def member(self, record: str, name: str) -> Member: ...

    def size(self, record: str) -> int: ...

    def constant(self, name: str | int) -> int: ...

    def function(self, name: str) -> int | Callable[[int], Any]:
        """The address of a derive function, or a Python function for the slow kind.

        ``list_for_each`` is libslurm's, by which lists are walked.
        """


@record
class Op:
    """One value as :class:`engine.Plan` compiles it; see the C struct of the same name.

    :ivar kind: the engine's function for it.
    :ivar letter: of the C type that is read, see :class:`Member`.
    :ivar word: dumped as a text, whatever it is in C: a text from Python stands as it is.
    :ivar count_offset: (arrays) from this value to the member that counts its elements.
    :ivar sources: (objects) the source of each op, by which values from Python are found.
    :ivar known: (objects) all sources of any version: no error where this one has no row.
    """

    kind: str
    letter: str = "x"
    word: bool = False
    depth: int = 0
    width: int = 8
    signed: bool = False
    real: bool = False
    complex: bool = False
    offset: int = 0
    count_offset: int = 0
    count_width: int = 0
    stride: int = 8
    key: bytes = b""
    texts: tuple[bytes, ...] = ()
    ops: tuple[Op, ...] = ()
    flags: tuple[tuple[int, int, bool, bytes], ...] = ()
    names: Mapping[int, bytes] | None = None
    numbers: tuple[int, ...] = ()
    function: int | Callable[[int], Any] | None = None
    sources: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

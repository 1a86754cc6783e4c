"""Bytes that wait: bodies that are still coming, answers that their clients do not take.

Each may be large, and nobody can say how many there will be: only all of them together have a
bound. When it is reached, the largest goes first, so that whoever sends or asks little is served
while somebody else holds much.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Budget", "Holder"]


class Holder(Protocol):
    """Who holds bytes of a budget."""

    def let_go(self) -> None:
        """The budget is spent: free what is held, and tell whoever waits for it. Called once."""


class Budget:
    """So many bytes may wait.

    :param limit: of all holders together.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self.refused = 0  # holders that had to let go
        self._held: dict[Holder, int] = {}
        self._fixed: set[Holder] = set()

    def hold(self, holder: Holder, count: int) -> None:
        """The holder has ``count`` bytes by now. Whoever has most lets go while there is no room,
        which may be this one."""
        self.used += count - self._held.get(holder, 0)
        self._held[holder] = count
        while self.used > self.limit:
            largest = max(
                (held for held in self._held if held not in self._fixed),
                key=self._held.__getitem__,
                default=None,
            )
            if largest is None:
                return
            self.release(largest)
            self.refused += 1
            largest.let_go()

    def fix(self, holder: Holder) -> None:
        """What it holds cannot be taken back any more; it counts until it is released."""
        if holder in self._held:
            self._fixed.add(holder)

    def release(self, holder: Holder) -> None:
        """It holds nothing any more."""
        self.used -= self._held.pop(holder, 0)
        self._fixed.discard(holder)

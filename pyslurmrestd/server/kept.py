"""Answers that are kept, within a bound on their bytes: which stay, and which have to go.

Room is made by whoever keeps most, so nobody's answers push out those of who keeps less; and no
caller has more than half of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from ..application.encoding import coding_of, renamed
from ..application.protocol import Block, Head, Streamed

__all__ = ["Kept", "KeptAnswers", "Replayed"]

_FIXED_COST: Final = 2048
"""Bytes that an answer takes besides its body, about."""


class Kept:
    """An answer without the name of the client that it was made for.

    :ivar time: when it was true, by the controller's clock.
    :ivar until: when it is too old whatever the controller says, in the loop's time.
    :param before, behind: the body around the client's name.
    :param slash: how a slash is written in it.
    :param source: the name of the client that it was made for.
    """

    __slots__ = (
        "_before",
        "_behind",
        "_name",
        "_slash",
        "caller",
        "head",
        "key",
        "readers",
        "size",
        "time",
        "until",
    )

    def __init__(
        self,
        key: bytes,
        caller: str,
        head: Head,
        time: int,
        until: float,
        before: Sequence[Block],
        behind: bytes,
        slash: str,
        source: str,
    ) -> None:
        self.key = key
        self.caller = caller
        self.head = head
        self.time = time
        self.until = until
        self._before = before
        self._behind = behind
        self._slash = slash
        self._name = source.replace("/", slash).encode()
        self.size = sum(map(len, before)) + len(behind) + _FIXED_COST
        self.readers = 0

    def blocks(self, source: str) -> list[Block]:
        """Its body for a client."""
        *blocks, before = self._before
        name = source.replace("/", self._slash).encode()
        around = bytes(before), self._behind
        before, behind = renamed(coding_of(self.head), *around, self._name, name)
        return [*blocks, before, name, behind]


class KeptAnswers:
    """All that are kept.

    :param limit: of their bytes, also of those that are still being sent or collected.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._known: dict[bytes, Kept] = {}
        self._of: dict[str, OrderedDict[bytes, Kept]] = {}  # asked for longest ago first
        self._held: dict[str, int] = {}

    def find(self, key: bytes, now: float) -> Kept | None:
        self.expire(key, now)
        kept = self._known.get(key)
        if kept is not None:
            self._of[kept.caller].move_to_end(key)
        return kept

    def reserve(self, caller: str, count: int) -> bool:
        """Make room for so many bytes more of a caller's; False where there is none."""
        share = self.limit // 2
        if count > share:
            return False
        while self._held.get(caller, 0) + count > share:
            if not self._give_up(caller):
                return False
        while self.used + count > self.limit:
            largest = max(self._of, key=lambda name: self._held.get(name, 0), default=None)
            if largest is None or not self._give_up(largest):
                return False
        self._hold(caller, count)
        return True

    def free(self, caller: str, count: int) -> None:
        """Give back what was reserved."""
        self._hold(caller, -count)

    def keep(self, kept: Kept) -> None:
        """Keep an answer that room was reserved for, of its size, in place of an earlier one."""
        before = self._known.get(kept.key)
        if before is not None:
            self.drop(before)
        self._known[kept.key] = kept
        self._of.setdefault(kept.caller, OrderedDict())[kept.key] = kept

    def drop(self, kept: Kept) -> None:
        """Keep it no longer. Its bytes count until the last client has them."""
        if self._known.get(kept.key) is not kept:
            return
        del self._known[kept.key]
        of = self._of[kept.caller]
        del of[kept.key]
        if not of:
            del self._of[kept.caller]
        if not kept.readers:
            self.free(kept.caller, kept.size)

    def expire(self, key: bytes, now: float) -> None:
        """Drop the answer of a request where it is too old by now."""
        kept = self._known.get(key)
        if kept is not None and kept.until <= now:
            self.drop(kept)

    def begin(self, kept: Kept) -> None:
        """Somebody needs it, whatever becomes of it."""
        kept.readers += 1

    def end(self, kept: Kept) -> None:
        kept.readers -= 1
        if not kept.readers and self._known.get(kept.key) is not kept:
            self.free(kept.caller, kept.size)

    def _give_up(self, caller: str) -> bool:
        """Drop what a caller asked for longest ago; False where nothing of it becomes free."""
        for kept in self._of.get(caller, {}).values():
            if not kept.readers:
                self.drop(kept)
                return True
        return False

    def _hold(self, caller: str, count: int) -> None:
        self.used += count
        held = self._held.get(caller, 0) + count
        if held:
            self._held[caller] = held
        else:
            self._held.pop(caller, None)


class Replayed(Streamed):
    """A kept answer on its way to a client."""

    __slots__ = ("_answers", "_blocks", "_kept")

    def __init__(self, answers: KeptAnswers, kept: Kept, head: Head, source: str) -> None:
        super().__init__(head)
        self._answers = answers
        self._kept: Kept | None = kept
        self._blocks = iter(kept.blocks(source))
        answers.begin(kept)

    async def __anext__(self) -> Block:
        block = next(self._blocks, None)
        if block is None:
            raise StopAsyncIteration
        return block

    def close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            self._blocks = iter(())
            self._answers.end(kept)

"""Answers that are collected while they are on their way: to be kept, or for several clients."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..application.caller import caller
from ..application.encoding import around, coding_of
from ..application.protocol import Block, Head, Request, Streamed
from .kept import Kept, KeptAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Collection", "Copied", "Pumped", "split"]

_TAIL: Final = 64 << 10
"""``meta`` is looked for in so many of the last bytes."""

Split = tuple[list[Block], bytes, str]


def split(blocks: Sequence[Block], source: str, coding: str = "") -> Split | None:
    """A body around the name of its client, see :func:`.around`."""
    rest, tail = list(blocks), b""
    while rest and len(tail) < _TAIL:
        tail = bytes(rest.pop()) + tail
    found = around(tail, source, coding)
    return None if found is None else ([*rest, found[0]], *found[1:])


class Collection:
    """The bytes of an answer, while they come. They count among those that are kept.

    :param now: when it was asked for, in the loop's time.
    """

    def __init__(
        self, answers: KeptAnswers, request: Request, key: bytes, head: Head, now: float
    ) -> None:
        self._answers = answers
        self._caller = _name(request)
        self._source = request.peer.source
        self._key = key
        self._head = head
        self._now = now
        self._blocks: list[Block] = []
        self._reserved = 0

    def add(self, block: Block) -> bool:
        """Take a block; False where there is no room for it."""
        if not self._answers.reserve(self._caller, len(block)):
            return False
        self._reserved += len(block)
        self._blocks.append(block)
        return True

    def free(self, count: int) -> int:
        """Give back the room of so many bytes, at most; gives how much is left."""
        count = min(count, self._reserved)
        self._answers.free(self._caller, count)
        self._reserved -= count
        return self._reserved

    def give_up(self) -> None:
        self._blocks.clear()
        self.free(self._reserved)

    def end(self, keep: bool) -> Kept | None:
        """All of it is there: the answer, to be used by who begins and ends to read it.

        :param keep: it is kept, too.

        None where it cannot be told to another client.
        """
        head = self._head
        parts = split(self._blocks, self._source, coding_of(head))
        if parts is None:
            self.give_up()
            return None
        until = self._now + (head.holds or 0)
        change = head.last_change or 0
        told = head, change, until, *parts, self._source
        kept = Kept(self._key, self._caller, *told)
        more = kept.size - self._reserved
        if not self._answers.reserve(self._caller, max(more, 0)):
            self.give_up()
            return None
        self._answers.free(self._caller, max(-more, 0))
        self._reserved = 0
        self._blocks.clear()
        if keep:
            self._answers.keep(kept)
            loop = asyncio.get_running_loop()
            loop.call_at(until, self._answers.expire, self._key, until)
        return kept


class Copied(Streamed):
    """An answer on its way to its client, collected as it passes.

    :param done: told whether it has been kept.
    """

    __slots__ = ("_answer", "_collection", "_done")

    def __init__(
        self, answer: Streamed, collection: Collection, done: Callable[[bool], None]
    ) -> None:
        super().__init__(answer.head)
        self._answer = answer
        self._collection: Collection | None = collection
        self._done = done

    async def __anext__(self) -> Block:
        try:
            block = await anext(self._answer)
        except StopAsyncIteration:
            collection, self._collection = self._collection, None
            if collection is not None:
                self._done(collection.end(True) is not None)
            raise
        if self._collection is not None and not self._collection.add(block):
            self._give_up()
            self._done(False)
        return block

    def close(self) -> None:
        self._give_up()
        self._answer.close()

    def _give_up(self) -> None:
        collection, self._collection = self._collection, None
        if collection is not None:
            collection.give_up()


class Pumped(Streamed):
    """An answer that others wait for: collected as fast as it comes, however slowly the client
    takes it that has asked first.

    :param keep: it is kept afterwards.
    :param done: given the answer when all of it is there, to be read while it runs; None where
        there is no room for it.
    """

    __slots__ = (
        "_answer",
        "_answers",
        "_blocks",
        "_collection",
        "_direct",
        "_done",
        "_error",
        "_keep",
        "_kept",
        "_left",
        "_over",
        "_wakeup",
        "task",
    )

    def __init__(
        self,
        answer: Streamed,
        answers: KeptAnswers,
        collection: Collection,
        keep: bool,
        done: Callable[[Kept | None], None],
    ) -> None:
        super().__init__(answer.head)
        self._answer = answer
        self._answers = answers
        self._collection = collection
        self._keep = keep
        self._done = done
        self._blocks: deque[Block] = deque()
        self._direct = False  # no room: the rest comes as the client takes it
        self._over = False
        self._left = False
        self._error: Exception | None = None
        self._kept: Kept | None = None
        self._wakeup: asyncio.Future[None] | None = None
        self.task = asyncio.get_running_loop().create_task(self._pump())

    async def _pump(self) -> None:
        try:
            async for block in self._answer:
                if not self._left:
                    self._blocks.append(block)
                if not self._collection.add(block):
                    self._direct = True
                    break
                self._wake()
            else:
                self._end()
        except Exception as error:
            self._error = error
            self._collection.give_up()
        if self._kept is None:
            self._done(None)
        if self._left:
            self.close()
        self._wake()

    def _end(self) -> None:
        self._over = True
        kept = self._collection.end(self._keep)
        if kept is not None:
            self._answers.begin(kept)
            self._kept = kept
            self._done(kept)

    async def __anext__(self) -> Block:
        while not self._blocks:
            if self._error is not None:
                raise self._error
            if self._over:
                raise StopAsyncIteration
            if self._direct:
                return await anext(self._answer)
            self._wakeup = asyncio.get_running_loop().create_future()
            await self._wakeup
        block = self._blocks.popleft()
        if self._direct:
            self._collection.free(len(block))
        return block

    def close(self) -> None:
        """The client wants no more of it; others may."""
        self._left = True
        self._blocks.clear()
        if self._direct or self._over or self._error is not None:
            self._collection.give_up()
            self._answer.close()
            kept, self._kept = self._kept, None
            if kept is not None:
                self._answers.end(kept)

    def _wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)


def _name(request: Request) -> str:
    """Whose answers it counts among. Only what Slurm has answered is collected, so it has taken the
    token that names the user."""
    credential = request.credential
    if credential.kind == "local":
        return f"uid {credential.uid}"
    return f"user {caller(credential, -1)[0]}"

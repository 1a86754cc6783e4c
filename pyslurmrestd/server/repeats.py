"""Requests that are made again and again: the controller is asked whether anything has changed.

What one caller has asked for twice within a while is kept, and served again when the controller,
asked as that caller, says that nothing has changed since. docs/caching.md tells more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from ..application.caller import caller
from ..application.protocol import Answer, Block, Head, Request, Streamed
from .kept import Kept, KeptAnswers, Replayed

if TYPE_CHECKING:
    from ..worker.pool import Pool
    from ..worker.turns import Client

__all__ = ["Asked", "Repeats"]

_WHILE: Final = 60.0
"""Seconds within which a request has to come again for its answer to be kept."""

_MOST: Final = 4096
"""Requests that are remembered."""

_IN_VAIN: Final = 3
_LONGEST_PAUSE: Final = 30.0
"""After so many answers in a row that were kept for nothing, none is for some seconds; each time
for twice as many."""

_SECOND: Final = 1.0
"""What is asked for within a second of a change always looks changed, so no more than one failure
counts in such a time."""

_SLASHES: Final = ("/", "\\/")
"""How a slash is written: in YAML, and in JSON."""

_TAIL: Final = 64 << 10
"""``meta`` is looked for in so many of the last bytes."""


class Asked:
    """What is remembered of a request.

    :ivar at: when it came last.
    :ivar vain: answers in a row that were kept, or collected, for nothing.
    :ivar pause: until when none is kept.
    """

    __slots__ = ("_failed", "at", "pause", "vain")

    def __init__(self, at: float) -> None:
        self.at = at
        self.vain = 0
        self.pause = 0.0
        self._failed = -_SECOND

    def failed(self, now: float) -> None:
        """It was kept for nothing."""
        if now - self._failed < _SECOND:
            return
        self._failed = now
        self.vain += 1
        if self.vain >= _IN_VAIN:
            self.pause = now + min(2.0 ** (self.vain - 1), _LONGEST_PAUSE)


class Repeats:
    """Stands between the requests that may be made again and the workers.

    :param limit: of the bytes that are kept; 0 keeps nothing.
    :ivar answers: what is kept.
    :ivar served: requests that were answered by what is kept.
    """

    def __init__(self, pool: Pool, limit: int) -> None:
        self._pool = pool
        self._limit = limit
        self.answers = KeptAnswers(limit)
        self.served = 0
        self._asked: OrderedDict[bytes, Asked] = OrderedDict()

    def forget(self) -> None:
        """Another Slurm is asked from here on, or the same one in another way."""
        # What is still being collected goes to the store that nobody looks into any more.
        self.answers = KeptAnswers(self._limit)
        self._asked.clear()

    async def exchange(self, request: Request, client: Client | None, repeats: bool) -> Answer:
        """The answer to a request, see :meth:`.Pool.exchange`.

        :param repeats: it is one that reads, and can be asked whether anything has changed.
        """
        if not repeats or not self._limit or _names_a_time(request.query):
            return await self._pool.exchange(request, client)
        now = asyncio.get_running_loop().time()
        key = _key(request)
        asked, wanted = self._remember(key, now)
        kept = self.answers.find(key, now)
        if kept is None:
            answer = await self._pool.exchange(
                replace(request, keeps=True) if wanted else request, client, through=wanted
            )
            return self._collected(answer, request, key, asked, now) if wanted else answer
        self.answers.begin(kept)
        try:
            return await self._again(kept, request, client, asked, now)
        finally:
            self.answers.end(kept)

    def _remember(self, key: bytes, now: float) -> tuple[Asked, bool]:
        """What is known of a request, and whether its answer is worth keeping."""
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = Asked(now)
            if len(self._asked) > _MOST:
                self._asked.popitem(last=False)
            return asked, False
        self._asked.move_to_end(key)
        before, asked.at = asked.at, now
        return asked, now - before < _WHILE and now >= asked.pause

    async def _again(
        self, kept: Kept, request: Request, client: Client | None, asked: Asked, now: float
    ) -> Answer:
        """The kept answer, if nothing has changed since; else the answer of now."""
        # What the client has may be newer, if it was not kept.
        mine = request.has is None or request.has < kept.time
        has = kept.time if mine else request.has
        answer = await self._pool.exchange(
            replace(request, has=has, keeps=True), client, through=True
        )
        if answer.head.status == HTTPStatus.NOT_MODIFIED:
            asked.vain = 0
            return self._replay(kept, request, answer.head) if mine else answer
        if answer.head.status == HTTPStatus.OK:
            self.answers.drop(kept)
            asked.failed(now)
            if asked.pause > now:
                return answer
        return self._collected(answer, request, kept.key, asked, now)

    def _replay(self, kept: Kept, request: Request, told: Head) -> Answer:
        self.served += 1
        source = request.peer.source
        head = kept.head._replace(known=told.known, spent=told.spent)
        if head.length is None:
            return Replayed(self.answers, kept, head, source)
        body = b"".join(kept.blocks(source))
        return Answer(head._replace(length=len(body)), body)

    def _collected(
        self, answer: Answer, request: Request, key: bytes, asked: Asked, now: float
    ) -> Answer:
        """The answer, which is kept once all of it is there."""
        head = answer.head
        if head.status != HTTPStatus.OK or not _can_be_sought(request.peer.source):
            return answer
        if head.holds is None or head.last_change is None:
            asked.failed(now)
            return answer
        collection = _Collection(self.answers, request, key, head, asked, now)
        if answer.body is None:
            assert isinstance(answer, Streamed)
            return _Copied(answer, collection)
        if collection.add(answer.body):
            collection.end()
        return answer


class _Collection:
    """The bytes of an answer that is to be kept, while they come."""

    def __init__(
        self,
        answers: KeptAnswers,
        request: Request,
        key: bytes,
        head: Head,
        asked: Asked,
        now: float,
    ) -> None:
        self._answers = answers
        self._caller = _name(request)
        self._source = request.peer.source
        self._key = key
        self._head = head
        self._asked = asked
        self._now = now
        self._blocks: list[Block] = []
        self._reserved = 0

    def add(self, block: Block) -> bool:
        """Take a block; False where there is no room for it, so that the answer is not kept."""
        if not self._answers.reserve(self._caller, len(block)):
            self._asked.pause = self._now + _LONGEST_PAUSE
            self.give_up()
            return False
        self._reserved += len(block)
        self._blocks.append(block)
        return True

    def give_up(self) -> None:
        self._blocks.clear()
        self._answers.free(self._caller, self._reserved)
        self._reserved = 0

    def end(self) -> None:
        """All of it is there."""
        head, blocks = self._head, self._blocks
        assert head.last_change is not None
        assert head.holds is not None
        tail = b""
        while blocks and len(tail) < _TAIL:
            tail = bytes(blocks.pop()) + tail
        slash = next((slash for slash in _SLASHES if self._written(slash) in tail), "")
        before, _, behind = tail.partition(self._written(slash))
        if not slash or self._written(slash) in behind:
            # Some name or comment tells it too.
            self._asked.failed(self._now)
            self.give_up()
            return
        until = self._now + head.holds
        around = [*blocks, before], behind
        kept = Kept(self._key, self._caller, head, head.last_change, until, *around, slash)
        more = kept.size - self._reserved
        if self._answers.reserve(self._caller, max(more, 0)):
            self._answers.free(self._caller, max(-more, 0))
            self._answers.keep(kept)
            loop = asyncio.get_running_loop()
            loop.call_at(until, self._answers.expire, self._key, until)
        else:
            self.give_up()

    def _written(self, slash: str) -> bytes:
        """The client's name as the body tells it."""
        return self._source.replace("/", slash).encode()


class _Copied(Streamed):
    """An answer on its way to its client, collected as it passes."""

    __slots__ = ("_answer", "_collection")

    def __init__(self, answer: Streamed, collection: _Collection) -> None:
        super().__init__(answer.head)
        self._answer = answer
        self._collection: _Collection | None = collection

    async def __anext__(self) -> Block:
        try:
            block = await anext(self._answer)
        except StopAsyncIteration:
            collection, self._collection = self._collection, None
            if collection is not None:
                collection.end()
            raise
        if self._collection is not None and not self._collection.add(block):
            self._collection = None
        return block

    def close(self) -> None:
        collection, self._collection = self._collection, None
        if collection is not None:
            collection.give_up()
        self._answer.close()


def _key(request: Request) -> bytes:
    """Stands for who asks, for what, and in which form; the token itself is not kept."""
    credential = request.credential
    told = (
        credential.kind,
        credential.token or "",
        credential.user_name or "",
        "" if credential.uid is None else str(credential.uid),
        request.operation,
        *(part for pair in sorted(request.params.items()) for part in pair),
        request.query,
        request.media,
        request.peer.family,
    )
    # No part may end where another one could.
    text = "".join(f"{len(part)}:{part}" for part in told)
    return blake2b(text.encode(errors="surrogateescape"), digest_size=16).digest()


def _name(request: Request) -> str:
    """Whose answers it counts among. Only what Slurm has answered is kept, so it has taken the
    token that names the user."""
    credential = request.credential
    if credential.kind == "local":
        return f"uid {credential.uid}"
    return f"user {caller(credential, -1)[0]}"


def _names_a_time(query: str) -> bool:
    """Whether the client asks for changes since a time of its own."""
    return "update_time" in unquote_plus(query)


def _can_be_sought(source: str) -> bool:
    """Whether the client's name stands in an answer as it is, in JSON and in YAML."""
    return source.isascii() and source.isprintable() and not {'"', "\\"} & set(source)

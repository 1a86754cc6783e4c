"""Requests that are made again and again: the controller is asked whether anything has changed.

What one caller has asked for twice within a while is kept, and served again when the controller,
asked as that caller, says that nothing has changed since. What one caller asks for several times at
once is asked for once. docs/caching.md tells more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from ..application.protocol import Answer, Head, Request, Streamed
from ..record import replace
from ..worker.failures import ExchangeError
from .collected import Collection, Copied, Pumped, split
from .flight import Flight
from .kept import Kept, KeptAnswers, Replayed

if TYPE_CHECKING:
    from ..application.route import Route
    from ..worker.pool import Pool
    from ..worker.turns import Client

__all__ = ["Asked", "Repeats"]

_Group = tuple[bytes, int | None]
"""A request, and when the answer was made that its client has."""

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

    :param limit: of the bytes that are kept; 0 keeps and shares nothing.
    :ivar answers: what is kept.
    :ivar served: requests that were answered by what is kept.
    :ivar shared: requests that were answered by the exchange of another one.
    """

    def __init__(self, pool: Pool, limit: int) -> None:
        self._pool = pool
        self._limit = limit
        self.answers = KeptAnswers(limit)
        self.served = 0
        self.shared = 0
        self._asked: OrderedDict[bytes, Asked] = OrderedDict()
        self._flights: dict[_Group, Flight] = {}
        self._pumps: set[asyncio.Task[None]] = set()

    def forget(self) -> None:
        """Another Slurm is asked from here on, or the same one in another way."""
        # What is still being collected goes to the store that nobody looks into any more.
        self.answers = KeptAnswers(self._limit)
        self._asked.clear()

    async def exchange(self, request: Request, client: Client | None, route: Route) -> Answer:
        """The answer to a request that reads, see :meth:`.Pool.exchange`."""
        if not self._limit or route.changes or not (route.revalidates or route.accounting):
            return await self._pool.exchange(request, client)
        key = _key(request)
        asked, wanted = self._remember(key, asyncio.get_running_loop().time())
        wanted = wanted and route.revalidates and not _names_a_time(request.query)
        group = key, request.has
        flight = self._flights.get(group)
        if flight is None:
            flight = self._flights[group] = Flight(wanted)
            return await self._lead(flight, group, request, client, asked, wanted)
        later = flight if flight.takes else flight.next
        if later is not None:
            self._pool.count(request)
            answer = await later.follow(request, client)
            if answer is None:
                return await self._pool.exchange(request, client)
            self.shared += 1
            return answer
        later = flight.next = Flight(True)
        try:
            await asyncio.shield(flight.over)
        except asyncio.CancelledError:
            later.fail(None)
            if flight.next is later:
                flight.next = None
            if self._flights.get(group) is later:
                del self._flights[group]
            raise
        return await self._lead(later, group, request, client, asked, wanted)

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

    async def _lead(
        self,
        flight: Flight,
        group: _Group,
        request: Request,
        client: Client | None,
        asked: Asked,
        wanted: bool,
    ) -> Answer:
        """Ask for all who have joined the flight, or will."""
        flight.client = client
        exchange = _Exchange(self, flight, request, group[0], asked, wanted)
        try:
            try:
                answer = await exchange.ask(self._pool)
            finally:
                self._landed(flight, group)
            return exchange.hand_out(answer)
        except ExchangeError as error:
            flight.fail(error)
            raise
        except BaseException:
            flight.fail(None)
            raise
        finally:
            exchange.close()

    def _landed(self, flight: Flight, group: _Group) -> None:
        """The controller has answered, or nobody will: the next one may begin."""
        if flight.next is not None:
            self._flights[group] = flight.next
        else:
            del self._flights[group]
        flight.over.set_result(None)

    def pump(self, answer: Pumped) -> Pumped:
        """Hold what runs by itself until it has ended."""
        self._pumps.add(answer.task)
        answer.task.add_done_callback(self._pumps.discard)
        return answer


class _Exchange:
    """What is asked of a worker for all who have joined a flight, and what they are given."""

    def __init__(
        self,
        repeats: Repeats,
        flight: Flight,
        request: Request,
        key: bytes,
        asked: Asked,
        wanted: bool,
    ) -> None:
        self._repeats = repeats
        self._answers = answers = repeats.answers
        self._flight = flight
        self._request = request
        self._key = key
        self._asked = asked
        self._now = asyncio.get_running_loop().time()
        self._wanted = wanted
        self._kept = answers.find(key, self._now)
        # What the client has may be newer, if it was not kept.
        self._mine = self._kept is not None and (
            request.has is None or request.has < self._kept.time
        )
        if self._kept is not None:
            answers.begin(self._kept)

    def close(self) -> None:
        if self._kept is not None:
            self._answers.end(self._kept)

    async def ask(self, pool: Pool) -> Answer:
        asked = self._request
        if self._kept is not None and self._mine:
            asked = replace(asked, has=self._kept.time)
        if self._wanted:
            asked = replace(asked, keeps=True)
        return await pool.exchange(asked, self._flight)

    def hand_out(self, answer: Answer) -> Answer:
        """The answer for who has asked; the others get theirs by the flight."""
        head, kept = answer.head, self._kept
        if head.status == HTTPStatus.NOT_MODIFIED and kept is not None:
            self._asked.vain = 0
        if head.status == HTTPStatus.NOT_MODIFIED:
            if kept is None or not self._mine:
                return self._for_all(lambda _: Answer(head, b""))
            return self._for_all(lambda request: self._replay(kept, request, head))
        if head.status == HTTPStatus.OK and kept is not None:
            self._answers.drop(kept)
            self._asked.failed(self._now)
        keep = self._is_to_be_kept(head)
        if answer.body is not None:
            return self._short(answer, answer.body, keep)
        assert isinstance(answer, Streamed)
        shared = self._flight.is_shared and self._flight.through
        if not (keep or shared):
            self._flight.fail(None)
            return answer
        collection = self._collection(head)
        if not shared:
            return Copied(answer, collection, self._kept_or_not)
        return self._repeats.pump(Pumped(answer, self._answers, collection, keep, self._all_there))

    def _for_all(self, make: Callable[[Request], Answer]) -> Answer:
        self._flight.land(make)
        return make(self._request)

    def _is_to_be_kept(self, head: Head) -> bool:
        if not self._wanted or head.status != HTTPStatus.OK or self._asked.pause > self._now:
            return False
        holds = head.holds is not None and head.last_change is not None
        if not holds:
            self._asked.failed(self._now)
        return holds

    def _collection(self, head: Head) -> Collection:
        return Collection(self._answers, self._request, self._key, head, self._now)

    def _short(self, answer: Answer, body: bytes, keep: bool) -> Answer:
        """One that is all there."""
        if keep:
            collection = self._collection(answer.head)
            self._kept_or_not(collection.add(body) and collection.end(True) is not None)
            collection.give_up()
        if self._flight.is_shared:
            self._flight.land(lambda request: _short_for(answer.head, body, self._request, request))
        return answer

    def _kept_or_not(self, kept: bool) -> None:
        if not kept:
            self._asked.pause = self._now + _LONGEST_PAUSE

    def _all_there(self, kept: Kept | None) -> None:
        if kept is None:
            self._kept_or_not(False)
            self._flight.fail(None)
        else:
            self._flight.land(lambda request: self._replay(kept, request, kept.head, again=False))

    def _replay(self, kept: Kept, request: Request, told: Head, *, again: bool = True) -> Answer:
        self._repeats.served += again
        source = request.peer.source
        head = replace(kept.head, known=told.known, spent=told.spent)
        if head.length is None:
            return Replayed(self._answers, kept, head, source)
        body = b"".join(kept.blocks(source))
        return Answer(replace(head, length=len(body)), body)


def _short_for(head: Head, body: bytes, made_for: Request, request: Request) -> Answer | None:
    """A short answer as another client is told it."""
    if body:
        around = split([body], made_for.peer.source)
        if around is None:
            return None
        before, behind, slash = around
        source = request.peer.source.replace("/", slash).encode()
        body = b"".join((*before, source, behind))
        head = replace(head, length=len(body))
    return Answer(head, body)


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
        request.coding,
        request.peer.family,
    )
    # No part may end where another one could.
    text = "".join(f"{len(part)}:{part}" for part in told)
    return blake2b(text.encode(errors="surrogateescape"), digest_size=16).digest()


def _names_a_time(query: str) -> bool:
    """Whether the client asks for changes since a time of its own."""
    return "update_time" in unquote_plus(query)

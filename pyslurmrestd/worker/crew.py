"""The workers of one kind: who serves next, who waits, and how the lost are replaced."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from ..application.protocol import Answer, Hello, Kind
from ..log import log
from .budget import Budget
from .child import Child, StartFailed
from .costs import Costs
from .exchange import Lane
from .failures import ExchangeError, PoolBusy, WorkerLost
from .frames import Word, word
from .settings import PoolSettings
from .turns import Room, Ticket, Turns

__all__ = ["Crew", "CrewStatistics"]


_FIRST_DELAY: Final = 0.1
_LONGEST_DELAY: Final = 10.0
"""Seconds between two tries to replace a worker, doubling from one to the next."""

_SWEEP_PAUSE: Final = 0.02
"""Deadlines closer together than this are looked at in one go."""

_SHORT_SHARE: Final = 4
"""One lane of so many is kept for short requests, so none waits for a long one to end."""

_ACCOUNTING_SHARE: Final = 2
"""One lane of so many may wait for slurmdbd; the others never do, whatever has become of it."""

_PATIENCE: Final = 1.0
"""Seconds that an answer may wait on its lane for its client while requests wait for a lane."""

_RELIEF_PAUSE: Final = 0.25


@dataclass(slots=True)
class CrewStatistics:
    """Of the workers of one kind: how things stand, and counts since the start.

    :ivar ready: workers that serve; ``busy`` of their ``lanes`` are at a request.
    :ivar waiting: requests that wait for a lane.
    :ivar requests: requests handed to a lane, or to the queue.
    :ivar refused: requests that found the queue full, or waited in it for too long.
    :ivar hung: workers given up because a deadline had passed.
    :ivar lost: workers that ended by themselves.
    :ivar started: workers that said Hello.
    """

    ready: int = 0
    lanes: int = 0
    busy: int = 0
    waiting: int = 0
    requests: int = 0
    refused: int = 0
    hung: int = 0
    lost: int = 0
    started: int = 0


class Crew:
    """The workers of one kind.

    :ivar hello: of the worker that came last; None before the first.
    """

    def __init__(self, kind: Kind, settings: PoolSettings, spill: Budget) -> None:
        self.kind = kind
        self.hello: Hello | None = None
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._ready: list[Child] = []
        self._others: set[Child] = set()  # starting or leaving
        self._turns = Turns(settings.queue_length)
        self._costs = Costs()
        self._spill = spill
        self._relief: asyncio.TimerHandle | None = None
        self._replacing: set[asyncio.Task[None]] = set()
        self._trying = 0  # workers between exec and Hello
        self._deaths = 0  # since the last answer
        self._reason: str | None = None  # why the last start failed; None after one that did not
        self._stopped = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._counts = CrewStatistics()
        self._answers = self._answers_seen = 0

    def exchange(self, ticket: Ticket) -> None:
        """Hand a request to the least busy worker, or let it wait for its turn.

        Raises :class:`.PoolBusy` and :class:`.WorkerLost` where it cannot even wait.
        """
        self._counts.requests += 1
        ticket.long = ticket.long or self._costs.is_long(ticket.operation)
        ticket.lengthened = self._lengthened
        ticket.ended = self._ended
        best: Child | None = None
        for child in self._ready:
            if child.free and (best is None or len(child.free) > len(best.free)):
                best = child
        # Whoever waits while a lane is free waits for one that takes requests like it.
        if best is not None and (
            not (ticket.long or ticket.accounting) or ticket.fits(self._room())
        ):
            self._begin(best.free.pop(), ticket)
        else:
            self._wait(ticket)

    def _begin(self, lane: Lane, ticket: Ticket) -> None:
        if ticket.client is not None:
            ticket.client.is_served()
        self._turns.begin(ticket)
        lane.begin(ticket)

    def found_out(self, key: int, caller: str) -> None:
        """Whose a token is: its requests that wait are this caller's."""
        self._turns.sort_again(lambda ticket: ticket.key == key, caller=caller)

    def _lengthened(self, ticket: Ticket) -> None:
        ticket.long = True
        operation = ticket.operation
        if self._costs.is_long(operation):
            return
        self._costs.note_long(operation)
        self._turns.sort_again(lambda other: other.operation == operation, long=True)

    def _ended(self, ticket: Ticket, size: int, seconds: float) -> None:
        self._turns.end(ticket)
        self._costs.note(ticket.operation, size, seconds)

    def _room(self) -> Room:
        tickets = [lane.ticket for child in self._ready for lane in child.lanes]
        long = sum(ticket is not None and ticket.long for ticket in tickets)
        accounting = sum(ticket is not None and ticket.accounting for ticket in tickets)
        return Room(
            long < len(tickets) - len(tickets) // _SHORT_SHARE,
            accounting < max(len(tickets) // _ACCOUNTING_SHARE, 1),
        )

    def _wait(self, ticket: Ticket) -> None:
        if self._stopped:
            raise PoolBusy("The daemon is stopping")
        if self._hopeless():
            raise WorkerLost(f"No worker can be started: {self._reason}")
        self._replace()
        seconds = self._settings.queue_seconds
        ticket.timer = self._loop.call_later(
            seconds, self._refuse, ticket, "No worker became free in time"
        )
        ticket.future.add_done_callback(lambda _: self._leave(ticket))
        too_many = self._turns.join(ticket)
        if too_many is not None:
            self._refuse(too_many, "Too many requests are waiting")
        if self._relief is None:
            self._relief = self._loop.call_later(_RELIEF_PAUSE, self._relieve)

    def _leave(self, ticket: Ticket) -> None:
        if ticket.timer is not None:
            ticket.timer.cancel()
            ticket.timer = None
            self._turns.leave(ticket)

    def _refuse(self, ticket: Ticket, text: str) -> None:
        if not ticket.future.done():
            self._counts.refused += 1
            ticket.future.set_exception(PoolBusy(text))
        self._leave(ticket)

    def _fail_waiting(self, error: type[PoolBusy | WorkerLost], text: str) -> None:
        for ticket in self._turns.all():
            if not ticket.future.done():
                ticket.future.set_exception(error(text))
            self._leave(ticket)

    def _relieve(self) -> None:
        """While requests wait, answers that their clients do not take leave their lanes."""
        self._relief = None
        if not len(self._turns):
            return
        for child in [*self._ready, *self._others]:
            for lane in child.lanes:
                if lane.is_held_back(_PATIENCE):
                    lane.spill(self._spill)
        self._relief = self._loop.call_later(_RELIEF_PAUSE, self._relieve)

    def lane_free(self, child: Child, lane: Lane) -> None:
        self._deaths = 0
        self._answers += 1
        child.free.append(lane)
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        """Requests that wait take the lanes that are free."""
        while len(self._turns):
            child = max(self._ready, key=lambda child: len(child.free), default=None)
            if child is None or not child.free:
                return
            ticket = self._turns.next(self._room())
            if ticket is None:
                return
            if ticket.timer is not None:
                ticket.timer.cancel()
                ticket.timer = None
            if not ticket.future.done():  # given up a moment ago
                self._begin(child.free.pop(), ticket)

    async def start(self) -> Hello:
        """Start the first worker and wait for it; the others follow by themselves.

        Raises :class:`StartFailed`.
        """
        self._join(await self._try())
        self._replace()
        assert self.hello is not None
        return self.hello

    async def recycle(self) -> None:
        """Replace each worker by one that has read the configuration anew.

        Raises :class:`StartFailed`; the workers not replaced by then serve on.
        """
        if not self._ready and not self._replacing:
            return
        old = list(self._ready)
        for number in range(max(len(old), 1)):
            self._join(await self._try())
            if number < len(old):
                self._retire(old[number])

    async def stop(self, grace: float) -> None:
        """Let requests end within ``grace`` seconds, then end all workers."""
        self._stopped = True
        replacing = list(self._replacing)
        for task in replacing:
            task.cancel()
        await asyncio.gather(*replacing, return_exceptions=True)
        self._fail_waiting(PoolBusy, "The daemon is stopping")
        for child in list(self._ready):
            self._retire(child)
        await self._wait_for_ends(grace)
        for child in self._others:
            child.kill()
        await self._wait_for_ends(None)
        for timer in (self._timer, self._relief):
            if timer is not None:
                timer.cancel()

    async def _wait_for_ends(self, timeout: float | None) -> None:
        if self._others:
            await asyncio.wait([child.ended for child in self._others], timeout=timeout)

    async def _try(self) -> Child:
        """Start one worker. Raises :class:`StartFailed`."""
        child = Child(self.kind, self._settings, self)
        self._others.add(child)
        self._trying += 1
        try:
            await child.start()
            if child.leaving:
                raise StartFailed("the worker ended right after its start")
        finally:
            self._trying -= 1
            if not child.pid:
                self._others.discard(child)
        return child

    def _join(self, child: Child) -> None:
        """A new worker begins to serve."""
        self._others.discard(child)
        self._ready.append(child)
        self._counts.started += 1
        self._reason = None
        self.hello = child.hello
        self._serve_waiting()

    def _retire(self, child: Child) -> None:
        if child in self._ready:
            self._ready.remove(child)
            self._others.add(child)
            child.leave()

    def _replace(self) -> None:
        """Bring as many workers as are missing."""
        missing = self._settings.processes - len(self._ready) - len(self._replacing)
        for _ in range(0 if self._stopped else missing):
            self._replacing.add(self._loop.create_task(self._bring()))

    async def _bring(self) -> None:
        """Start one worker; try again, ever more slowly, until it succeeds."""
        failures = max(self._deaths - 1, 0)  # the first one to die is replaced at once
        try:
            while True:
                await asyncio.sleep(_delay(failures))
                try:
                    child = await self._try()
                    break
                except StartFailed as error:
                    log.error("a %s worker does not start: %s", self.kind, error)
                    failures += 1
                    self._reason = str(error)
                    if self._hopeless():
                        self._fail_waiting(WorkerLost, f"No worker can be started: {error}")
        finally:
            task = asyncio.current_task()
            assert task is not None
            self._replacing.discard(task)
        if len(self._ready) < self._settings.processes:
            self._join(child)
        else:
            child.leave()

    def lacking(self) -> str | None:
        """Why no worker serves; None when one does."""
        if self._ready:
            return None
        return f"No worker serves: {self._reason}" if self._reason else "No worker serves"

    async def answers(self, seconds: float) -> bool:
        """Whether a worker answers.

        One has since this was asked last, or says so within so many seconds; or each lane has a
        request whose deadline is still to come, after which its worker is replaced.
        """
        before, self._answers_seen = self._answers_seen, self._answers
        if not self._ready or before != self._answers:
            return bool(self._ready)
        # Not one that kept the last probe waiting.
        child = max(self._ready, key=lambda child: len(child.free))
        if not child.free:
            return True
        future: asyncio.Future[Answer] = self._loop.create_future()
        ticket = Ticket(
            frame=word(Word.PROBE), body=b"", caller="", key=0, operation="", future=future
        )
        child.free.pop().begin(ticket)
        with contextlib.suppress(TimeoutError, ExchangeError):
            async with asyncio.timeout(seconds):
                await future
            self._answers_seen = self._answers
            return True
        return False

    def _hopeless(self) -> bool:
        """Whether no worker serves, and the last try to start one has failed."""
        return self._reason is not None and not self._ready and not self._trying

    def child_hung(self, child: Child) -> None:
        if child in self._ready:
            self._counts.hung += 1
            self._leave_ready(child)

    def child_lost(self, child: Child) -> None:
        if child in self._ready:
            self._counts.lost += 1
            self._deaths += 1
            self._leave_ready(child)

    def _leave_ready(self, child: Child) -> None:
        self._ready.remove(child)
        self._others.add(child)
        self._replace()

    def child_ended(self, child: Child, how: str) -> None:
        if child in self._ready:
            self.child_lost(child)
        self._others.discard(child)

    def watch(self, expires: float) -> None:
        """See to it that somebody looks when this time has come. One timer serves all lanes."""
        if expires < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = expires
            self._timer = self._loop.call_at(expires, self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        self._timer_at = inf
        now = self._loop.time()
        for child in [*self._ready, *self._others]:
            for lane in child.lanes:
                if lane.busy and not lane.hung and lane.expires <= now:
                    lane.expire()
        left = [
            lane.expires
            for child in [*self._ready, *self._others]
            for lane in child.lanes
            if lane.busy and not lane.hung
        ]
        if left:
            self.watch(max(min(left), now + _SWEEP_PAUSE))

    @property
    def statistics(self) -> CrewStatistics:
        return replace(
            self._counts,
            ready=len(self._ready),
            lanes=sum(len(child.lanes) for child in self._ready),
            busy=sum(lane.busy for child in self._ready for lane in child.lanes),
            waiting=len(self._turns),
        )


def _delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(_FIRST_DELAY * 2 ** min(failures - 1, 30), _LONGEST_DELAY) if failures else 0

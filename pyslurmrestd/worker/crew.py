"""The workers of one kind: who serves next, who waits, and how the lost are replaced."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from ..application.protocol import Block, Hello, Kind
from .child import Child, StartFailed
from .exchange import Answer, Lane, PoolBusy, WorkerLost
from .settings import PoolSettings

__all__ = ["Crew", "CrewStatistics"]

log = logging.getLogger(__name__)

_FIRST_DELAY: Final = 0.1
_LONGEST_DELAY: Final = 10.0
"""Seconds between two tries to replace a worker, doubling from one to the next."""

_SWEEP_PAUSE: Final = 0.02
"""Deadlines closer together than this are looked at in one go."""


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


@dataclass(slots=True)
class _Waiting:
    frame: bytes
    body: Block
    future: asyncio.Future[Answer]
    timer: asyncio.TimerHandle


class Crew:
    """The workers of one kind.

    :ivar hello: of the worker that came last; None before the first.
    """

    def __init__(self, kind: Kind, settings: PoolSettings) -> None:
        self.kind = kind
        self.hello: Hello | None = None
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._ready: list[Child] = []
        self._others: set[Child] = set()  # starting or leaving
        self._waiting: deque[_Waiting] = deque()
        self._replacing: set[asyncio.Task[None]] = set()
        self._trying = 0  # workers between exec and Hello
        self._deaths = 0  # since the last answer
        self._reason: str | None = None  # why the last start failed; None after one that did not
        self._stopped = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._counts = CrewStatistics()

    # ---- requests ----

    def exchange(self, frame: bytes, body: Block) -> asyncio.Future[Answer]:
        """Hand a request to the least busy worker, or let it wait for one."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._counts.requests += 1
        best: Child | None = None
        for child in self._ready:
            if child.free and (best is None or len(child.free) > len(best.free)):
                best = child
        if best is not None:
            best.free.pop().begin(frame, body, future)
        else:
            self._wait(frame, body, future)
        return future

    def _wait(self, frame: bytes, body: Block, future: asyncio.Future[Answer]) -> None:
        if self._stopped:
            raise PoolBusy("The daemon is stopping")
        if self._hopeless():
            raise WorkerLost(f"No worker can be started: {self._reason}")
        self._replace()
        while self._waiting and self._waiting[0].future.done():
            self._waiting.popleft()
        if len(self._waiting) >= self._settings.queue_length:
            self._counts.refused += 1
            raise PoolBusy("Too many requests are waiting")
        timer = self._loop.call_later(self._settings.queue_seconds, self._waited_enough, future)
        self._waiting.append(_Waiting(frame, body, future, timer))

    def _waited_enough(self, future: asyncio.Future[Answer]) -> None:
        if not future.done():
            self._counts.refused += 1
            future.set_exception(PoolBusy("No worker became free in time"))

    def _fail_waiting(self, error: type[PoolBusy | WorkerLost], text: str) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            waiting.timer.cancel()
            if not waiting.future.done():
                waiting.future.set_exception(error(text))

    def lane_free(self, child: Child, lane: Lane) -> None:
        self._deaths = 0
        self._serve_next(child, lane)

    def _serve_next(self, child: Child, lane: Lane) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            waiting.timer.cancel()
            if not waiting.future.done():
                lane.begin(waiting.frame, waiting.body, waiting.future)
                return
        child.free.append(lane)

    # ---- workers ----

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
        if self._timer is not None:
            self._timer.cancel()

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
        lanes, child.free = child.free, []
        for lane in lanes:
            self._serve_next(child, lane)

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

    def _hopeless(self) -> bool:
        """Whether no worker serves, and the last try to start one has failed."""
        return self._reason is not None and not self._ready and not self._trying

    # ---- from the children ----

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

    # ---- deadlines ----

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
            waiting=sum(not waiting.future.done() for waiting in self._waiting),
        )


def _delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(_FIRST_DELAY * 2 ** min(failures - 1, 30), _LONGEST_DELAY) if failures else 0

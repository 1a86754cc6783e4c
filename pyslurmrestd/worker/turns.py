"""Who is served next: requests wait per caller, and callers take turns.

A lane that becomes free goes to the caller with the fewest requests under way; among several, to
the one whose last turn is longest ago. So nobody waits behind all that somebody else has asked for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from ..application.protocol import Answer, Block

__all__ = ["Client", "Room", "Ticket", "Turns"]


class Client(Protocol):
    """Who waits for an answer."""

    @property
    def has_left(self) -> bool:
        """Whether it seems to be gone: it has closed its side of the connection."""

    def is_served(self) -> None:
        """Its turn has come: a worker is at its request."""


class Room(NamedTuple):
    """Whether a lane is to be had for requests that take long, and for those of slurmdbd."""

    long: bool = True
    accounting: bool = True


@dataclass(eq=False, slots=True, kw_only=True)
class Ticket:
    """One request, from its arrival to the end of its answer.

    :ivar caller: whose requests it counts among.
    :ivar key: of its token; whose that is may be found out while it waits.
    :ivar operation: what is asked, for its kind's usual cost.
    :ivar long: it is expected to keep a lane for long.
    :ivar accounting: it waits for slurmdbd.
    :ivar arrival: its number among those that had to wait.
    :ivar lengthened: told when its answer turns out to be a long one.
    :ivar ended: told when the lane has done with it, with its answer's bytes and the seconds.
    """

    frame: bytes
    body: Block
    caller: str
    key: int
    operation: str
    future: asyncio.Future[Answer]
    long: bool = False
    accounting: bool = False
    arrival: int = 0
    client: Client | None = None
    timer: asyncio.TimerHandle | None = None
    lengthened: Callable[[Ticket], None] | None = None
    ended: Callable[[Ticket, int, float], None] | None = None

    def fits(self, room: Room) -> bool:
        """Whether there is a lane for it."""
        return (room.long or not self.long) and (room.accounting or not self.accounting)

    @property
    def rank(self) -> tuple[bool, int]:
        """Its place among its caller's: short ones first, then the order of arrival."""
        return self.long, self.arrival


@dataclass(slots=True)
class _Line:
    """What one caller has waiting: short and long ones, and either for slurmdbd, each in the order
    of arrival."""

    queues: dict[tuple[bool, bool], deque[Ticket]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.queues.values()))

    def append(self, ticket: Ticket) -> None:
        self.queues.setdefault((ticket.long, ticket.accounting), deque()).append(ticket)

    def remove(self, ticket: Ticket) -> None:
        """Raises ValueError."""
        kind = ticket.long, ticket.accounting
        queue = self.queues.get(kind, deque())
        queue.remove(ticket)
        if not queue:
            del self.queues[kind]

    def first(self, room: Room) -> Ticket | None:
        """The one to be served next, of those that a lane is there for."""
        heads = (queue[0] for queue in self.queues.values() if queue[0].fits(room))
        return min(heads, key=lambda ticket: ticket.rank, default=None)

    def last(self) -> Ticket:
        return max((queue[-1] for queue in self.queues.values()), key=lambda ticket: ticket.rank)


class Turns:
    """The requests that wait for a lane, and how many of whom are under way.

    :param length: how many may wait.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._lines: dict[str, _Line] = {}  # the one served longest ago first
        self._running: dict[str, int] = {}
        self._deserted: deque[Ticket] = deque()
        self._count = 0
        self._arrivals = 0

    def __len__(self) -> int:
        return self._count

    def join(self, ticket: Ticket) -> Ticket | None:
        """Let a request wait. Where too many do, gives the one that has to go: the last one of
        the caller who has most waiting, which may be this one."""
        line = self._lines.setdefault(ticket.caller, _Line())
        self._arrivals += 1
        ticket.arrival = self._arrivals
        line.append(ticket)
        self._count += 1
        if self._count <= self._length:
            return None
        if self._deserted:
            return self._deserted[0]
        return max(self._lines.values(), key=len).last()

    def leave(self, ticket: Ticket) -> None:
        """It waits no longer, if it did."""
        line = self._lines.get(ticket.caller)
        for queue in (self._deserted, line):
            if queue is None:
                continue
            try:
                queue.remove(ticket)
            except ValueError:
                continue
            self._count -= 1
            break
        if line is not None and not line:
            del self._lines[ticket.caller]

    def sort_again(
        self, which: Callable[[Ticket], bool], *, caller: str | None = None, long: bool = False
    ) -> None:
        """Something more is known of some that wait: whose they are, or that they are long."""
        for ticket in [ticket for ticket in self.all() if which(ticket)]:
            self.leave(ticket)
            ticket.caller = caller or ticket.caller
            ticket.long = ticket.long or long
            self.join(ticket)

    def next(self, room: Room) -> Ticket | None:
        """Take the request whose turn it is, of those that a lane is there for."""
        while (ticket := self._fairest(room)) is not None:
            line = self._lines.pop(ticket.caller)
            line.remove(ticket)
            if line:
                self._lines[ticket.caller] = line
            if ticket.client is not None and ticket.client.has_left:
                # Some clients end their side and still wait: served when nobody else is there.
                self._deserted.append(ticket)
                continue
            self._count -= 1
            return ticket
        for ticket in self._deserted:
            if ticket.fits(room):
                self._deserted.remove(ticket)
                self._count -= 1
                return ticket
        return None

    def _fairest(self, room: Room) -> Ticket | None:
        found = None
        fewest = -1
        for caller, line in self._lines.items():
            first = line.first(room)
            if first is None:
                continue
            running = self._running.get(caller, 0)
            if found is None or running < fewest:
                found, fewest = first, running
                if not running:
                    break
        return found

    def all(self) -> list[Ticket]:
        """All that wait."""
        queues = [queue for line in self._lines.values() for queue in line.queues.values()]
        return [ticket for queue in (*queues, self._deserted) for ticket in queue]

    def begin(self, ticket: Ticket) -> None:
        """It is on a lane from here on."""
        self._running[ticket.caller] = self._running.get(ticket.caller, 0) + 1

    def end(self, ticket: Ticket) -> None:
        """Its lane has done with it."""
        running = self._running[ticket.caller] - 1
        if running:
            self._running[ticket.caller] = running
        else:
            del self._running[ticket.caller]

"""One exchange for all who ask for the same thing before a worker is at it.

Who comes later gets none of its answer, which may be older than what they have done meanwhile: they
have the next one together, which begins when the controller has answered this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..application.protocol import Answer, Request
    from ..worker.turns import Client

__all__ = ["Flight"]


class _Seat(NamedTuple):
    request: Request
    client: Client | None
    answer: asyncio.Future[Answer | None]


class Flight:
    """An exchange, and who waits for it. To a worker's turns it is one client.

    :param through: its answer comes through the front end, so that others can have it.
    :ivar over: done when the controller has answered, or nobody will.
    :ivar next: the exchange of those who came too late for this one.
    """

    __slots__ = ("_seats", "_served", "client", "next", "over", "through")

    def __init__(self, through: bool) -> None:
        self.through = through
        self.client: Client | None = None  # of who asks for all
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.next: Flight | None = None
        self._seats: list[_Seat] = []
        self._served = False

    @property
    def takes(self) -> bool:
        """Whether one may still join."""
        return self.through and not self._served

    @property
    def is_shared(self) -> bool:
        """Whether somebody else waits for the answer."""
        return any(not seat.answer.done() for seat in self._seats)

    async def follow(self, request: Request, client: Client | None) -> Answer | None:
        """The answer for one who has joined; None where there is none to be shared."""
        seat = _Seat(request, client, asyncio.get_running_loop().create_future())
        self._seats.append(seat)
        try:
            return await seat.answer
        except asyncio.CancelledError:
            if seat.answer.done() and not seat.answer.cancelled() and not seat.answer.exception():
                answer = seat.answer.result()
                if answer is not None:
                    answer.close()
            raise

    def land(self, answer: Callable[[Request], Answer | None]) -> None:
        """Give all who have joined their answers."""
        for seat in self._seats:
            if not seat.answer.done():
                seat.answer.set_result(answer(seat.request))

    def fail(self, error: Exception | None) -> None:
        """Tell those who still wait; without an error they ask for themselves."""
        for seat in self._seats:
            if not seat.answer.done():
                if error is None:
                    seat.answer.set_result(None)
                else:
                    seat.answer.set_exception(error)

    # As a client:

    @property
    def has_left(self) -> bool:
        waiting = [seat.client for seat in self._seats if not seat.answer.done()]
        return all(client is not None and client.has_left for client in (self.client, *waiting))

    def is_served(self) -> None:
        self._served = True
        for client in (self.client, *(seat.client for seat in self._seats)):
            if client is not None:
                client.is_served()

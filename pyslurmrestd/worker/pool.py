"""The workers as the front end uses them: exchanges, start and stop, recycling."""

from __future__ import annotations

import asyncio

from ..application.protocol import Answer, Hello, Kind, Request
from .budget import Budget
from .callers import STRANGERS, Callers
from .child import StartFailed
from .crew import Crew, CrewStatistics
from .failures import TooOften
from .frames import encode_request
from .rates import Rates
from .settings import PoolSettings
from .turns import Client, Ticket

__all__ = ["Pool", "PoolSettings", "RecycleFailed", "StartFailed"]


class RecycleFailed(Exception):
    """The new configuration does not bear a worker; the old workers serve on."""


class Pool:
    """All workers. To be made and used within a running event loop.

    :ivar limited: requests that came too often for their caller.
    """

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings
        spill = Budget(settings.spill_bytes)
        self._crews: dict[Kind, Crew] = {
            kind: Crew(kind, settings, spill) for kind in ("token", "local")
        }
        self._callers = Callers()
        self._rates = Rates(settings.user_rate) if settings.user_rate else None
        self.limited = 0
        self._recycling = asyncio.Lock()

    async def start(self) -> None:
        """Start the workers of the eager kinds; one of each is ready afterwards.

        Raises :class:`StartFailed` with what the worker says is wrong.
        """
        try:
            await asyncio.gather(*(self._crews[kind].start() for kind in self._settings.eager))
        except BaseException:
            await self.stop(0)
            raise

    async def stop(self, grace: float = 5.0) -> None:
        """End all workers; those that answer a request get ``grace`` seconds to finish."""
        await asyncio.gather(*(crew.stop(grace) for crew in self._crews.values()))

    @property
    def hello(self) -> Hello:
        """What the workers tell of their Slurm. Raises RuntimeError before the start."""
        for crew in self._crews.values():
            if crew.hello is not None:
                return crew.hello
        raise RuntimeError("no worker has started yet")

    @property
    def client_timeout(self) -> float:
        """Seconds that a client has to send more of its request, or to take more of its answer."""
        return self._settings.client_timeout

    @property
    def body_rate(self) -> int:
        """Bytes a second that a body has to come with after that."""
        return self._settings.body_rate

    def lacking(self) -> str | None:
        """Why a request would not be answered; None when there is a worker for it."""
        for kind in self._settings.eager:
            lacking = self._crews[kind].lacking()
            if lacking is not None:
                return lacking
        return None

    async def answers(self, seconds: float) -> bool:
        """Whether a worker of each kind that started with the daemon answers, see
        :meth:`.Crew.answers`."""
        asked = [self._crews[kind].answers(seconds) for kind in self._settings.eager]
        return all(await asyncio.gather(*asked))

    @property
    def descriptors(self) -> int:
        """The open files that all workers may take, while each is being replaced by another."""
        settings = self._settings
        # A lane each; standard input, standard error and the process itself; the lanes' other
        # ends, while a worker starts.
        each = settings.threads + 3
        return len(self._crews) * (2 * settings.processes * each + settings.threads)

    @property
    def statistics(self) -> dict[Kind, CrewStatistics]:
        return {kind: crew.statistics for kind, crew in self._crews.items()}

    async def exchange(self, request: Request, client: Client | None = None) -> Answer:
        """Have a worker answer a request.

        :param client: who waits for it, if it can be known whether it still does.

        An answer without ``body`` must be closed after use. Raises
        :class:`~.failures.ExchangeError` with the status that the client is to get.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.count(request)
        key = self._callers.key(request.credential)
        ticket = Ticket(
            frame=encode_request(request, self._settings.deadline),
            body=request.body,
            caller=self._callers.name(key),
            key=key,
            operation=request.operation,
            future=future,
            client=client,
            long=request.long,
            accounting=request.accounting,
        )
        crew = self._crews[request.credential.kind]
        crew.exchange(ticket)
        try:
            answer = await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                future.result().close()
            raise
        if answer.head.known is not None:
            name = self._callers.note(key, request.credential, answer.head.known)
            if name is not None:
                crew.found_out(key, name)
        return answer

    def count(self, request: Request) -> None:
        """A request of its caller more. Raises :class:`.TooOften`."""
        if self._rates is None:
            return
        caller = self._callers.name(self._callers.key(request.credential))
        if caller == STRANGERS:
            return  # anybody could use up what they have together
        wait = self._rates.take(caller, asyncio.get_running_loop().time())
        if wait:
            self.limited += 1
            raise TooOften(self._rates.rate, wait)

    async def recycle(self) -> None:
        """Read the configuration anew: one worker tries it, then all are replaced one by one.

        No request is lost. Raises :class:`RecycleFailed`.
        """
        async with self._recycling:
            try:
                for crew in self._crews.values():
                    await crew.recycle()
            except StartFailed as error:
                raise RecycleFailed(str(error)) from error

"""Room for connections: how many may be open, and who goes when another one comes.

An idle connection costs nothing but its memory, so thousands may stay open. When their number
reaches its limit, the one that has been idle longest is closed for a new one; where none is idle,
the one whose body has been coming for longest. New ones wait while there is none of either.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any, Final, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ..log import VERBOSE, log
from ..settings import Settings
from ..worker.budget import Budget
from .connection import Connection
from .tls import Tls

__all__ = ["Connections"]

_SLOW_BODY: Final = 5.0
"""Seconds that a body may be on its way before it makes room for others."""

_FRESH: Final = 1.0
"""Seconds that a new connection has to begin its first request: it may be on its way already."""

_LOOK_AGAIN: Final = 0.5

_HEAD_GRACE: Final = 1.0
"""Seconds that a request of which not even the head is here may still take when all ends."""


class Connections(web.Server):
    """All connections of the daemon.

    :param limit: how many are served at a time.
    :param budget: of the bytes that their requests hold.
    :param tls: for those that speak TLS.
    :param tls_timeout: seconds for their handshake.
    """

    def __init__(
        self,
        handler: Any,
        limit: int,
        budget: Budget,
        tls: Tls | None = None,
        tls_timeout: float = Settings.tls_timeout,
    ) -> None:
        # A request whose client is gone is given up: its lane has others waiting.
        super().__init__(handler, handler_cancellation=True)
        self.budget = budget
        self.draining = False
        self._limit = limit
        self._tls = tls
        self._tls_timeout = tls_timeout
        self._greeting: dict[asyncio.Task[None], float] = {}  # since when; longest first
        self._coming = 0
        self._waiting = 0
        self._open: set[Connection] = set()
        self._leaving: set[Connection] = set()
        self._idle: dict[Connection, float] = {}  # since when it may go; longest idle first
        self._receiving: dict[Connection, float] = {}  # since when; longest first
        self._changed = asyncio.Event()

    def __call__(self) -> Connection:
        return Connection(self, self)

    async def take(self, client: socket.socket, tls: bool = False) -> None:
        """Serve a connection that was accepted, once there is room for it. Raises OSError."""
        await self._room()
        self._coming += 1
        if tls and self._tls is not None:
            # The next one does not wait for what this client says.
            loop = asyncio.get_running_loop()
            self._greeting[loop.create_task(self._greet(client, self._tls.now))] = loop.time()
            return
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self, client)
        finally:
            self._coming -= 1

    async def _greet(self, client: socket.socket, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                self, client, ssl=context, ssl_handshake_timeout=self._tls_timeout
            )
        except OSError as error:
            log.log(VERBOSE, "no TLS with a client: %s", error)
            client.close()
        except BaseException:
            client.close()
            raise
        finally:
            self._coming -= 1
            self._greeting.pop(cast("asyncio.Task[None]", asyncio.current_task()), None)
            self._changed.set()

    async def _room(self) -> None:
        self._waiting += 1
        try:
            while len(self._open) + self._coming >= self._limit:
                self._changed.clear()
                if len(self._leaving) < self._waiting:
                    self.make_room()
                try:
                    async with asyncio.timeout(_LOOK_AGAIN):
                        await self._changed.wait()
                except TimeoutError:
                    continue  # a body may have become a slow one
        finally:
            self._waiting -= 1

    def make_room(self) -> None:
        """Let the connection go that is missed least, if there is one."""
        now = asyncio.get_running_loop().time()
        for idle, may_go in self._idle.items():
            if may_go <= now:
                del self._idle[idle]
                self._leaving.add(idle)
                idle.close_now()
                return
        for greeting, since in self._greeting.items():
            if since <= now - _FRESH:
                del self._greeting[greeting]
                greeting.cancel()
                return
            break
        slow = now - _SLOW_BODY
        for receiving, since in self._receiving.items():
            if since <= slow:
                del self._receiving[receiving]
                receiving.let_go()
            return

    async def drain(self, grace: float) -> None:
        """End all connections: those at a request once it is answered, or ``grace`` is over.

        No new ones may come any more.
        """
        self.draining = True
        for greeting in list(self._greeting):
            greeting.cancel()
        for connection in list(self._open):
            if connection.is_idle:
                connection.close_now()
        await self._emptied(_HEAD_GRACE)
        for connection in list(self._open):
            if not connection.is_serving:
                connection.close_now()
        await self._emptied(grace - _HEAD_GRACE)
        for connection in list(self._open):
            connection.abort()
        await self.shutdown(0.1)

    async def _emptied(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while self._open:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    # From the connections:

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        connection = cast(Connection, handler)
        self._open.add(connection)
        self._idle[connection] = asyncio.get_running_loop().time() + _FRESH

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        connection = cast(Connection, handler)
        self._open.discard(connection)
        self._leaving.discard(connection)
        self._idle.pop(connection, None)
        self._receiving.pop(connection, None)
        self._changed.set()

    def connection_busy(self, connection: Connection) -> None:
        self._idle.pop(connection, None)

    def connection_idle(self, connection: Connection) -> None:
        if connection in self._open:
            self._idle[connection] = 0.0
            self._changed.set()

    def connection_receives(self, connection: Connection, receives: bool) -> None:
        if receives:
            self._receiving[connection] = asyncio.get_running_loop().time()
        else:
            self._receiving.pop(connection, None)

"""One connection: aiohttp reads its requests, in order; who is at the other end, what it holds."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Final, Protocol

from aiohttp import HttpVersion10, HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler, RequestPayloadError, _ErrInfo

from ..auth.credential import Peer
from ..errors import ErrorCode
from ..log import VERBOSE, log
from ..worker.budget import Budget
from .admission import (
    LONGEST_HEAD,
    bad_encoding,
    bad_length,
    framing,
    head_too_long,
    malformed,
    missing_lf,
    no_room,
    too_slow,
    wrong_version,
)
from .peer import socket_peer
from .refusal import Refused, refusal

__all__ = ["CLOSE", "KEEP", "Connection", "ConnectionOwner", "unreadable"]

_NO_LINGER: Final = struct.pack("ii", 1, 0)

_IDLE_SECONDS: Final = 24 * 3600.0
"""Idle connections are closed when room is needed; this only clears away dead ones."""

_MOST_HEADERS: Final = LONGEST_HEAD // len("a:\r\n")

_SMALL_HEAD: Final = 4 << 10
"""Bytes of an unfinished head from which on they count."""


class _Written(web.StreamResponse):
    """Tells aiohttp that an answer is out already, and whether the connection lives on.

    aiohttp's own responses are not used: Slurm's status lines and headers are few and exact, and
    writing them at once makes a request cost half as much.
    """

    def __init__(self, keep_alive: bool) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


KEEP: Final = _Written(True)
CLOSE: Final = _Written(False)


class ConnectionOwner(Protocol):
    """Whom a connection tells what becomes of it.

    :ivar budget: of the bytes that requests hold until they are answered.
    :ivar draining: each connection ends with the answer it is at.
    """

    budget: Budget
    draining: bool

    def connection_busy(self, connection: Connection) -> None: ...
    def connection_idle(self, connection: Connection) -> None: ...
    def connection_receives(self, connection: Connection, receives: bool) -> None: ...


class Connection(RequestHandler):
    """One connection.

    :ivar peer: who is at the other end.
    """

    __slots__ = (
        "_broken",
        "_crowded",
        "_ended",
        "_head_size",
        "_lent",
        "_limit",
        "_long_head",
        "_owner",
        "_payload",
        "_serving",
        "peer",
    )

    def __init__(self, server: web.Server, owner: ConnectionOwner) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=_IDLE_SECONDS,
            access_log=None,  # type: ignore[arg-type]  # aiohttp's own way to turn it off
            max_line_size=LONGEST_HEAD,
            max_field_size=LONGEST_HEAD,
            max_headers=_MOST_HEADERS,
            auto_decompress=False,
        )
        self.peer: Peer
        self._owner = owner
        self._serving = False
        self._broken = False  # what came last is no request, nor a part of one
        self._ended = False  # the client sends no more
        self._payload: StreamReader | None = None  # the body of the last request that was read
        self._head_size = 0  # bytes of a request whose head is not complete
        self._long_head = False
        self._limit: asyncio.Timeout | None = None  # of a request whose body counts
        self._crowded = False
        self._lent: socket.socket | None = None

    def begin(self, request: web.BaseRequest) -> None:
        """A request is being served. Raises :class:`.Refused` for a head that should not pass."""
        self._serving = True
        self._owner.connection_busy(self)
        if request.version not in (HttpVersion10, HttpVersion11):
            raise wrong_version()
        framing(request.headers)
        if self._long_head and _head_size(request) > LONGEST_HEAD:
            raise head_too_long()

    def end(self) -> None:
        """Its answer is out."""
        self._serving = False
        self._owner.connection_idle(self)

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[asyncio.Timeout]:
        """While a request with a body is served: the time that the body has, and what it holds.

        Raises :class:`.Refused` when that time is over, or when others need the room.
        """
        self._owner.connection_receives(self, True)
        try:
            async with asyncio.timeout(None) as self._limit:
                yield self._limit
        except TimeoutError:
            raise (no_room() if self._crowded else too_slow()) from None
        finally:
            self._limit = None
            self._owner.connection_receives(self, False)
            self._owner.budget.release(self)

    def holds(self, size: int) -> None:
        """So much of a body is here."""
        self._owner.budget.hold(self, size)

    def received(self) -> None:
        """All of the body is here; what follows takes the time that it takes."""
        self._owner.connection_receives(self, False)
        if self._limit is not None and not self._crowded:
            self._limit.reschedule(None)

    @property
    def is_crowded(self) -> bool:
        """Whether others need the room that this request takes."""
        return self._crowded

    @property
    def has_left(self) -> bool:
        """The client has closed its side, or all of it: TCP does not tell which."""
        return self._ended

    def is_served(self) -> None:
        """A worker is at the request: to drop it now would leave unknown whether it was done."""
        self._owner.budget.fix(self)

    @property
    def must_close(self) -> bool:
        """Whether the answer being written is the last one."""
        return self._owner.draining

    @property
    def exhausted(self) -> bool:
        """Whether the client has ended its side and all of its requests are served."""
        return self._ended and not self._messages

    def write(self, *parts: bytes | bytearray | memoryview) -> None:
        """Send bytes. Raises ConnectionResetError when the client is gone."""
        transport = self.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        if len(parts) == 1:
            transport.write(parts[0])
        else:
            transport.writelines(parts)

    def lend(self) -> socket.socket | None:
        """The client, for somebody else to write to until it is taken back; requests that it sends
        meanwhile wait here. None where it cannot be: by TLS, or with something still to be sent.
        """
        transport = self.transport
        if (
            transport is None
            or transport.is_closing()
            or transport.get_write_buffer_size()
            or transport.get_extra_info("sslcontext") is not None
        ):
            return None
        try:
            descriptor = os.dup(transport.get_extra_info("socket").fileno())
        except OSError:
            return None  # too many open files
        self._lent = socket.socket(fileno=descriptor)
        return self._lent

    def take_back(self) -> None:
        """Nobody else writes to the client any more."""
        if self._lent is not None:
            self._lent.close()
            self._lent = None

    def abort(self) -> None:
        """End the connection in such a way that the client knows its answer to be cut."""
        if self._lent is not None:
            # Closing it here would leave it open there.
            with suppress(OSError):
                self._lent.shutdown(socket.SHUT_RDWR)
            self.take_back()
        if self.transport is not None:
            connection = self.transport.get_extra_info("socket")
            if connection.family != socket.AF_UNIX:
                # A reset: an answer in HTTP/1.0 would else end as a whole one does.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.transport.abort()

    @property
    def is_serving(self) -> bool:
        return self._serving or bool(self._messages) or self._in_body()

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a request is here."""
        return not self.is_serving and not self._head_size

    def let_go(self) -> None:
        """Others need the room that this request takes."""
        self._crowded = True
        if self._limit is not None:
            self._limit.reschedule(self._loop.time())
            return
        if self.transport is not None:
            self.transport.write(refusal(no_room()))
            self.close_now()

    def close_now(self) -> None:
        """Close, whether or not the client takes what is still to be sent."""
        transport = self.transport
        self.force_close()
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = transport.get_extra_info("socket")
        address = transport.get_extra_info("peername") or ("unknown", 0)  # already gone
        self.peer = socket_peer(connection, connection.fileno(), address)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._broken:
            return  # nobody knows where a request would begin
        count, in_body = self._request_count, self._in_body()
        self._long_head = self._head_size + len(data) > LONGEST_HEAD
        super().data_received(data)
        if self._messages:
            message, payload = self._messages[-1]
            self._broken = isinstance(message, _ErrInfo)
            if in_body and self._payload is not None and isinstance(message, _ErrInfo):
                # Who reads this body would wait for more: now, or once it has seen that what it was
                # woken for just before is nothing yet.
                self._payload.set_exception(message.exc)
                self._loop.call_soon(self._payload.set_exception, message.exc)
            self._payload = payload
        if self._request_count != count or in_body or self._in_body():
            if self._head_size > _SMALL_HEAD:
                self._owner.budget.release(self)
            self._head_size = 0
        else:
            self._head_size += len(data)
            if self._head_size > _SMALL_HEAD and not self._serving:
                self._owner.budget.hold(self, self._head_size)
            if self._long_head and self.transport is not None:
                if not self._serving:
                    self.transport.write(refusal(head_too_long()))
                self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._owner.budget.release(self)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio lets it give a bool
        """Whether to stay open: what was asked for in full is still answered."""
        self._ended = True
        return (self._serving or bool(self._messages)) and not self._in_body()

    def _in_body(self) -> bool:
        return self._payload is not None and not self._payload.is_eof()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp could not read, and faults of our own."""
        if status == HTTPStatus.BAD_REQUEST:
            refused = unreadable(exc, message or "")
            log.log(VERBOSE, "[%s] unreadable request: %s", self.peer.source, refused.text)
        else:
            log.error("[%s] request failed", self.peer.source, error=exc)
            refused = Refused.of(ErrorCode.ERROR)
        self.write(refusal(refused))
        return CLOSE

    def log_exception(self, *args: Any, exc_info: BaseException | None = None, **how: Any) -> None:
        """What has gone wrong behind an answer, such as the rest of a body that nobody wanted."""
        if isinstance(exc_info, HttpProcessingError | RequestPayloadError):
            said = unreadable(exc_info, getattr(exc_info, "message", str(exc_info))).text
            log.log(VERBOSE, "[%s] unreadable rest of a body: %s", self.peer.source, said)
        else:
            log.error("[%s] connection failed", self.peer.source, error=exc_info)


def _head_size(request: web.BaseRequest) -> int:
    return len(request.raw_path) + sum(
        len(name) + len(value) + len(": \r\n") for name, value in request.raw_headers
    )


def unreadable(error: BaseException | None, message: str) -> Refused:
    """Slurm's words for what aiohttp's parser says."""
    # Behind a blank line comes what the client sent, as Python shows bytes.
    said, _, shown = message.partition("\n\n")
    said = said.lower()
    if isinstance(error, BadHttpMethod):
        return Refused.of(ErrorCode.BAD_METHOD)
    if isinstance(error, LineTooLong) or "too many headers" in said:
        return head_too_long()
    if "content-length" in said:
        return bad_length()
    if "transfer-encoding" in said:
        return bad_encoding()
    if "invalid http version" in said:
        return wrong_version()
    if "expected lf" in said or "\\r" in shown:
        return missing_lf()
    return malformed()

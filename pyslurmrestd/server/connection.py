"""Connections: aiohttp reads their requests, in order; who is there, and how many may be.

An idle connection costs nothing but its memory, so thousands may stay open. When their number
reaches its limit, the one that has been idle longest is closed for a new one; new ones wait while
none is idle.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import Any, Final

from aiohttp import HttpVersion10, HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import BadHttpMethod, LineTooLong
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from ..auth.credential import Peer
from ..errors import ErrorCode
from ..log import VERBOSE, log
from .admission import (
    LONGEST_HEAD,
    bad_encoding,
    bad_length,
    framing,
    head_too_long,
    malformed,
    missing_lf,
    wrong_version,
)
from .refusal import BAD_METHOD, Refused, refusal

__all__ = ["CLOSE", "KEEP", "Connection", "Connections", "unreadable"]

_UCRED: Final = struct.Struct("3i")
_NO_LINGER: Final = struct.pack("ii", 1, 0)

_IDLE_SECONDS: Final = 24 * 3600.0
"""Idle connections are closed when room is needed; this only clears away dead ones."""

_MOST_HEADERS: Final = LONGEST_HEAD // len("a:\r\n")


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


class Connection(RequestHandler):
    """One connection.

    :ivar peer: who is at the other end.
    """

    __slots__ = ("_ended", "_head_size", "_long_head", "_owner", "_payload", "_serving", "peer")

    def __init__(self, owner: Connections, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            owner,
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
        self._ended = False  # the client sends no more
        self._payload: StreamReader | None = None  # the body of the last request that was read
        self._head_size = 0  # bytes of a request whose head is not complete
        self._long_head = False

    # ---- for the responder ----

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

    def abort(self) -> None:
        """End the connection in such a way that the client knows its answer to be cut."""
        if self.transport is not None:
            connection = self.transport.get_extra_info("socket")
            if connection.family != socket.AF_UNIX:
                # A reset: an answer in HTTP/1.0 would else end as a whole one does.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.transport.abort()

    # ---- from the event loop ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.peer = _peer(transport.get_extra_info("socket"), transport.get_extra_info("peername"))
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        count, in_body = self._request_count, self._in_body()
        self._long_head = self._head_size + len(data) > LONGEST_HEAD
        super().data_received(data)
        if self._messages:
            message, payload = self._messages[-1]
            if in_body and self._payload is not None and isinstance(message, _ErrInfo):
                self._payload.set_exception(message.exc)  # who reads this body would wait for more
            self._payload = payload
        if self._request_count != count or in_body or self._in_body():
            self._head_size = 0
        else:
            self._head_size += len(data)
            if self._long_head and self.transport is not None:
                if not self._serving:
                    self.transport.write(refusal(head_too_long()))
                self.force_close()

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
            log.error("[%s] request failed", self.peer.source, exc_info=exc)
            refused = Refused("Unspecified error", ErrorCode.ERROR)
        self.write(refusal(refused))
        return CLOSE


def _head_size(request: web.BaseRequest) -> int:
    return len(request.raw_path) + sum(
        len(name) + len(value) + len(": \r\n") for name, value in request.raw_headers
    )


def _peer(connection: socket.socket, address: Any) -> Peer:
    descriptor = connection.fileno()
    if connection.family == socket.AF_UNIX:
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        _, uid, gid = _UCRED.unpack(credentials)
        path = connection.getsockname()
        return Peer("unix", f"unix:{path}(fd:{descriptor})", uid, gid)
    host, port = address[:2] if address else ("unknown", 0)  # gone before it was looked at
    if ":" in host:
        host = f"[{host}]"
    return Peer("tcp", f"{host}:{port}(fd:{descriptor})")


def unreadable(error: BaseException | None, message: str) -> Refused:
    """Slurm's words for what aiohttp's parser says."""
    # Behind a blank line comes what the client sent, as Python shows bytes.
    said, _, shown = message.partition("\n\n")
    said = said.lower()
    if isinstance(error, BadHttpMethod):
        return Refused("Invalid HTTP method", BAD_METHOD)
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


class Connections(web.Server):
    """All connections of the daemon.

    :param limit: how many are served at a time.
    """

    def __init__(self, handler: Any, limit: int) -> None:
        # A request whose client is gone is given up: its lane has others waiting.
        super().__init__(handler, handler_cancellation=True)
        self._limit = limit
        self._open: set[RequestHandler] = set()
        self._idle: dict[RequestHandler, None] = {}  # longest first
        self._changed: asyncio.Future[None] | None = None

    def __call__(self) -> Connection:
        return Connection(self, asyncio.get_running_loop())

    async def room(self) -> None:
        """Wait until another connection may be served; idle ones are closed for it."""
        while len(self._open) >= self._limit:
            if self._idle:
                longest = next(iter(self._idle))
                del self._idle[longest]
                longest.force_close()
            self._changed = asyncio.get_running_loop().create_future()
            await self._changed

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open.add(handler)
        self._idle[handler] = None

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._open.discard(handler)
        self._idle.pop(handler, None)
        self._tell()

    def connection_busy(self, handler: RequestHandler) -> None:
        self._idle.pop(handler, None)

    def connection_idle(self, handler: RequestHandler) -> None:
        if handler in self._open:
            self._idle[handler] = None
            if self._changed is not None:
                self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None and not changed.done():
            changed.set_result(None)

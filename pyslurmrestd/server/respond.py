"""One request of a socket: admitted, handed to a worker, its answer written as it comes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, cast

from aiohttp import HttpVersion10, web

from ..application.meta import envelope, meta
from ..application.protocol import Answer
from ..application.route import Served
from ..auth.credential import Peer
from ..errors import SlurmError, http_status
from ..log import VERBOSE, log
from ..worker.exchange import AnswerCut, ExchangeError, LongAnswer
from .admission import Admitted, log_access
from .body import UnknownCaller, read_body
from .connection import CLOSE, KEEP, Connection
from .refusal import KeyAwaited, Refused, refusal
from .response_head import WITHOUT_BODY, response_head

if TYPE_CHECKING:
    from ..worker.pool import Pool
    from .admission import Admission
    from .media_types import MediaTypes

__all__ = ["Responder"]

_APART: Final = 64 << 10
"""A body from this size on is written beside its head instead of joined to it."""


class Responder:
    """Serves the requests of all connections; aiohttp calls it once for each."""

    def __init__(self, pool: Pool, admission: Admission, media_types: MediaTypes) -> None:
        self._pool = pool
        self.renew(admission, media_types)

    def renew(self, admission: Admission, media_types: MediaTypes) -> None:
        """Serve further requests so: the configuration was read again."""
        self._admission = admission
        self._media_types = media_types

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        begun = time.perf_counter()
        connection = cast(Connection, request.protocol)
        status, keep = 0, False
        try:
            status, keep = await self._respond(request, connection)
        except AnswerCut as error:
            path = request.raw_path.partition("?")[0]
            log.error("[%s] %s: %s", connection.peer.source, path, error)
            connection.abort()
        except ConnectionError as error:
            log.log(VERBOSE, "[%s] %s", connection.peer.source, error)
        finally:
            connection.end()
            took = time.perf_counter() - begun
            log_access(connection.peer, request.method, request.raw_path, status, took)
        return KEEP if keep and not connection.exhausted else CLOSE

    async def _respond(self, request: web.BaseRequest, connection: Connection) -> tuple[int, bool]:
        """Answer; gives the status, and whether the connection may live on."""
        version = "1.0" if request.version == HttpVersion10 else "1.1"
        bodiless = request.method == "HEAD"
        try:
            connection.begin(request)
            answer = await self._answer(request, connection)
        except Refused as refused:
            connection.write(refusal(refused, version=version, bodiless=bodiless))
            return refused.status, False
        status = answer.head.status
        keep = status < 400 and _may_keep(request) and not connection.must_close
        if isinstance(answer, LongAnswer):
            keep = keep and version == "1.1"
            head = response_head(answer.head, version=version, close=not keep)
            await _stream(connection, request, head, answer, bodiless, self._pool.client_timeout)
        else:
            body = answer.body or b""
            head = response_head(answer.head, version=version, close=not keep)
            if bodiless or status in WITHOUT_BODY:
                connection.write(head)
            elif len(body) < _APART:
                connection.write(head + body)
            else:
                connection.write(head, body)
            await _drain(connection, request, self._pool.client_timeout)
        return status, keep

    async def _answer(self, request: web.BaseRequest, connection: Connection) -> Answer:
        """The answer of a worker, or of the front end. Raises :class:`.Refused`."""
        asked = request.method, request.raw_path, request.headers, connection.peer
        try:
            admitted = self._admission.admit(*asked)
        except KeyAwaited:
            await self._admission.renew()
            admitted = self._admission.admit(*asked)
        if not request.can_read_body:
            return await self._serve(admitted, request, connection, b"")
        async with connection.receiving() as limit:
            patience, large = self._pool.client_timeout, admitted.credential.may_be_known
            try:
                body = await read_body(request, connection, limit, patience, large)
            except UnknownCaller as error:
                return self._failure(error, http_status(error.errno), admitted, connection.peer)
            return await self._serve(admitted, request, connection, body)

    async def _serve(
        self, admitted: Admitted, request: web.BaseRequest, connection: Connection, body: bytes
    ) -> Answer:
        peer = connection.peer
        asked = self._admission.request(admitted, request.headers, body, peer)
        service = admitted.route.service
        if not isinstance(service, Served):
            if service.takes_long:
                return await asyncio.to_thread(service.answer, admitted.media)
            return service.answer(admitted.media)
        try:
            return await self._pool.exchange(asked, connection)
        except AnswerCut:
            raise
        except ExchangeError as error:
            log.error("[%s] %s: %s", peer.source, admitted.route.key, error)
            return self._failure(error, error.status, admitted, peer, error.retry_after)

    def _failure(
        self,
        error: SlurmError,
        status: int,
        admitted: Admitted,
        peer: Peer,
        retry_after: int | None = None,
    ) -> Answer:
        served = admitted.route.service
        if not isinstance(served, Served):
            raise Refused(str(error), error.errno)
        from ..data_parser.engine import render

        told = envelope([error], meta(served, admitted.credential, peer, self._pool.hello))
        headers = {}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        body = render(told, self._media_types.style(admitted.media))
        return Answer.whole(status, admitted.media, body, headers)


def _may_keep(request: web.BaseRequest) -> bool:
    """Whether the client leaves the connection open."""
    if request.version == HttpVersion10:
        # Slurm: also where HTTP/1.0 would have it ask for that.
        return request.headers.get("Connection", "").strip().lower() != "close"
    return request.keep_alive


async def _stream(
    connection: Connection,
    request: web.BaseRequest,
    head: bytes,
    answer: LongAnswer,
    bodiless: bool,
    timeout: float,
) -> None:
    """Send blocks as they come, no faster than the client takes them."""
    chunked = b"\r\nTransfer-Encoding: chunked\r\n" in head
    try:
        if bodiless:
            connection.write(head)
            return
        before = head
        async for block in answer:
            if chunked:
                connection.write(before, b"%x\r\n" % len(block), block)
                before = b"\r\n"
            else:
                connection.write(before, block)
                before = b""
            await _drain(connection, request, timeout)
        connection.write(before + b"0\r\n\r\n" if chunked else before)
    except BaseException:
        connection.abort()  # the status is out: only a cut connection can tell
        raise
    finally:
        answer.close()


async def _drain(connection: Connection, request: web.BaseRequest, timeout: float) -> None:
    """Wait while too much is written that the client has not taken.

    Raises ConnectionAbortedError, the connection ended, when it takes nothing for so long.
    """
    if not connection.writing_paused:
        return
    try:
        async with asyncio.timeout(timeout):
            await request.writer.drain()
    except TimeoutError:
        connection.abort()
        raise ConnectionAbortedError("the client does not take its answer") from None

"""One request of a socket: admitted, handed to a worker, its answer written as it comes."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final, cast

from aiohttp import HttpVersion10, web

from ..application.caller import caller
from ..application.meta import envelope, meta
from ..application.protocol import Answer, Streamed
from ..application.route import Served
from ..auth.credential import Peer
from ..errors import SlurmError, http_status
from ..log import ERROR, VERBOSE, log
from ..record import replace
from ..worker.exchange import LongAnswer
from ..worker.failures import AnswerCut, ExchangeError
from ..worker.frames import Sent
from .admission import Admitted
from .body import Bounds, UnknownCaller, read_body
from .connection import CLOSE, KEEP, Connection
from .observer import Observer, Seen
from .refusal import KeyAwaited, Refused, refusal
from .repeats import Repeats
from .response_head import WITHOUT_BODY, response_head

if TYPE_CHECKING:
    from ..worker.pool import Pool
    from .admission import Admission
    from .media_types import MediaTypes

__all__ = ["Responder"]

_APART: Final = 64 << 10
"""A body from this size on is written beside its head instead of joined to it."""


class Responder:
    """Serves the requests of all connections; aiohttp calls it once for each.

    :param cache: bytes of answers that are kept, see :class:`.Repeats`.
    """

    def __init__(
        self,
        pool: Pool,
        admission: Admission,
        media_types: MediaTypes,
        observer: Observer | None = None,
        cache: int = 0,
    ) -> None:
        self._pool = pool
        self.repeats = Repeats(pool, cache)
        self._observer = observer or Observer(frozenset(), "text", None)
        self.renew(admission, media_types)

    def renew(self, admission: Admission, media_types: MediaTypes) -> None:
        """Serve further requests so: the configuration was read again."""
        self._admission = admission
        self._media_types = media_types
        self.repeats.forget()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = cast(Connection, request.protocol)
        status, keep = 0, False
        seen = self._observer.begin(request.headers)
        try:
            status, keep = await self._respond(request, connection, seen)
        except AnswerCut as error:
            path = request.raw_path.partition("?")[0]
            log.error("[%s] %s: %s", connection.peer.source, path, error)
            connection.abort()
        except ConnectionError as error:
            log.log(VERBOSE, "[%s] %s", connection.peer.source, error)
        finally:
            connection.end()
            self._observer.end(seen, connection.peer, request.method, request.raw_path, status)
        return KEEP if keep and not connection.exhausted else CLOSE

    async def _respond(
        self, request: web.BaseRequest, connection: Connection, seen: Seen
    ) -> tuple[int, bool]:
        """Answer; gives the status, and whether the connection may live on."""
        version = "1.0" if request.version == HttpVersion10 else "1.1"
        bodiless = request.method == "HEAD"
        try:
            connection.begin(request)
            answer = await self._answer(request, connection, seen)
        except Refused as refused:
            refused.headers = seen.headers(refused.headers) or {}
            connection.write(refusal(refused, version=version, bodiless=bodiless))
            return refused.status, False
        told = answer.head
        headers = seen.headers(told.headers)
        if headers is not told.headers:
            told = replace(told, headers=headers)
        status = told.status
        keep = status < 400 and _may_keep(request) and not connection.must_close
        if isinstance(answer, Streamed):
            keep = keep and version == "1.1"
            head = response_head(told, version=version, close=not keep)
            timeout = self._pool.client_timeout
            await _stream(connection, request, head, answer, bodiless, timeout, seen)
        else:
            body = answer.body or b""
            seen.size = len(body)
            head = response_head(told, version=version, close=not keep)
            if bodiless or status in WITHOUT_BODY:
                connection.write(head)
            elif len(body) < _APART:
                connection.write(head + body)
            else:
                connection.write(head, body)
            await _drain(connection, request, self._pool.client_timeout)
        return status, keep

    async def _answer(self, request: web.BaseRequest, connection: Connection, seen: Seen) -> Answer:
        """The answer of a worker, or of the front end. Raises :class:`.Refused`."""
        asked = request.method, request.raw_path, request.headers, connection.peer
        try:
            admitted = self._admission.admit(*asked)
        except KeyAwaited:
            await self._admission.renew()
            admitted = self._admission.admit(*asked)
        seen.route = admitted.route
        if not request.can_read_body:
            return await self._serve(admitted, request, connection, b"", seen)
        async with connection.receiving() as limit:
            pool, large = self._pool, admitted.credential.may_be_known
            bounds = Bounds(self._admission.longest_body, pool.client_timeout, pool.body_rate)
            try:
                body = await read_body(request, connection, limit, bounds, large)
            except UnknownCaller as error:
                return self._failure(error, http_status(error.errno), admitted, connection.peer)
            return await self._serve(admitted, request, connection, body, seen)

    async def _serve(
        self,
        admitted: Admitted,
        request: web.BaseRequest,
        connection: Connection,
        body: bytes,
        seen: Seen,
    ) -> Answer:
        peer = connection.peer
        asked = self._admission.request(admitted, request.headers, body, peer, seen.id)
        service = admitted.route.service
        if not isinstance(service, Served):
            if service.takes_long(admitted.media):
                return await asyncio.to_thread(service.answer, admitted.media)
            return service.answer(admitted.media)
        try:
            if request.method == "GET" and not body:
                answer = await self.repeats.exchange(asked, connection, admitted.route)
            else:
                answer = await self._pool.exchange(asked, connection)
            answer.head = self._admission.validated(admitted, asked, answer.head)
            seen.head = answer.head
            return answer
        except AnswerCut:
            raise
        except ExchangeError as error:
            severity = VERBOSE if error.own_fault else ERROR
            log.log(severity, "[%s] %s: %s", peer.source, admitted.route.key, error)
            error.unknown = error.begun and admitted.route.writes
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

        user, group = caller(admitted.credential, os.geteuid())
        told = envelope([error], meta(served, peer.source, user, group, self._pool.hello))
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
    answer: Streamed,
    bodiless: bool,
    timeout: float,
    seen: Seen,
) -> None:
    """Send blocks as they come, no faster than the client takes them."""
    chunked = b"\r\nTransfer-Encoding: chunked\r\n" in head
    try:
        if bodiless:
            connection.write(head)
            return
        before = head
        # Where it is kept, and in TLS, it comes through this process.
        if chunked and isinstance(answer, LongAnswer):
            sent = await _hand_over(connection, answer, head)
            if sent is not None:
                seen.size = sent.size
                if sent.complete:
                    if sent.left:
                        connection.write(sent.left)
                    return
                before = sent.left + b"\r\n"
        async for block in answer:
            seen.size += len(block)
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


async def _hand_over(connection: Connection, answer: LongAnswer, head: bytes) -> Sent | None:
    """What a worker has sent itself; None where it cannot."""
    client = connection.lend()
    if client is None:
        return None
    sent = await answer.hand_over(client, head)
    connection.take_back()
    return sent


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

"""What is fuzzed: bytes on connections and on lanes, read by what reads them in the daemon."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import socket
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import uvloop

from pyslurmrestd import plugin
from pyslurmrestd.application.protocol import Answer, Block, Head, Hello, Request
from pyslurmrestd.application.route import Routes
from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.data_parser.engine import render
from pyslurmrestd.log import ERROR, INFO, _StandardError, log
from pyslurmrestd.record import replace
from pyslurmrestd.server.admission import Admission
from pyslurmrestd.server.inetd import _Conversation
from pyslurmrestd.server.media_types import MediaTypes
from pyslurmrestd.server.observer import Observer
from pyslurmrestd.server.pages import Document, held_routes
from pyslurmrestd.server.respond import Responder
from pyslurmrestd.server.room import Connections
from pyslurmrestd.server.router import Router
from pyslurmrestd.settings import Settings
from pyslurmrestd.worker.budget import Budget
from pyslurmrestd.worker.exchange import Lane, LongAnswer
from pyslurmrestd.worker.failures import ExchangeError
from pyslurmrestd.worker.frames import encode_request, receive_request
from pyslurmrestd.worker.turns import Ticket

__all__ = ["LOGS", "TARGETS", "close"]

HEADERS: Final = frozenset(
    [
        "Allow",
        "Connection",
        "Content-Length",
        "Content-Type",
        "ETag",
        "Retry-After",
        "Server-Timing",
        "Transfer-Encoding",
        "WWW-Authenticate",
        "X-Request-Id",
    ]
)
"""Those that an answer may have."""

_HEAD: Final = re.compile(rb"HTTP/1\.[01] (\d{3}) [A-Za-z ]+\r\n((?:[^\r\n]+\r\n)*)\r\n")

HELLO: Final = Hello("26.05.5", "lab", "accounting_storage/slurmdbd", True, 1, 1, {}, 1)


@dataclass(frozen=True)
class Served:
    """A request as it got to whoever would answer it."""

    operation: str
    params: tuple[tuple[str, str], ...]
    query: str
    body: bytes

    @classmethod
    def of(cls, request: Request) -> Served:
        params = tuple(sorted(request.params.items()))
        return cls(request.operation, params, request.query, bytes(request.body))


def check_answers(data: bytes) -> list[int]:
    """The statuses of answers on a connection, each of which is whole and of nobody's making."""
    statuses = []
    while data:
        head = _HEAD.match(data)
        assert head is not None, data[:200]
        status = int(head[1])
        assert status < 500 or status == 511, data[:200]
        assert b"Traceback" not in data
        told = dict(line.split(b": ", 1) for line in head[2].split(b"\r\n") if line)
        assert {name.decode() for name in told} <= HEADERS
        data = data[head.end() :]
        length = int(told.get(b"Content-Length", b"0"))
        # An answer to HEAD tells the length of a body that does not come.
        if length and data and not data.startswith(b"HTTP/1."):
            assert len(data) >= length
            data = data[length:]
        if status != 100:
            statuses.append(status)
    return statuses


def answer(request: Request) -> bytes:
    """Of a worker that tells what it was asked for."""
    return render(request.query, "json") or b"{}"


@cache
def before_workers() -> tuple[Admission, MediaTypes]:
    contents, data_parsers = plugin.contents(None, accounting=True), plugin.data_parsers(None)
    media_types = MediaTypes(plugin.serializers())
    document = Document(contents, data_parsers, "26.05.5", ["200"], media_types.style)
    router = Router(held_routes(document, lambda: None), Routes(contents, data_parsers))
    return Admission(plugin.authenticators("jwt"), router, media_types), media_types


class Mirror:
    """A pool whose workers tell what they were asked for."""

    body_rate = 16 << 10
    client_timeout = 10.0
    hello = HELLO

    def __init__(self) -> None:
        self.served: list[Served] = []

    async def exchange(self, request: Request, client: Any) -> Answer:
        client.is_served()
        # What goes over a lane is what comes out of it.
        assert_crosses(request)
        self.served.append(Served.of(request))
        return Answer.whole(200, request.media, answer(request))


class Lines(_StandardError):
    """The lines that are logged, those of requests too, as the daemon writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []

    def emit(self, number: int, text: str) -> None:
        if number >= ERROR:
            self.errors.append(text)
        check_line(text)

    def add(self, number: int, now: float, text: str, bare: bool = False) -> None:
        check_line(self.line(number, now, text).removesuffix("\n"))


def check_line(text: str) -> None:
    """One line, without anything that would act on a terminal."""
    for character in text:
        assert unicodedata.category(character) not in ("Cc", "Zl", "Zp"), text[:300]


LINES: Final = Lines()
LOGS: Final = [logging.getLogger(name) for name in ("aiohttp", "asyncio")]


class Others(logging.Handler):
    """What libraries log, which the daemon does not write."""

    def emit(self, record: logging.LogRecord) -> None:
        LINES.emit(record.levelno, record.getMessage())


OTHERS: Final = Others()


class Front:
    """The front end of a daemon on an event loop of its own."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self.pool = Mirror()
        self.broken: list[dict[str, Any]] = []

        async def start() -> Connections:
            asyncio.get_running_loop().set_exception_handler(
                lambda loop, context: self.broken.append(context)
            )
            observer = Observer(frozenset(("id", "timing")), "text", None)
            responder = Responder(self.pool, *before_workers(), observer)  # type: ignore[arg-type]
            return Connections(responder, 100, Budget(256 << 20))

        self.connections = self.runner.run(start())

    def converse(self, data: bytes, step: int) -> bytes:
        """What comes back of bytes that are sent in pieces, and of the end behind them."""

        async def converse() -> bytes:
            loop = asyncio.get_running_loop()
            ours, theirs = socket.socketpair()
            theirs.setblocking(False)
            told = bytearray()
            with theirs:
                await self.connections.take(ours)
                # What was refused is not read any further.
                with suppress(BrokenPipeError, ConnectionResetError):
                    for begin in range(0, len(data), step):
                        await loop.sock_sendall(theirs, data[begin : begin + step])
                        await asyncio.sleep(0)
                    theirs.shutdown(socket.SHUT_WR)
                with suppress(ConnectionResetError):
                    async with asyncio.timeout(5):
                        while part := await loop.sock_recv(theirs, 1 << 16):
                            told += part
            return bytes(told)

        return self.runner.run(converse())


@cache
def front() -> Front:
    return Front()


def close() -> None:
    """Give up the front end."""
    front().runner.close()
    front.cache_clear()


def _attend() -> None:
    log.out, log.level = LINES, INFO
    for others in LOGS:
        others.handlers[:] = [OTHERS]
        others.setLevel(logging.INFO)
        others.propagate = False
    LINES.errors.clear()


def requests_on_a_socket(data: bytes, step: int) -> tuple[list[Served], list[int]]:
    """The requests of a connection, and the statuses of the answers."""
    _attend()
    front().pool.served.clear()
    front().broken.clear()
    told = front().converse(data, step)
    assert front().broken == []
    assert LINES.errors == []
    return list(front().pool.served), check_answers(told)


def requests_on_stdin(data: bytes) -> tuple[list[Served], list[int]]:
    """The same of a process whose standard input they are."""
    _attend()
    served: list[Served] = []

    def answerer(request: Request) -> Iterator[Head | Block]:
        served.append(Served.of(request))
        body = answer(request)
        yield Head(200, request.media, len(body))
        yield body

    sink = io.BytesIO()
    sink_of: Any = sink
    peer = Peer("file", "file", 0, 0, 0o600)
    conversation = _Conversation(Settings(), peer, io.BytesIO(data), sink_of)
    conversation._answerer = lambda kind, service: answerer  # type: ignore[method-assign]
    errno = 0
    while errno == 0 and conversation.open:
        errno = conversation.serve()
    return served, check_answers(sink.getvalue())


def stdin(data: bytes) -> None:
    """HTTP on standard input."""
    requests_on_stdin(data)


def sockets(data: bytes) -> None:
    """HTTP on a socket, whole and in pieces, and the same on standard input.

    Where one of them refuses a request another may have refused an earlier one or a later one, but
    all that were served are the same: nobody sees a request where another sees a part of one.
    """
    if not data:
        return
    whole = requests_on_a_socket(data[1:], 1 << 20)
    others = [requests_on_stdin(data[1:])]
    if step := data[0] % 64:
        others.append(requests_on_a_socket(data[1:], max(step, len(data) // 64)))
    for other in others:
        for one, two in zip(whole[0], other[0], strict=False):
            assert one == two
        if whole[0] != other[0]:
            assert any(statuses and statuses[-1] >= 400 for statuses in (whole[1], other[1]))


def assert_crosses(request: Request) -> None:
    """A request comes out of a lane as it went in, whatever a client has put into it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(encode_request(replace(request, body=request.body[:4096]), 10.0))
        ours.sendall(request.body[:4096])
        ours.shutdown(socket.SHUT_WR)
        read = receive_request(theirs)
        assert read is not None
        assert receive_request(theirs) is None
    sent = replace(request, body=bytes(request.body[:4096]), timeout=10.0)
    sent = replace(sent, long=False, accounting=False)
    assert replace(read, body=bytes(read.body)) == sent


def to_worker(data: bytes) -> None:
    """Frames of the front end, with a client's texts in them."""
    text = data.decode("utf-8", "surrogateescape")
    operation, query, token, user, params, body, *_ = [*text.split("\n", 5), "", "", "", "", "", ""]
    assert_crosses(
        Request(
            operation,
            {params: query},
            query,
            params or None,
            "application/json",
            body.encode("utf-8", "surrogateescape"),
            Credential("token", token, user or None),
            Peer("tcp", "127.0.0.1:6820(fd:9)"),
        )
    )


class Owner:
    """Whom a lane tells what happens on it."""

    def lane_hello(self, payload: bytes) -> None: ...
    def lane_refused(self, text: str) -> None: ...
    def lane_watch(self, expires: float) -> None: ...
    def lane_free(self, lane: Lane) -> None: ...
    def lane_hung(self, lane: Lane) -> None: ...
    def lane_lost(self, lane: Lane) -> None: ...


class Wire:
    """A transport that goes nowhere."""

    def __init__(self, lane: Lane) -> None:
        self.open = True
        self._lane = lane

    def write(self, data: bytes) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...

    def abort(self) -> None:
        if self.open:
            self.open = False
            self._lane.connection_lost(None)


def from_worker(data: bytes) -> None:
    """Frames of a worker that has lost its mind: an answer, an error, or the end of the lane."""
    if data:
        _attend()
        front().runner.run(_from_worker(data))


async def _from_worker(data: bytes) -> None:
    lane = Lane(Owner(), 10.0, 10.0)
    wire: Any = Wire(lane)
    lane.connection_made(wire)
    step = data[0] or len(data)
    future = _begin(lane)
    for begin in range(1, len(data), step):
        if not wire.open:
            break
        lane.data_received(data[begin : begin + step])
        assert len(lane._rest) <= 1 << 20
        if future.done() and not lane.busy and wire.open:
            await _told(future)
            future = _begin(lane)
    lane.close()
    await _told(future)


def _begin(lane: Lane) -> asyncio.Future[Answer]:
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    lane.begin(Ticket(frame=b"", body=b"", caller="", key=0, operation="", future=future))
    return future


async def _told(future: asyncio.Future[Answer]) -> None:
    """Whoever waits is told something that can be written to a client."""
    assert future.done()
    try:
        told = future.result()
        head = told.head
        assert isinstance(head.status, int)
        assert 200 <= head.status <= 599
        assert head.length is None or head.length >= 0
        assert all("\r" not in text and "\n" not in text for text in _texts(head))
        if isinstance(told, LongAnswer):
            try:
                async for _ in told:
                    pass
            finally:
                told.close()
        else:
            assert told.body is not None
            assert len(told.body) == head.length
    except ExchangeError as error:
        assert str(error)


def _texts(head: Head) -> Iterator[str]:
    if head.content_type is not None:
        yield head.content_type
    for name, value in (head.headers or {}).items():
        yield from (name, value)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "from_worker": from_worker,
    "sockets": sockets,
    "stdin": stdin,
    "to_worker": to_worker,
}

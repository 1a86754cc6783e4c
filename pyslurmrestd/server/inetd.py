"""Standard input and output as one connection: requests are answered in this very process.

What inetd, systemd (``Accept=yes``) and shell pipes start. It lives for a moment, so nothing is
imported that it does not need, and libslurm starts with the first request that asks it something.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import stat
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from .. import plugin
from ..application.protocol import Head
from ..application.route import Routes, Served
from ..auth.credential import Peer
from ..errors import ErrorCode
from ..log import Fatal, log
from ..release import slurm_release
from ..settings import Settings
from . import privileges
from .admission import Admission, log_access
from .edge import edge
from .media_types import MediaTypes
from .pages import Document, held_routes
from .peer import socket_peer
from .reader import RequestHead, read_body, read_head
from .refusal import Refused, refusal
from .response_head import CONTINUE, WITHOUT_BODY, response_head
from .router import Router, unknown_url

if TYPE_CHECKING:
    from ..application.protocol import Answerer, Block, Kind

__all__ = ["run"]

_BROKEN_PIPE: Final = 32
_EXIT_STATUSES: Final = 256


def run(settings: Settings) -> int:
    """Answer what comes on standard input until it ends or a request fails.

    Returns the exit status: 0, or the failing request's error number modulo 256. Raises
    :class:`.Fatal`.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    peer = _peer()
    privileges.change(settings.user, settings.group)
    privileges.refuse_privileged()
    # Unbuffered below: an answer is out once it is written.
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb", buffering=0)
    conversation = _Conversation(settings, peer, source, sink)
    try:
        errno = 0
        while errno == 0 and conversation.open:
            errno = conversation.serve()
            gc.enable()
    except BrokenPipeError:
        return _BROKEN_PIPE
    except ConnectionResetError:
        return 0
    return errno % _EXIT_STATUSES


class _Conversation:
    """The requests of one client.

    :ivar open: whether another request may follow.
    """

    def __init__(self, settings: Settings, peer: Peer, source: BinaryIO, sink: BinaryIO) -> None:
        self.open = True
        self._settings = settings
        self._peer = peer
        self._source = source
        self._sink = sink
        contents = plugin.contents(settings.openapi_plugins)
        data_parsers = plugin.data_parsers(settings.data_parsers)
        media_types = MediaTypes(plugin.serializers(), settings.json)
        document = Document(
            contents, data_parsers, slurm_release(), settings.status_codes, media_types.style
        )
        self._admission = Admission(
            plugin.authenticators(settings.auth_types),
            Router(held_routes(document), Routes(contents, data_parsers)),
            media_types,
            edge(settings, once=True),
        )
        self._slurm: tuple[Kind, bool, Answerer] | None = None

    def serve(self) -> int:
        """Answer one request; gives its error number, 0 for none."""
        begun = time.perf_counter()
        head: RequestHead | None = None
        try:
            head = read_head(self._source)
            if head is None:
                self.open = False
                return 0
            self.open = head.keep_alive
            status, errno = self._respond(head)
        except Refused as refused:
            version = "1.1" if head is None else head.version
            bodiless = head is not None and head.method == "HEAD"
            self._write(refusal(refused, version=version, bodiless=bodiless))
            status, errno = refused.status, refused.errno
        method, target = ("-", "-") if head is None else (head.method, head.target)
        log_access(self._peer, method, target, status, time.perf_counter() - begun)
        return errno

    def _respond(self, head: RequestHead) -> tuple[int, int]:
        """The status and error number of a request's answer. Raises :class:`.Refused`."""
        admitted = self._admission.admit(head.method, head.target, head.headers, self._peer)
        body = read_body(self._source, head, lambda: self._write(CONTINUE), self._settings.max_body)
        if body is None:
            self.open = False
            return 0, 0
        request = self._admission.request(admitted, head.headers, body, self._peer)
        service = admitted.route.service
        if not isinstance(service, Served):
            held = service.answer(admitted.media)
            return self._send(head, held.head, [held.body or b""])
        items = self._answerer(admitted.credential.kind, service)(request)
        try:
            blocks = iter(items)
            first = next(blocks)
            assert isinstance(first, Head)
            first = self._admission.validated(admitted, request, first)
            return self._send(head, first, cast("Iterator[Block]", blocks))
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()

    def _answerer(self, kind: Kind, served: Served) -> Answerer:
        """What answers in this process: libslurm, started for the first caller's kind.

        Raises :class:`.Refused` for a caller of another kind, and for a path that is not served
        without accounting.
        """
        if self._slurm is None:
            from ..application.answer import start
            from ..slurm.library import LibraryError

            try:
                hello, answerer = start(kind, self._settings.worker_options())
            except LibraryError as error:
                raise Fatal(str(error)) from error
            privileges.refuse_privileged((hello.slurm_user_uid, hello.slurm_user_gid))
            self._slurm = kind, hello.accounting, answerer
        started_for, accounting, answerer = self._slurm
        if started_for != kind:
            log.error("this process calls Slurm with a %s credential already", started_for)
            raise Refused.of(ErrorCode.AUTH_MISSING)
        chosen = accounting or self._settings.openapi_plugins
        if served.plugin.needs_accounting and not chosen:
            raise unknown_url()
        return answerer

    def _send(self, asked: RequestHead, head: Head, blocks: Iterable[Block]) -> tuple[int, int]:
        failed = head.status >= 400
        bounded = head.length is not None or asked.version == "1.1"
        self.open = self.open and not failed and bounded
        self._write(response_head(head, version=asked.version, close=not self.open))
        if asked.method != "HEAD" and head.status not in WITHOUT_BODY:
            chunked = head.length is None and asked.version == "1.1"
            for block in blocks:
                if chunked:
                    self._write(b"%x\r\n" % len(block), block, b"\r\n")
                else:
                    self._write(block)
            if chunked:
                self._write(b"0\r\n\r\n")
        return head.status, (head.errno or ErrorCode.ERROR) if failed else 0

    def _write(self, *parts: Block) -> None:
        for part in parts:
            left = memoryview(part)
            while left:
                left = left[self._sink.write(left) :]


def _peer() -> Peer:
    """Who is at the other end of standard input. Raises :class:`.Fatal`."""
    try:
        given, taken = os.fstat(0), os.fstat(1)
    except OSError as error:
        raise Fatal(f"unable to stat STDIN or STDOUT: {error.strerror}") from error
    if not stat.S_ISSOCK(given.st_mode):
        source = f"{_file(0)}(fd:0)->{_file(1)}(fd:1)"
        return Peer("file", source, given.st_uid, given.st_gid, stat.S_IMODE(given.st_mode))
    if (given.st_dev, given.st_ino) != (taken.st_dev, taken.st_ino):
        raise Fatal("STDIN and STDOUT must be same socket")
    with socket.socket(fileno=os.dup(0)) as connection:
        return socket_peer(connection, 0, connection.getpeername())


def _file(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return "file"

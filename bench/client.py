"""A load generator: requests over keep-alive connections, timed from here.

Raw sockets and one epoll, so that it takes little of the machine and the same for every daemon.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

__all__ = ["Client", "Load"]

_TIMEOUT = 300.0
"""Seconds of silence after which a daemon is given up."""

_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)

_PIECE = 4096
"""Bytes that are looked through for the end of a head at a time."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a load gave: so many requests were answered in so many seconds."""

    requests: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def each(self) -> float:
        """Seconds per request. Of several connections' requests it is the time between ends."""
        return self.seconds / self.requests


class Client:
    """One caller of one daemon.

    :param address: host and port.
    :param token: sent with each request.
    """

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self._address = address
        self._token = token

    def fetch(self, path: str) -> bytes:
        """The body of one answer, chunks joined. Raises RuntimeError if it is no 200."""
        parts: list[bytes] = []
        connection = _Connection(self._address, parts)
        try:
            connection.send(self._request(path))
            while not connection.receive():
                pass
        finally:
            connection.close()
        return b"".join(parts)

    def load(
        self,
        paths: Sequence[str],
        connections: int = 1,
        *,
        body: bytes | None = None,
        seconds: float = 0,
        requests: int = 0,
    ) -> Load:
        """Ask for these paths in turn, with so many requests at a time.

        :param body: JSON, which is posted to them.
        :param seconds: for how long new requests are sent, or
        :param requests: how many are sent in all.
        """
        texts = [self._request(path, body) for path in paths]
        opened = {}
        poll = select.epoll()
        try:
            for _ in range(connections):
                connection = _Connection(self._address)
                opened[connection.descriptor] = connection
                poll.register(connection.descriptor, select.EPOLLIN)
            return _run(list(opened.values()), opened, poll, texts, seconds, requests)
        finally:
            poll.close()
            for connection in opened.values():
                connection.close()

    def _request(self, path: str, body: bytes | None = None) -> bytes:
        host, port = self._address
        method, about = "GET", ""
        if body is not None:
            about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            method = "POST"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: application/json\r\n"
            f"X-SLURM-USER-TOKEN: {self._token}\r\n{about}\r\n"
        )
        return head.encode() + (body or b"")


def _run(
    idle: list[_Connection],
    opened: dict[int, _Connection],
    poll: select.epoll,
    texts: Sequence[bytes],
    seconds: float,
    requests: int,
) -> Load:
    sent = done = 0
    begun = last = time.perf_counter()
    end = begun + seconds
    while True:
        while idle and (sent < requests if requests else last < end):
            idle.pop().send(texts[sent % len(texts)])
            sent += 1
        if done == sent:
            return Load(done, last - begun)
        ready = poll.poll(_TIMEOUT)
        if not ready:
            raise RuntimeError(f"no answer within {_TIMEOUT:g} seconds")
        for descriptor, _ in ready:
            connection = opened[descriptor]
            if connection.receive():
                done += 1
                idle.append(connection)
        last = time.perf_counter()


class _Connection:
    """One connection: a request goes out, its answer is read to its end.

    :param keep: where the parts of the bodies are collected; by default nowhere.
    """

    _buffer = memoryview(bytearray(1 << 20))  # always used up before another one reads into it

    def __init__(self, address: tuple[str, int], keep: list[bytes] | None = None) -> None:
        self._socket = socket.create_connection(address, _TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.descriptor = self._socket.fileno()
        self._keep = keep
        self._at = self._end = 0
        self._answers = self._read()

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def receive(self) -> bool:
        """Read once; whether the answer is complete."""
        self._at, self._end = 0, self._socket.recv_into(self._buffer)
        if not self._end:
            raise RuntimeError("the daemon closed the connection within an answer")
        return next(self._answers)

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> Generator[bool]:
        """Read answer after answer; gives False where more bytes are needed, True at each end."""
        while True:
            head = yield from self._until(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"answered {head.decode(errors='replace')}")
            length = _LENGTH.search(head)
            if length is not None:
                yield from self._take(int(length[1]))
            else:
                while size := int((yield from self._until(b"\r\n")), 16):
                    yield from self._take(size)
                    yield from self._until(b"\r\n")
                yield from self._until(b"\r\n")
            yield True

    def _until(self, mark: bytes) -> Generator[bool, None, bytes]:
        text = b""
        while mark not in text:
            if self._at == self._end:
                yield False
            text += self._buffer[self._at : min(self._at + _PIECE, self._end)]
            self._at = min(self._at + _PIECE, self._end)
        end = text.index(mark) + len(mark)
        self._at -= len(text) - end
        return text[:end]

    def _take(self, size: int) -> Generator[bool]:
        while size:
            if self._at == self._end:
                yield False
            step = min(size, self._end - self._at)
            if self._keep is not None:
                self._keep.append(bytes(self._buffer[self._at : self._at + step]))
            self._at += step
            size -= step

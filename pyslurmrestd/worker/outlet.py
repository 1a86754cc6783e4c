"""A long answer on its way out of a worker: over its lane, or straight into the client's socket."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable
from contextlib import closing
from typing import Final

from ..application.protocol import Block, Head
from .frames import (
    BACK,
    BLOCK,
    END,
    END_FRAME,
    FRAME,
    GONE,
    Lent,
    Sent,
    Word,
    receive_word,
    send_all,
    sent_frame,
    told_frame,
    word,
)

__all__ = ["send_blocks"]

_REPORT: Final = 0.25
"""Seconds after which the front end is told again how far an answer is."""

_RECALL: Final = word(Word.RECALL)


class _ClientGone(Exception):
    """The client has closed, or takes nothing; the text says which."""


def send_blocks(lane: socket.socket, items: Iterable[Head | Block]) -> None:
    """Send the body of an answer whose head is on the lane, and its end.

    Raises ConnectionError where the front end is gone.
    """
    said = receive_word(lane)
    if said == Word.DROP:
        send_all(lane, [END_FRAME])
        return
    blocks = map(_block, items)
    if isinstance(said, Lent):
        try:
            # Closed before the end is told: what the front end does with it then comes after it.
            with closing(said.client):
                kind, sent = _Straight(lane, said).send(blocks)
        except _ClientGone as error:
            text = str(error).encode()
            send_all(lane, [FRAME.pack(GONE, len(text)), text])
            return
        send_all(lane, [sent_frame(kind, sent)])
        if kind == END:
            return
    parts: list[Block] = []
    for block in blocks:
        parts += (FRAME.pack(BLOCK, len(block)), block)
        send_all(lane, parts)
        parts.clear()
    send_all(lane, [END_FRAME])


def _block(item: Head | Block) -> Block:
    if isinstance(item, Head):
        raise TypeError("a second Head within an answer")
    return item


class _Straight:
    """Writes an answer to its client, in chunks.

    The front end is told how far it is. It may ask for the rest, and gets it where the client makes
    this one wait.
    """

    def __init__(self, lane: socket.socket, lent: Lent) -> None:
        self._lane = lane
        self._client, self._seconds, self._before = lent
        self._size = 0
        self._waited = 0.0
        self._told = time.monotonic()
        self._poll = select.poll()
        self._poll.register(self._client, select.POLLOUT)
        self._poll.register(lane, select.POLLIN)

    def send(self, blocks: Iterable[Block]) -> tuple[int, Sent]:
        """Until the end, or until the rest is asked for (BACK). Raises :class:`_ClientGone`."""
        for block in blocks:
            if not block:
                continue  # as a chunk it would be the last one
            self._size += len(block)
            left = self._write([self._before + b"%x\r\n" % len(block), block])
            self._before = b"\r\n"
            if left:
                return BACK, Sent(self._size, False, left)
        left = self._write([self._before + b"0\r\n\r\n"])
        return (BACK if left else END), Sent(self._size, True, left)

    def _write(self, parts: list[Block]) -> bytes:
        """What could not be written before the front end asked for the rest."""
        end = time.monotonic() + self._seconds
        while True:
            try:
                count = self._client.sendmsg(parts, (), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except BlockingIOError:
                count = 0
            except OSError:
                raise _ClientGone("the client is gone") from None
            parts = _rest(parts, count)
            if not parts:
                self._tell(time.monotonic())
                return b""
            if self._wait(end):
                return b"".join(parts)

    def _wait(self, end: float) -> bool:
        """Wait for the client for a while; whether the front end has asked for the rest."""
        begun = time.monotonic()
        ready = dict(self._poll.poll(1e3 * _REPORT))
        now = time.monotonic()
        self._waited += now - begun
        self._tell(now)
        if self._client.fileno() not in ready and now > end:
            raise _ClientGone("the client does not take its answer")
        if self._lane.fileno() not in ready:
            return False
        said = self._lane.recv(len(_RECALL))
        if said != _RECALL:
            raise ConnectionError("the front end has closed the lane within an answer")
        return True

    def _tell(self, now: float) -> None:
        if now - self._told >= _REPORT:
            self._told = now
            self._lane.sendall(told_frame(self._size, self._waited))


def _rest(parts: list[Block], sent: int) -> list[Block]:
    """Parts without the bytes that were sent."""
    rest: list[Block] = []
    for part in parts:
        if sent >= len(part):
            sent -= len(part)
        else:
            rest.append(memoryview(part)[sent:] if sent else part)
            sent = 0
    return rest

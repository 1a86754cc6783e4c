"""The front end's end of a lane: a request goes out, its answer comes back in step.

No tasks and no copies of whole bodies: a short answer is handed over as soon as it has arrived,
which is mostly with one read; a long one is handed on block by block, and read no faster than its
client takes it. Or its client is lent to the worker, which writes to it without a copy on the way.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from typing import Final, Protocol, cast

from ..application.protocol import Answer, Block, Head, Streamed
from ..log import log
from .budget import Budget
from .failures import AnswerCut, DeadlinePassed, ExchangeError, HandlerFailed, WorkerLost
from .frames import (
    ABORT,
    BACK,
    BLOCK,
    END,
    FRAME,
    GONE,
    HEAD,
    HELLO,
    LONGEST_FRAME,
    TOLD,
    Lent,
    Sent,
    Word,
    decode_head,
    decode_sent,
    decode_told,
    lend,
    word,
)
from .turns import Ticket

__all__ = ["Lane", "LaneOwner", "LongAnswer"]


_HIGH_WATER: Final = 512 << 10
"""Bytes that may wait for a slow client before its lane is read no further."""

_SLOW: Final = 8 << 20
"""Bytes a second: a client that a worker writes to is a slow one if it takes less than that."""

_JOINED: Final = 64 << 10
"""A body up to this size goes out with its header in one write."""


class LongAnswer(Streamed):
    """A worker's answer that is iterated block by block, or that the worker sends itself; closed,
    its lane becomes free."""

    __slots__ = (
        "_error",
        "_finished",
        "_lane",
        "_pieces",
        "_queued",
        "_sent",
        "_spill",
        "_wakeup",
    )

    def __init__(self, head: Head, lane: Lane) -> None:
        super().__init__(head)
        self._lane: Lane | None = lane
        self._pieces: deque[Block] = deque()
        self._queued = 0
        self._sent: Sent | None = None
        self._finished = False
        self._error: Exception | None = None
        self._wakeup: asyncio.Future[None] | None = None
        self._spill: Budget | None = None

    async def __anext__(self) -> Block:
        """The next bytes of the body, of any size. Raises :class:`AnswerCut`."""
        if self._lane is not None:
            self._lane.place(Word.HERE)
        while not self._pieces and self._error is None:
            if self._finished:
                raise StopAsyncIteration
            await self._news()
        if self._error is not None:
            raise self._error
        piece = self._pieces.popleft()
        self._queued -= len(piece)
        if self._spill is not None:
            self._spill.hold(self, self._queued)
        if self._lane is not None and self._queued <= _HIGH_WATER // 2:
            self._lane.resume()
        return piece

    async def hand_over(self, client: socket.socket, head: bytes) -> Sent | None:
        """Have the worker send the answer, in chunks, to a client that nobody else writes to
        meanwhile.

        :param head: as it is sent.
        :return: what it has sent; where that is not complete, the rest is to be iterated, and all
            of it where this gives None.

        Raises :class:`AnswerCut`, and ConnectionError when the client is gone.
        """
        if self._lane is None or not self._lane.lend(client, head):
            return None
        while self._sent is None and self._error is None:
            await self._news()
        if self._error is not None:
            raise self._error
        return self._sent

    def close(self) -> None:
        """Want no more of it. What still comes over the lane is dropped."""
        self.finish(None)
        self._drop()

    async def _news(self) -> None:
        self._wakeup = asyncio.get_running_loop().create_future()
        await self._wakeup

    def _drop(self) -> None:
        self._pieces.clear()
        self._queued = 0
        if self._spill is not None:
            self._spill.release(self)
            self._spill = None

    # For the lane:

    def feed(self, piece: Block) -> bool:
        """Take a piece; whether that is enough for now."""
        self._pieces.append(piece)
        self._queued += len(piece)
        self._wake()
        if self._spill is None:
            return self._queued >= _HIGH_WATER
        self._spill.hold(self, self._queued)
        return False

    def spill(self, budget: Budget) -> None:
        """Take all that comes from here on, no matter how much waits: the lane is wanted."""
        self._spill = budget
        budget.hold(self, self._queued)

    def let_go(self) -> None:
        """Too much waits: the answer is cut."""
        self.finish(AnswerCut("The client did not take its answer, and others wait"))
        self._drop()

    def sent(self, sent: Sent) -> None:
        """The worker is done with the client."""
        self._sent = sent
        self._wake()

    def finish(self, error: Exception | None) -> None:
        """Nothing more comes, or nothing more is wanted."""
        lane, self._lane = self._lane, None
        if lane is not None or (error is not None and self._error is None):
            self._finished = True
            self._error = error
            self._wake()
        if lane is not None:
            lane.let_go(self)

    def _wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)


class LaneOwner(Protocol):
    """Whom a lane tells what happens on it: the child process at its other end."""

    def lane_hello(self, payload: bytes) -> None: ...
    def lane_refused(self, text: str) -> None: ...
    def lane_watch(self, expires: float) -> None: ...
    def lane_free(self, lane: Lane) -> None: ...
    def lane_hung(self, lane: Lane) -> None: ...
    def lane_lost(self, lane: Lane) -> None: ...


class Lane(asyncio.Protocol):
    """One lane; at most one exchange at a time.

    :ivar busy: between a request and the end of its answer, wanted or not.
    :ivar hung: the deadline has passed and the worker is still at it.
    :ivar expires: when, in the loop's time, waiting for worker or client ends.
    :ivar ticket: of the request that it is at.
    """

    def __init__(self, owner: LaneOwner, deadline: float, client_timeout: float) -> None:
        self.busy = False
        self.hung = False
        self.expires = 0.0
        self._owner = owner
        self._deadline = deadline
        self._client_timeout = client_timeout
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self.ticket: Ticket | None = None
        self._begun = 0.0
        self._size = 0  # bytes of the answer so far
        self._rest = b""
        self._left = 0  # bytes that the current block still has
        self._head: Head | None = None  # of a short answer
        self._body: list[bytes] = []
        self._future: asyncio.Future[Answer] | None = None
        self._answer: LongAnswer | None = None
        self._blocks = False  # the head of a long answer is here, its end is not
        self._unplaced = False  # the worker waits to hear where the body goes
        self._lent = False  # the worker writes to the client itself,
        self._waited = 0.0  # and has waited for it so long,
        self._recalled: Budget | None = None  # and is to stop that, the rest going by this budget

    def begin(self, ticket: Ticket) -> None:
        """Send a request; its future gets the answer or an ExchangeError."""
        assert self._transport is not None
        assert not self.busy
        self.busy = True
        self.ticket = ticket
        self._future = ticket.future
        self._begun = self._loop.time()
        self._size = 0
        self._expire_in(self._deadline)
        if len(ticket.body) <= _JOINED:
            self._transport.write(ticket.frame + ticket.body)
        else:
            self._transport.write(ticket.frame)
            self._transport.write(ticket.body)

    def place(self, where: Word) -> None:
        """Tell the worker where the body goes, if it does not know that yet."""
        if self._unplaced:
            self._unplaced = False
            self._say(where)
            self.resume()

    def _say(self, what: Word) -> None:
        if self._transport is not None:
            self._transport.write(word(what))

    def lend(self, client: socket.socket, head: bytes) -> bool:
        """Have the worker write the answer to its client; False where that cannot be."""
        if self._transport is None or self._transport.get_write_buffer_size():
            return False
        # Transports pass no descriptors on, so the lane's own socket is used once.
        lane = socket.socket(fileno=self._transport.get_extra_info("socket").fileno())
        try:
            lend(lane, Lent(client, self._client_timeout, head))
        except OSError as error:
            log.warning("a client cannot be handed to a worker: %s", error)
            return False
        finally:
            lane.detach()
        self._unplaced, self._lent = False, True
        self._waited, self._recalled = 0.0, None
        self.resume()
        return True

    def is_held_back(self, patience: float) -> bool:
        """Whether a client takes its answer too slowly, and its lane has been kept for so long."""
        if self._lent:
            return self._waited > patience and self._size < self._waited * _SLOW
        return self._paused and self._loop.time() - self._begun > patience

    def spill(self, budget: Budget) -> None:
        """Let the answer take all that comes, so that this lane becomes free."""
        if self._lent and self._recalled is None:
            self._recalled = budget
            self._say(Word.RECALL)
        elif self._answer is not None and not self._lent:
            self._answer.spill(budget)
            self.place(Word.HERE)
            self.resume()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def expire(self) -> None:
        """Waiting has come to its end: give up on a slow client, or on a slow worker."""
        if self._paused:
            self._fail("The client did not take its answer in time", AnswerCut)
        else:
            self.hung = True
            self._fail("The answer was not there in time", DeadlinePassed)
            self._owner.lane_hung(self)

    def resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self._expire_in(self._deadline)
            self._transport.resume_reading()

    def let_go(self, answer: LongAnswer) -> None:
        """The answer is complete, or its client is gone: drop what still comes."""
        if self._answer is answer:
            self._answer = None
            self.place(Word.DROP)
            self.resume()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if exc is None:
            self._fail("The worker ended before its answer did", WorkerLost)
        else:  # with some of the request unread
            self._fail("The worker ended before it had the request", WorkerLost, begun=False)
        self._end_ticket()
        self.busy = False
        self._owner.lane_lost(self)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        try:
            self._read(data)
        except (ValueError, struct.error) as error:
            log.error("a worker's lane is out of step: %s", error)
            self.close()  # never to be used again

    def _read(self, data: bytes) -> None:
        """Raises ValueError and struct.error for what has no meaning here."""
        position, size = 0, len(data)
        while position < size:
            if self._left:
                begin = position
                position = min(position + self._left, size)
                self._left -= position - begin
                self._block(data, begin, position)
                continue
            if size - position < FRAME.size:
                break
            kind, length = FRAME.unpack_from(data, position)
            if kind == BLOCK:
                if not self._blocks:
                    raise ValueError("a block of no answer")
                position += FRAME.size
                self._left = length
                continue
            if length > LONGEST_FRAME and kind not in (BACK, END):
                raise ValueError(f"a frame of {length} bytes")
            end = position + FRAME.size + length
            if end > size:
                break
            payload = data[position + FRAME.size : end]
            position = end
            self._frame(kind, payload)
        if position < size:
            self._rest = data[position:]

    def _frame(self, kind: int, payload: bytes) -> None:
        if kind == HEAD and self.busy and not self._blocks:
            self._begin_answer(decode_head(payload))
        elif kind == END and self._blocks:
            if self._lent:
                self._returned(decode_sent(payload))
            self._end_answer()
        elif kind == TOLD and self._lent:
            self._size, self._waited = decode_told(payload)
            self._expire_in(self._deadline)
        elif kind == BACK and self._lent:
            self._returned(decode_sent(payload))
            self._expire_in(self._deadline)
        elif kind == GONE and self._lent:
            if self._answer is not None:
                self._answer.finish(ConnectionAbortedError(payload.decode()))
            self._free()
        elif kind == ABORT and self.busy:
            self._fail(payload.decode(errors="replace"), HandlerFailed)
            self._free()
        elif kind == ABORT:
            self._owner.lane_refused(payload.decode(errors="replace"))
        elif kind == HELLO:
            self._owner.lane_hello(payload)
        else:
            raise ValueError(f"a frame {chr(kind)!r} at this point")

    def _begin_answer(self, head: Head) -> None:
        if head.length is not None:
            self._head = head
            self._left = head.length
            if not head.length:
                self._end_answer()
            return
        self._blocks = self._unplaced = True
        if self.ticket is not None:
            self.ticket.long = True
            if self.ticket.lengthened is not None:
                self.ticket.lengthened(self.ticket)
        future, self._future = self._future, None
        if future is None or future.done():
            self.place(Word.DROP)
            return
        self._answer = LongAnswer(head, self)
        self._pause()
        future.set_result(self._answer)

    def _block(self, data: bytes, begin: int, end: int) -> None:
        self._size += end - begin
        if self._head is not None:
            self._body.append(data[begin:end])
            if not self._left:
                self._end_answer()
        elif self._answer is not None:
            enough = self._answer.feed(memoryview(data)[begin:end])
            if enough:
                self._pause()
            self._expire_in(self._client_timeout if self._paused else self._deadline)

    def _pause(self) -> None:
        """Read no further until the client has taken more."""
        if not self._paused and self._transport is not None:
            self._paused = True
            self._expire_in(self._client_timeout)
            self._transport.pause_reading()

    def _returned(self, sent: Sent) -> None:
        """The worker writes no more to the client."""
        self._lent = False
        self._size = sent.size
        if self._answer is not None:
            self._answer.sent(sent)
            if self._recalled is not None:
                self._answer.spill(self._recalled)

    def _end_answer(self) -> None:
        if self._head is not None:
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            if self._future is not None and not self._future.done():
                self._future.set_result(Answer(self._head, body))
        elif self._answer is not None:
            self._answer.finish(None)
        self._free()

    def _fail(self, text: str, kind: type[ExchangeError], *, begun: bool = True) -> None:
        """Tell whoever waits that no answer comes, or not all of it."""
        future, self._future = self._future, None
        if self._answer is not None:
            self._answer.finish(AnswerCut(text))
        elif future is not None and not future.done():
            error = kind(text)
            error.begun = begun
            future.set_exception(error)

    def _free(self) -> None:
        self._future = self._answer = self._head = None
        self._body = []
        self._end_ticket()
        self.busy = self.hung = self._lent = self._blocks = False
        self._owner.lane_free(self)

    def _end_ticket(self) -> None:
        ticket, self.ticket = self.ticket, None
        if ticket is not None and ticket.ended is not None:
            ticket.ended(ticket, self._size, self._loop.time() - self._begun)

    def _expire_in(self, seconds: float) -> None:
        self.expires = self._loop.time() + seconds
        self._owner.lane_watch(self.expires)

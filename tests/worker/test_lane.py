"""Frames that arrive in pieces, and lanes that fall out of step."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator

import pytest
from behaviours import request

from pyslurmrestd.application.protocol import Answer, Head, Hello
from pyslurmrestd.worker.exchange import Lane
from pyslurmrestd.worker.failures import AnswerCut, HandlerFailed, WorkerLost
from pyslurmrestd.worker.frames import (
    BLOCK,
    END,
    END_FRAME,
    FRAME,
    Sent,
    abort_frame,
    decode_hello,
    encode_request,
    head_frame,
    hello_frame,
    receive_request,
    send_all,
    sent_frame,
    told_frame,
)
from pyslurmrestd.worker.turns import Ticket

HELLO = Hello("26.05.5", "lab", "accounting_storage/none", False, 64030, 64030, {}, 1)


class Owner:
    """Takes down what a lane tells."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def lane_hello(self, payload: bytes) -> None:
        self.told.append(decode_hello(payload))

    def lane_refused(self, text: str) -> None:
        self.told.append(text)

    def lane_watch(self, expires: float) -> None:
        pass

    def lane_free(self, lane: Lane) -> None:
        self.told.append("free")

    def lane_hung(self, lane: Lane) -> None:
        self.told.append("hung")

    def lane_lost(self, lane: Lane) -> None:
        self.told.append("lost")


class FrontEnd:
    """A lane whose other end, ``worker``, the test itself holds."""

    def __init__(self) -> None:
        self.owner = Owner()
        self.lane = Lane(self.owner, 10, 10)
        ours, self.worker = socket.socketpair()
        self.ours = ours

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self.lane, sock=self.ours)

    def begin(self) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        frame = encode_request(request("ping"), 10)
        ticket = Ticket(
            frame=frame, body=b"", caller="alice", key=0, operation="ping", future=future
        )
        self.lane.begin(ticket)
        return future

    async def send(self, data: bytes, step: int) -> None:
        for begin in range(0, len(data), step):
            self.worker.sendall(data[begin : begin + step])
            for _ in range(3):
                await asyncio.sleep(0)


@pytest.fixture
async def front_end() -> AsyncIterator[FrontEnd]:
    one = FrontEnd()
    await one.open()
    yield one
    one.lane.close()
    one.worker.close()
    await asyncio.sleep(0.01)


def block(data: bytes) -> bytes:
    return FRAME.pack(BLOCK, len(data)) + data


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
async def test_front_end_reads_frames_in_pieces(front_end: FrontEnd, step: int) -> None:
    await front_end.send(hello_frame(HELLO), step)
    for _ in range(2):
        future = front_end.begin()
        head = Head(200, "text/plain", 5, True, 0, 1795265520, {"Allow": "GET"})
        await front_end.send(head_frame(head) + b"abcde", step)
        answer = await future
        assert (answer.head, answer.body) == (head, b"abcde")

        future = front_end.begin()
        await front_end.send(head_frame(Head(204, None, 0)), step)
        assert (await future).body == b""

        future = front_end.begin()
        head = Head(200, "text/plain", None)
        await front_end.send(
            head_frame(head) + block(b"ab") + block(b"") + block(b"cde") + END_FRAME, step
        )
        assert b"".join([bytes(piece) async for piece in await future]) == b"abcde"

        future = front_end.begin()
        await front_end.send(abort_frame("no"), step)
        with pytest.raises(HandlerFailed, match="no"):
            await future

        future = front_end.begin()
        await front_end.send(head_frame(head) + block(b"ab") + abort_frame("late"), step)
        with pytest.raises(AnswerCut, match="late"):
            [piece async for piece in await future]
    await asyncio.sleep(0.01)
    assert front_end.owner.told == [HELLO, *["free"] * 10]


@pytest.mark.parametrize(
    "frame",
    [
        END_FRAME,
        head_frame(Head(200, None, 0)),
        b"?\0\0\0\0",
        block(b"a"),
        FRAME.pack(ord("W"), 2) + b"[]",
    ],
)
async def test_lane_out_of_step_is_closed(front_end: FrontEnd, frame: bytes) -> None:
    front_end.worker.sendall(frame)
    await asyncio.sleep(0.05)
    assert front_end.owner.told == ["lost"]


def frame(payload: bytes, kind: bytes = b"H") -> bytes:
    return FRAME.pack(kind[0], len(payload)) + payload


@pytest.mark.parametrize(
    "data",
    [
        frame(b"[200"),
        frame(b"7"),
        frame(b"{}"),
        frame(b'"HTTP"'),
        frame(b'["200", null, 0]'),
        frame(b"[true, null, 0]"),
        frame(b"[20000, null, 0]"),
        frame(b"[200, null, -1]"),
        frame(b"[200, null, 1.5]"),
        frame(b"[200, 7, 0]"),
        frame(b'[200, "a\\r\\nX: y", 0]'),
        frame(b'[200, null, 0, null, 0, null, {"A": "b\\r\\nX: y"}]'),
        frame(b"\xff"),
        FRAME.pack(ord("H"), 0xFFFFFFFF),
        head_frame(Head(200, None, None)) * 2,
        head_frame(Head(200, None, None)) + b"?\0\0\0\0",
    ],
)
async def test_a_worker_that_talks_nonsense_loses_its_lane_alone(
    front_end: FrontEnd, data: bytes
) -> None:
    future = front_end.begin()
    front_end.worker.sendall(data)
    async with asyncio.timeout(10):
        try:
            answer = await future
        except WorkerLost:
            pass
        else:
            with pytest.raises(AnswerCut):
                [piece async for piece in answer]
        while not front_end.owner.told:
            await asyncio.sleep(0)
    assert front_end.owner.told == ["lost"]


async def test_end_of_the_lane_within_an_answer(front_end: FrontEnd) -> None:
    future = front_end.begin()
    front_end.worker.sendall(head_frame(Head(200, None, 5)) + b"abc")
    front_end.worker.close()
    with pytest.raises(WorkerLost):
        await future
    assert front_end.owner.told == ["lost"]


@pytest.mark.parametrize("read", [False, True])
async def test_a_request_that_nobody_has_read_was_not_begun(
    front_end: FrontEnd, read: bool
) -> None:
    future = front_end.begin()
    await asyncio.sleep(0.01)
    if read:
        receive_request(front_end.worker)
    front_end.worker.close()
    with pytest.raises(WorkerLost) as raised:
        await future
    assert raised.value.begun is read


@pytest.mark.parametrize(
    ("size", "waited", "slow"),
    [(0, 0.5, False), (0, 1.5, True), (8 << 20, 1.5, True), (64 << 20, 1.5, False)],
)
async def test_a_client_is_slow_by_what_it_takes_while_it_is_waited_for(
    front_end: FrontEnd, size: int, waited: float, slow: bool
) -> None:
    future = front_end.begin()
    await front_end.send(head_frame(Head(200, None, None)), 100)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        handed = asyncio.create_task((await future).hand_over(ours, b"head"))
        await front_end.send(told_frame(size, waited), 100)
        assert front_end.lane.is_held_back(1.0) is slow
        await front_end.send(sent_frame(END, Sent(size)), 100)
        assert await handed == Sent(size)


async def test_refusal_at_the_start(front_end: FrontEnd) -> None:
    await front_end.send(abort_frame("slurm.conf is broken"), 3)
    await asyncio.sleep(0.01)
    assert front_end.owner.told == ["slurm.conf is broken"]


@pytest.mark.parametrize("size", [0, 5, 200_000])
@pytest.mark.parametrize("step", [1, 3, 50, 1 << 16])
def test_worker_reads_a_request_in_pieces(size: int, step: int) -> None:
    ours, theirs = socket.socketpair()
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    head = encode_request(request("ping", body=body), 10)

    def send() -> None:
        for begin in range(0, len(head), step):
            ours.sendall(head[begin : begin + step])
        ours.sendall(body)
        ours.close()

    thread = threading.Thread(target=send)
    with ours, theirs:
        thread.start()
        received = receive_request(theirs)
        end = receive_request(theirs)
        thread.join()
    assert received is not None
    assert (received.operation, received.timeout, bytes(received.body)) == ("ping", 10, body)
    assert end is None


@pytest.mark.parametrize("length", [1, 7, 20])
def test_worker_notices_the_end_of_the_lane_within_a_request(length: int) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(encode_request(request("ping"), 10)[:length])
        ours.close()
        with pytest.raises(ConnectionError):
            receive_request(theirs)


def test_worker_refuses_a_second_request_before_its_answer() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(encode_request(request("ping"), 10) * 2)
        with pytest.raises(ConnectionError, match="second"):
            receive_request(theirs)


def test_large_blocks_are_sent_whole() -> None:
    ours, theirs = socket.socketpair()
    parts = [b"head", bytearray(b"x" * 3_000_000), b"", memoryview(b"y" * 700_000), b"end"]
    received = bytearray()

    def receive() -> None:
        while data := theirs.recv(1 << 16):
            received.extend(data)

    thread = threading.Thread(target=receive)
    with ours, theirs:
        thread.start()
        ours.settimeout(30)  # makes the socket give back partial sends
        send_all(ours, list(parts))
        ours.close()
        thread.join()
    assert received == b"".join(parts)

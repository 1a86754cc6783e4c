"""Long answers that the worker writes to the client itself: who gets what, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from wire import TOKEN, Address, Client, Front

from pyslurmrestd.server.metrics import Metrics
from pyslurmrestd.server.observer import Observer
from pyslurmrestd.worker.exchange import LongAnswer
from pyslurmrestd.worker.frames import Sent

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]
Ends = list[Sent | Exception | None]

HEAD = f"HTTP/1.1\r\nHost: x\r\n{TOKEN}\r\n"
PING = f"GET /slurm/v0.0.45/ping/?status=200 {HEAD}"
BLOCK = 65536


def stream(blocks: int, more: str = "") -> str:
    return f"GET /slurm/v0.0.45/ping/?stream={blocks}{more} {HEAD}"


def body(blocks: int) -> bytes:
    return b"".join(b"%7d\n" % number * 8192 for number in range(blocks))


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


def busy(front: Front) -> int:
    return front.pool.statistics["token"].busy


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Ends:
    """How each answer ended that was handed over."""
    ends: Ends = []
    hand_over = LongAnswer.hand_over

    async def noted(self: LongAnswer, client: socket.socket, head: bytes) -> Sent | None:
        try:
            ends.append(await hand_over(self, client, head))
        except Exception as error:
            ends.append(error)
            raise
        return ends[-1]

    monkeypatch.setattr(LongAnswer, "hand_over", noted)
    return ends


@pytest.mark.parametrize("family", ["tcp", "unix"])
async def test_requests_behind_it_are_answered_in_order(
    front: Front, connect: Connect, ends: Ends, family: str
) -> None:
    client = await connect(getattr(front, family))
    await client.send(stream(40) + PING + stream(3) + PING[:30])
    assert (await client.answer()).body == body(40)
    assert (await client.answer()).body == b"{}"
    assert (await client.answer()).body == body(3)
    await client.send(PING[30:])
    assert (await client.answer()).body == b"{}"
    assert ends == [Sent(40 * BLOCK), Sent(3 * BLOCK)]


async def test_requests_that_come_meanwhile_wait(client: Client, ends: Ends) -> None:
    await client.send(stream(400))
    await client.reader.readuntil(b"\r\n\r\n")
    await client.send(PING * 2)
    assert await client._chunks() == body(400)
    assert [(await client.answer()).body for _ in range(2)] == [b"{}"] * 2
    assert ends == [Sent(400 * BLOCK)]


async def test_a_client_that_has_closed_its_side_gets_all_of_it(client: Client, ends: Ends) -> None:
    await client.send(stream(100))
    client.writer.write_eof()
    assert (await client.answer()).body == body(100)
    assert await client.rest() == b""
    assert ends == [Sent(100 * BLOCK)]


@pytest.mark.parametrize("line", ["HEAD", "GET"])
async def test_what_has_no_chunks_is_not_handed_over(
    front: Front, connect: Connect, ends: Ends, line: str
) -> None:
    client = await connect(front.tcp)
    request = stream(50).replace("GET", line)
    if line == "GET":
        request = request.replace("HTTP/1.1", "HTTP/1.0")
    await client.send(request)
    told = await client.answer(bodiless=line == "HEAD")
    assert told.body == (b"" if line == "HEAD" else body(50))
    await until(lambda: not busy(front))
    assert ends == []


async def test_a_slow_client_leaves_its_lane_to_those_who_wait(
    start_front: StartFront, connect: Connect, ends: Ends
) -> None:
    front = await start_front(threads=1)
    slow, quick = await connect(front.tcp), await connect(front.tcp)
    await slow.send(stream(400) + PING)
    await slow.reader.readuntil(b"\r\n\r\n")
    await quick.send(PING)
    assert (await quick.answer()).status == 200
    (sent,) = ends
    assert isinstance(sent, Sent)
    assert not sent.complete
    assert 0 < sent.size < 400 * BLOCK
    assert await slow._chunks() == body(400)
    assert (await slow.answer()).status == 200


async def test_the_largest_answer_nobody_takes_is_cut(
    start_front: StartFront, connect: Connect, ends: Ends
) -> None:
    front = await start_front(threads=1, spill_bytes=8 << 20)
    slow, quick = await connect(front.tcp), await connect(front.tcp)
    await slow.send(stream(1000))
    await slow.reader.readuntil(b"\r\n\r\n")
    await quick.send(PING)
    assert (await quick.answer()).status == 200
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await slow._chunks()


async def test_a_client_that_takes_nothing_is_cut_off_by_the_worker(
    start_front: StartFront, connect: Connect, ends: Ends
) -> None:
    front = await start_front(client_timeout=0.5)
    slow = await connect(front.tcp)
    await slow.send(stream(1000))
    await slow.reader.readuntil(b"\r\n\r\n")
    await until(lambda: ends)
    assert isinstance(ends[0], ConnectionAbortedError)
    assert "take" in str(ends[0])
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await slow._chunks()
    await until(lambda: not busy(front))
    assert front.pool.statistics["token"].hung == 0


@pytest.mark.parametrize("reset", [True, False])
async def test_a_client_that_vanishes_frees_its_lane(
    start_front: StartFront, connect: Connect, ends: Ends, reset: bool
) -> None:
    front = await start_front(threads=1)
    gone, other = await connect(front.tcp), await connect(front.tcp)
    await gone.send(stream(1000))
    await gone.reader.readuntil(b"\r\n\r\n")
    if reset:
        gone.writer.transport.abort()
    else:
        gone.close()
    await other.send(stream(2))
    assert (await other.answer()).body == body(2)
    await until(lambda: Sent(2 * BLOCK) in ends and not busy(front))
    counts = front.pool.statistics["token"]
    assert (counts.lost, counts.hung) == (0, 0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_worker_that_fails_cuts_the_answer(
    start_front: StartFront, connect: Connect, ends: Ends, how: signal.Signals
) -> None:
    front = await start_front(deadline=1.0)
    pid = front.pool.hello.pid
    client = await connect(front.tcp)
    await client.send(stream(1000) + PING)
    await client.reader.readuntil(b"\r\n\r\n")
    os.kill(pid, how)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await client._chunks()
    await until(lambda: not Path(f"/proc/{pid}").exists())
    other = await connect(front.tcp)
    await other.send(PING)
    assert (await other.answer()).status == 200


async def test_a_slow_client_does_not_make_a_worker_hang(
    start_front: StartFront, connect: Connect, ends: Ends
) -> None:
    front = await start_front(deadline=0.6)
    client = await connect(front.tcp)
    await client.send(stream(400))
    await client.reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(1.5)  # longer than a worker may take
    assert await client._chunks() == body(400)
    await until(lambda: ends == [Sent(400 * BLOCK)])


async def test_an_end_that_waits_no_longer_cuts_it(
    front: Front, connect: Connect, ends: Ends
) -> None:
    slow = await connect(front.tcp)
    await slow.send(stream(1000))
    await slow.reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(5):
        await front.connections.drain(1.5)
    await until(lambda: not busy(front))
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await slow._chunks()
    assert front.pool.statistics["token"].lost == 0


async def test_what_was_sent_is_counted(
    start_front: StartFront, connect: Connect, ends: Ends
) -> None:
    metrics = Metrics()
    front = await start_front(threads=1, observer=Observer(frozenset(), "off", metrics))
    slow, other = await connect(front.tcp), await connect(front.tcp)
    await slow.send(stream(400))
    await slow.reader.readuntil(b"\r\n\r\n")
    await other.send(stream(30))
    assert (await other.answer()).body == body(30)
    assert await slow._chunks() == body(400)
    await until(lambda: len(ends) == 2)
    assert [sent.complete for sent in ends if isinstance(sent, Sent)] == [False, True]

    def counted() -> float:
        found = re.search(rb"^pyslurmrestd_answer_bytes_total (\S+)", metrics.text(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    await until(lambda: counted() == 430 * BLOCK)

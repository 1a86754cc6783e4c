"""The end of a daemon: what has begun is answered, what is idle is closed, all within a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from wire import TOKEN, Address, Client, Front

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]

HEAD = f"HTTP/1.1\r\nHost: x\r\n{TOKEN}"
PING = f"GET /slurm/v0.0.45/ping/?status=200 {HEAD}\r\n"
POST = (
    f"POST /slurm/v0.0.45/job/submit {HEAD}"
    "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n"
)


async def test_a_body_that_still_comes_is_answered(front: Front, client: Client) -> None:
    await client.send(POST + "12345")
    await asyncio.sleep(0.1)
    draining = asyncio.create_task(front.connections.drain(20))
    await asyncio.sleep(0.3)
    await client.send("6789")
    answer = await client.answer()
    assert (answer.status, answer.headers["Connection"]) == (200, "Close")
    assert answer.json["body"] == "123456789"
    assert await client.rest() == b""
    async with asyncio.timeout(5):
        await draining


async def test_a_head_that_still_comes_is_answered(front: Front, client: Client) -> None:
    await client.send(PING[:20])
    await asyncio.sleep(0.1)
    draining = asyncio.create_task(front.connections.drain(20))
    await asyncio.sleep(0.2)
    await client.send(PING[20:])
    answer = await client.answer()
    assert (answer.status, answer.headers["Connection"]) == (200, "Close")
    async with asyncio.timeout(5):
        await draining


async def test_requests_at_work_and_long_answers_are_finished(
    front: Front, connect: Connect
) -> None:
    slow, long = await connect(front.tcp), await connect(front.unix)
    await slow.send(PING.replace("status=200", "sleep=0.5"))
    await long.send(PING.replace("status=200", "stream=200"))
    await long.reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(0.1)
    draining = asyncio.create_task(front.connections.drain(20))
    assert (await slow.answer()).headers["Connection"] == "Close"
    assert len(await long.rest()) > 200 * 65536
    async with asyncio.timeout(5):
        await draining


async def test_who_asks_nothing_is_closed_at_once(front: Front, connect: Connect) -> None:
    fresh, idle, partial = [await connect(front.tcp) for _ in range(3)]
    await idle.send(PING)
    await idle.answer()
    await partial.send("GET /slurm")
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):  # the head that never comes has a second, not all of the time
        await front.connections.drain(30)
    assert [await client.rest() for client in (fresh, idle, partial)] == [b"", b"", b""]


async def test_the_end_is_bounded(front: Front, client: Client) -> None:
    await client.send(POST + "12345")
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await front.connections.drain(1.5)

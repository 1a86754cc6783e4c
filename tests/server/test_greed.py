"""What clients may take of the front end: connections, bytes that wait, time for a body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from wire import TOKEN, Address, Client, Front

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]

PING = f"GET /slurm/v0.0.45/ping/?status=200 HTTP/1.1\r\nHost: x\r\n{TOKEN}\r\n"
SLEEP = PING.replace("status=200", "sleep=0.5")


def post(length: int, *, token: str = TOKEN, query: str = "") -> str:
    """The head of a request with a body of so many bytes."""
    return (
        f"POST /slurm/v0.0.45/job/submit{query} HTTP/1.1\r\nHost: x\r\n{token}"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )


async def test_two_listeners_at_the_limit_go_on_accepting(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(limit=2)
    busy = [await connect(front.tcp), await connect(front.unix)]
    for client in busy:
        await client.send(SLEEP)
    await asyncio.sleep(0.1)
    waiting = [await connect(address) for address in (front.tcp, front.unix) * 3]
    for client in waiting:
        await client.send(PING)
    for client in (*busy, *waiting):
        assert (await client.answer()).status == 200


async def test_the_largest_body_goes_when_too_much_waits(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(waiting=3 << 20)
    hoarders = [await connect(front.tcp) for _ in range(3)]
    for number, client in enumerate(hoarders):
        await client.send(post(40 << 20) + "x" * ((number + 1) << 19))
    await asyncio.sleep(0.2)
    small = await connect(front.tcp)
    await small.send(post(600_000) + "y" * 600_000)
    assert (await small.answer()).status == 200
    told = await hoarders[2].answer()
    assert told.head.startswith("HTTP/1.1 503 SERVICE UNAVAILABLE\r\nConnection: Close\r\n")
    assert told.headers["Retry-After"] == "1"
    assert [await client.quiet() for client in hoarders[:2]] == [True, True]


async def test_bodies_that_wait_for_a_worker_count_too(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(threads=1, waiting=3 << 20)
    busy = await connect(front.tcp)
    await busy.send(SLEEP)
    await asyncio.sleep(0.1)
    queued = await connect(front.tcp)
    await queued.send(post(2 << 20) + "x" * (2 << 20))
    await asyncio.sleep(0.1)
    small = await connect(front.tcp)
    await small.send(post((3 << 19) - 1) + "y" * ((3 << 19) - 1))
    assert (await queued.answer()).status == 503
    assert (await busy.answer()).status == 200
    assert (await small.answer()).status == 200


async def test_a_body_that_a_worker_has_begun_with_is_not_dropped(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(threads=1, waiting=2 << 20)
    begun = await connect(front.tcp)
    head = post(1 << 20).replace("job/submit", "job/sleep%3D0.5")
    await begun.send(head + "x" * (1 << 20))
    await asyncio.sleep(0.2)
    late = await connect(front.tcp)
    await late.send(post(3 << 19) + "y" * (3 << 19))
    assert (await late.answer()).status == 503
    assert (await begun.answer()).status == 200


async def test_unfinished_heads_count(start_front: StartFront, connect: Connect) -> None:
    front = await start_front(waiting=200_000)
    clients = [await connect(front.tcp) for _ in range(8)]
    head = f"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r\nX: {'x' * 30_000}"
    for client in clients:
        await client.send(head)
    await asyncio.sleep(0.2)
    open_ones = [await client.quiet(0.05) for client in clients].count(True)
    assert open_ones == 6
    assert front.connections.budget.used <= 200_000
    finishing = clients[-1] if await clients[-1].quiet(0.05) else clients[-3]
    await finishing.send(f"\r\n{TOKEN}\r\n")
    assert (await finishing.answer()).status == 200


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c.d", "a b.c.d", ""])
async def test_a_large_body_of_nobody_is_refused_unread(
    front: Front, connect: Connect, token: str
) -> None:
    client = await connect(front.tcp)
    await client.send(post(1 << 20, token=f"X-SLURM-USER-TOKEN: {token}\r\n"))
    told = await client.answer()
    assert (told.status, told.json["errors"][0]["error_number"]) == (511, 1007)


async def test_a_large_body_in_chunks_of_nobody_is_refused(front: Front, connect: Connect) -> None:
    client = await connect(front.tcp)
    head = post(0, token="X-SLURM-USER-TOKEN: x\r\n")
    await client.send(head.replace("Content-Length: 0", "Transfer-Encoding: chunked"))
    await client.send(f"{40_000:x}\r\n{'x' * 40_000}\r\n" * 2)
    told = await client.answer()
    assert (told.status, told.json["errors"][0]["error_number"]) == (511, 1007)


async def test_a_body_in_drips_is_waited_for_no_longer(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(client_timeout=0.5)
    client = await connect(front.tcp)
    await client.send(post(1000))
    answer = asyncio.create_task(client.answer())
    for _ in range(40):
        await asyncio.sleep(0.05)
        if answer.done():
            break
        await client.send("x")
    assert (await answer).status == 408


async def test_a_body_that_comes_fast_enough_has_time(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(client_timeout=0.3)
    client = await connect(front.tcp)
    await client.send(post(200_000))
    for _ in range(10):  # for three times as long as a client that sends nothing may take
        await asyncio.sleep(0.1)
        await client.send("x" * 20_000)
    assert (await client.answer()).status == 200


async def test_a_slow_body_makes_room_for_a_new_connection(
    start_front: StartFront, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyslurmrestd.server.room._SLOW_BODY", 0.3)
    front = await start_front(limit=1)
    slow = await connect(front.tcp)
    await slow.send(post(1000) + "x")
    await asyncio.sleep(0.4)
    client = await connect(front.tcp)
    await client.send(PING)
    assert (await client.answer()).status == 200
    assert (await slow.answer()).status == 503


async def test_a_client_that_has_closed_its_side_gives_up_its_place(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(threads=1)
    order: list[str] = []

    async def answered(name: str, client: Client) -> None:
        assert (await client.answer()).status == 200
        order.append(name)

    busy, left, waiting = [await connect(front.tcp) for _ in range(3)]
    await busy.send(SLEEP)
    await asyncio.sleep(0.1)
    await left.send(PING)
    left.writer.write_eof()
    await asyncio.sleep(0.1)
    await waiting.send(PING)
    await asyncio.gather(answered("left", left), answered("waiting", waiting))
    assert order == ["waiting", "left"]

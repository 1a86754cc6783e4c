"""Many connections: thousands idle, a limit, unix peers, workers that are slow or all taken."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable

import pytest
from wire import TOKEN, Address, Client, Front

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]

REQUEST = f"GET /slurm/v0.0.45/ping/?status=200 HTTP/1.1\r\nHost: x\r\n{TOKEN}\r\n"
SLOW = REQUEST.replace("status=200", "sleep=0.5")


async def test_a_thousand_idle_connections_are_held(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(limit=2000)
    clients = [await connect(front.tcp) for _ in range(1000)]
    for client in (clients[0], clients[500], clients[999]):
        await client.send(REQUEST)
        assert (await client.answer()).status == 200
    assert all(not client.reader.at_eof() for client in clients)


async def test_the_longest_idle_connection_makes_room(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(limit=2)
    first, second = await connect(front.tcp), await connect(front.tcp)
    for client in (first, second, first):  # which leaves the second idle for longest
        await client.send(REQUEST)
        assert (await client.answer()).status == 200
    third = await connect(front.tcp)
    await third.send(REQUEST)
    assert (await third.answer()).status == 200
    assert await second.rest() == b""
    assert await first.quiet()


async def test_a_new_connection_waits_while_none_is_idle(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(limit=1)
    busy = await connect(front.tcp)
    await busy.send(SLOW)
    await asyncio.sleep(0.1)
    waiting = await connect(front.tcp)
    await waiting.send(REQUEST)
    assert await waiting.quiet(0.1)
    assert (await busy.answer()).status == 200
    assert (await waiting.answer()).status == 200
    assert await busy.rest() == b""


async def test_a_unix_peer_is_known_by_its_credentials(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(eager=("local",))
    client = await connect(front.unix)
    await client.send("GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r\n\r\n")
    told = (await client.answer()).json
    assert told["credential"] == {
        "kind": "local", "token": None, "user_name": None, "uid": os.getuid()
    }  # fmt: skip
    assert told["peer"]["source"].startswith(f"unix:{front.unix}(fd:")
    assert (told["peer"]["uid"], told["peer"]["gid"]) == (os.getuid(), os.getgid())


async def test_too_many_requests_are_told_when_to_try_again(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(threads=1, queue_length=1)
    clients = [await connect(front.tcp) for _ in range(3)]
    for client in clients:
        await client.send(SLOW)
        await asyncio.sleep(0.05)
    answer = await clients[2].answer()
    assert answer.head.startswith("HTTP/1.1 503 SERVICE UNAVAILABLE\r\nConnection: Close\r\n")
    assert answer.headers["Retry-After"] == "1"
    assert list(answer.json) == ["errors", "warnings", "meta"]
    assert [(await client.answer()).status for client in clients[:2]] == [200, 200]


async def test_a_worker_that_takes_too_long_is_told(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(deadline=0.3)
    client = await connect(front.tcp)
    await client.send(REQUEST.replace("status=200", "sleep=5"))
    answer = await client.answer()
    assert answer.head.startswith("HTTP/1.1 504 GATEWAY TIMEOUT\r\nConnection: Close\r\n")
    assert [error["error_number"] for error in answer.json["errors"]] == [5004]


async def test_a_slow_client_holds_nobody_up(start_front: StartFront, connect: Connect) -> None:
    front = await start_front(threads=2)
    slow, quick = await connect(front.tcp), await connect(front.tcp)
    await slow.send(REQUEST.replace("status=200", "stream=1000"))  # 64 MB
    await slow.reader.readuntil(b"\r\n\r\n")
    begun = time.monotonic()
    for _ in range(20):
        await quick.send(REQUEST)
        assert (await quick.answer()).status == 200
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("auth", ["jwt", "local", "local,jwt"])
async def test_nobody_is_nobody(start_front: StartFront, connect: Connect, auth: str) -> None:
    front = await start_front(auth)
    client = await connect(front.tcp)
    await client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await client.answer()).status == 401


async def test_a_body_that_does_not_come_is_waited_for_no_longer(
    start_front: StartFront, connect: Connect
) -> None:
    front = await start_front(client_timeout=0.3)
    client = await connect(front.tcp)
    await client.send(
        f"POST /slurm/v0.0.45/job/submit HTTP/1.1\r\nHost: x\r\n{TOKEN}Content-Length: 9\r\n\r\nabc"
    )
    answer = await client.answer()
    assert answer.head.startswith("HTTP/1.1 408 REQUEST TIMEOUT\r\nConnection: Close\r\n")


@pytest.mark.parametrize("target", ["/openapi.json?", "/slurm/v0.0.45/ping/?stream=1000"])
async def test_a_client_that_takes_nothing_is_let_go(
    start_front: StartFront, connect: Connect, target: str
) -> None:
    front = await start_front(limit=1, client_timeout=0.3)
    client = await connect(front.tcp)
    await client.send(f"GET {target} HTTP/1.1\r\nHost: x\r\n{TOKEN}\r\n" * 40)
    await client.reader.readexactly(1)  # and no more than what a buffer holds
    next_client = await connect(front.tcp)
    await next_client.send(REQUEST)
    assert (await next_client.answer()).status == 200

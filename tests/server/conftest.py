"""The front end on real sockets, before real workers that run ``mirror.py``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from wire import Address, Client, Front

from pyslurmrestd import plugin
from pyslurmrestd.application.route import Routes
from pyslurmrestd.server.admission import Admission
from pyslurmrestd.server.listen import accept, listeners
from pyslurmrestd.server.media_types import MediaTypes
from pyslurmrestd.server.observer import Observer
from pyslurmrestd.server.pages import Document, held_routes
from pyslurmrestd.server.respond import Responder
from pyslurmrestd.server.room import Connections
from pyslurmrestd.server.router import Router
from pyslurmrestd.worker.budget import Budget
from pyslurmrestd.worker.pool import Pool, PoolSettings

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]


@pytest.fixture
def worker_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets workers import ``mirror``."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{here}{os.pathsep}{here.parents[1]}")


@pytest.fixture
async def start_front(worker_path: None, tmp_path: Path) -> AsyncIterator[StartFront]:
    async with AsyncExitStack() as stack:

        async def start(
            auth: str | None = None,
            limit: int = 1000,
            waiting: int = 256 << 20,
            cache: int = 0,
            observer: Observer | None = None,
            **settings: Any,
        ) -> Front:
            defaults = {"app": "mirror:start", "processes": 1, "threads": 2, "deadline": 10.0}
            pool = Pool(PoolSettings(**{**defaults, **settings}))
            stack.push_async_callback(pool.stop, 0)
            await pool.start()
            contents, data_parsers = plugin.contents(None), plugin.data_parsers(None)
            media_types = MediaTypes(plugin.serializers())
            document = Document(contents, data_parsers, "26.05.5", ["200"], media_types.style)
            router = Router(held_routes(document, pool.lacking), Routes(contents, data_parsers))
            admission = Admission(plugin.authenticators(auth), router, media_types)
            responder = Responder(pool, admission, media_types, observer, cache)
            connections = Connections(responder, limit, Budget(waiting))
            path = str(tmp_path / "rest.sock")
            listening = listeners(["127.0.0.1:0", f"unix:{path}"], [])
            tasks = [asyncio.create_task(accept(entry, connections)) for entry in listening]

            async def stop() -> None:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await connections.shutdown(1)
                for entry in listening:
                    entry.close()

            stack.push_async_callback(stop)
            address = listening[0].socket.getsockname()
            return Front(address, path, connections, pool, responder.repeats)

        yield start


@pytest.fixture
async def front(start_front: StartFront) -> Front:
    return await start_front()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Open connections that are closed after the test."""
    clients: list[Client] = []

    async def connect(address: Address) -> Client:
        clients.append(await Client.connect(address))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
async def client(front: Front, connect: Connect) -> Client:
    return await connect(front.tcp)

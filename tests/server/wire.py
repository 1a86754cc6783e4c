"""A front end to talk to, and a client that sends exactly what it is told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

from pyslurmrestd.server.repeats import Repeats
from pyslurmrestd.server.room import Connections
from pyslurmrestd.worker.pool import Pool

Address = tuple[str, int] | str

TOKEN = "X-SLURM-USER-TOKEN: a.b.c\r\n"


@dataclass(frozen=True)
class Front:
    """A running front end."""

    tcp: tuple[str, int]
    unix: str
    connections: Connections
    pool: Pool
    repeats: Repeats


@dataclass(frozen=True)
class Answer:
    """One answer: the text of its head without the last blank line, its body without chunks."""

    head: str
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    @property
    def headers(self) -> dict[str, str]:
        return dict(line.split(": ", 1) for line in self.head.split("\r\n")[1:])

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, address: Address) -> Client:
        if isinstance(address, str):
            return cls(*await asyncio.open_unix_connection(address))
        return cls(*await asyncio.open_connection(*address))

    async def send(self, data: str | bytes) -> None:
        self.writer.write(data.encode("latin-1") if isinstance(data, str) else data)
        await self.writer.drain()

    async def answer(self, *, bodiless: bool = False) -> Answer:
        async with asyncio.timeout(20):
            head = (await self.reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1")
            answer = Answer(head, b"")
            if bodiless or answer.status in (100, 204, 304):
                return answer
            if answer.headers.get("Transfer-Encoding") == "chunked":
                return Answer(head, await self._chunks())
            length = answer.headers.get("Content-Length")
            if length is None:
                return Answer(head, await self.reader.read())
            return Answer(head, await self.reader.readexactly(int(length)))

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readline()
        await self.reader.readline()
        return b"".join(parts)

    async def rest(self) -> bytes:
        """All that comes until the server closes."""
        async with asyncio.timeout(20):
            return await self.reader.read()

    async def quiet(self, seconds: float = 0.2) -> bool:
        """Whether the connection stays open without a word."""
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        self.writer.close()

"""The public keys of an identity provider, fetched beside everything else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Final

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from yarl import URL

from ..auth.keys import key_set
from ..log import Fatal, log

if TYPE_CHECKING:
    from jwt import PyJWK

__all__ = ["KeyFetcher"]

_LARGEST: Final = 1 << 20
"""Bytes of an answer."""

_EVERY: Final = 300.0
"""Seconds after which keys are fetched again."""

_AGAIN: Final = 10.0
"""Seconds between two attempts at least, whatever tokens name."""

_TIMEOUT: Final = ClientTimeout(total=5.0)

_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))


class KeyFetcher:
    """The keys at a URL (RFC 7517), as they were when it last answered.

    :ivar now: public keys by id; none before the first answer.
    :ivar generation: counts the answers with other keys.
    """

    def __init__(self, url: str) -> None:
        self.now: Mapping[str, PyJWK] = {}
        self.generation = 0
        self._url = URL(url)
        self._document = b""
        self._fetching: asyncio.Task[None] | None = None
        self._last = float("-inf")
        safe = self._url.scheme == "https" or self._url.host in _LOOPBACK
        if self._url.scheme not in ("http", "https") or not self._url.host or not safe:
            raise Fatal(f"Keys from {url} could be anybody's: it has to be an https URL")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While this is entered, keys are fetched again and again."""
        async with ClientSession(timeout=_TIMEOUT, connector=TCPConnector(limit=1)) as session:
            self._session = session
            repeating = asyncio.create_task(self._repeat())
            try:
                yield
            finally:
                repeating.cancel()
                await asyncio.gather(repeating, return_exceptions=True)

    async def renew(self) -> None:
        """Have keys that are no older than :data:`_AGAIN`: one fetch serves all who wait."""
        if self._fetching is None:
            if asyncio.get_running_loop().time() - self._last < _AGAIN:
                return
            self._fetching = asyncio.create_task(self._fetch())
        await asyncio.shield(self._fetching)

    async def _repeat(self) -> None:
        while True:
            await self.renew()
            await asyncio.sleep(_EVERY if self.now else _AGAIN)

    async def _fetch(self) -> None:
        try:
            async with self._session.get(self._url, allow_redirects=False) as response:
                response.raise_for_status()
                if response.status != 200:
                    raise ValueError(f"answered {response.status}")
                document = await response.content.read(_LARGEST + 1)
                while not response.content.at_eof() and len(document) <= _LARGEST:
                    document += await response.content.read(_LARGEST + 1 - len(document))
            if len(document) > _LARGEST:
                raise ValueError(f"longer than {_LARGEST} bytes")
            if document != self._document:
                self.now = await asyncio.to_thread(key_set, document)
                self._document = document
                self.generation += 1
                log.info("%d keys from %s", len(self.now), self._url)
        except (ClientError, TimeoutError, ValueError) as error:
            log.error("no keys from %s: %s", self._url, str(error) or type(error).__name__)
        finally:
            self._last = asyncio.get_running_loop().time()
            self._fetching = None

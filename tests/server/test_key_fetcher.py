"""Public keys of a provider: fetched, kept while it is away, renewed once however many ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from pyslurmrestd.log import Fatal
from pyslurmrestd.server import key_fetcher
from pyslurmrestd.server.key_fetcher import KeyFetcher

KEY = RSAAlgorithm.to_jwk(
    rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key(), as_dict=True
)


class Provider:
    """A server of keys; ``answer`` is what it tells, ``asked`` how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.kids = ["one"]
        self.answer: web.StreamResponse | None = None
        self.delay = 0.0
        self.url = ""

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked += 1
        await asyncio.sleep(self.delay)
        if self.answer is not None:
            return self.answer
        return web.json_response({"keys": [{**KEY, "kid": kid} for kid in self.kids]})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    runner = web.ServerRunner(web.Server(provider), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    yield provider
    await runner.cleanup()


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_keys_are_there_soon(provider: Provider) -> None:
    fetcher = KeyFetcher(provider.url)
    async with fetcher.running():
        await until(lambda: fetcher.now)
        assert list(fetcher.now) == ["one"]
        assert fetcher.generation == 1


async def test_new_keys_are_found_when_asked_for(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_fetcher, "_AGAIN", 0.0)
    fetcher = KeyFetcher(provider.url)
    async with fetcher.running():
        await until(lambda: fetcher.now)
        provider.kids = ["one", "two"]
        provider.delay = 0.05
        before = provider.asked
        await asyncio.gather(*(fetcher.renew() for _ in range(100)))
        assert sorted(fetcher.now) == ["one", "two"]
        assert provider.asked == before + 1


async def test_tokens_cannot_have_keys_fetched_all_the_time(provider: Provider) -> None:
    fetcher = KeyFetcher(provider.url)
    async with fetcher.running():
        await until(lambda: fetcher.now)
        for _ in range(100):
            await fetcher.renew()
        assert provider.asked == 1


FAULTS = {
    "500": lambda: web.Response(status=500),
    "204": lambda: web.Response(status=204),
    "a redirect": lambda: web.Response(status=302, headers={"Location": "/other"}),
    "no JSON": lambda: web.Response(text="<html>"),
    "no keys": lambda: web.json_response({"keys": []}),
    "too long": lambda: web.Response(body=json.dumps({"keys": ["x" * (2 << 20)]}).encode()),
    "deep": lambda: web.Response(body=b"[" * 100_000),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_keys_stay_while_the_provider_is_at_fault(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(key_fetcher, "_AGAIN", 0.0)
    fetcher = KeyFetcher(provider.url)
    async with fetcher.running():
        await until(lambda: fetcher.now)
        provider.answer = FAULTS[fault]()
        before = provider.asked
        await fetcher.renew()
        assert provider.asked == before + 1
        assert list(fetcher.now) == ["one"]
        provider.answer, provider.kids = None, ["two"]
        await fetcher.renew()
        assert list(fetcher.now) == ["two"]


async def test_a_slow_provider_holds_nobody_for_long(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_fetcher, "_TIMEOUT", key_fetcher.ClientTimeout(total=0.1))
    provider.delay = 60
    fetcher = KeyFetcher(provider.url)
    async with asyncio.timeout(10), fetcher.running():
        await fetcher.renew()
        assert fetcher.now == {}


async def test_nobody_there_is_no_end() -> None:
    fetcher = KeyFetcher("http://127.0.0.1:9/keys")
    async with fetcher.running():
        await fetcher.renew()
        assert fetcher.now == {}


@pytest.mark.parametrize("url", ["http://example.org/keys", "ftp://localhost/x", "://", "http://"])
def test_keys_come_by_a_way_that_nobody_else_can_take(url: str) -> None:
    with pytest.raises(Fatal):
        KeyFetcher(url)

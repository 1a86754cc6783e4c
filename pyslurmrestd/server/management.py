"""The administrator's own address: metrics, and whether all that the daemon needs is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from .listen import Listener
from .metrics import Metrics

__all__ = ["serving"]

_PATIENCE: Final = 1.0
"""Seconds that a daemon of Slurm has to take a connection, and that what was found is good for."""

Daemons = Mapping[str, Sequence[tuple[str, int]]]


@asynccontextmanager
async def serving(
    listening: Sequence[Listener],
    metrics: Metrics,
    lacking: Callable[[], str | None],
    daemons: Callable[[], Daemons],
) -> AsyncIterator[None]:
    """Answer on these sockets, to everybody who reaches them, while this is entered.

    :param lacking: what a request would lack of the daemon's own; None for nothing.
    :param daemons: hosts and ports of Slurm's daemons.
    """
    depth = _Depth(lacking, daemons)

    async def tell_metrics(request: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def tell_life(request: web.Request) -> web.Response:
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def tell_readiness(request: web.Request) -> web.Response:
        found = await depth.found()
        wanted = request.match_info.get("daemon")
        told = {name: text for name, text in found.items() if wanted in (None, name)}
        if not told:
            raise web.HTTPNotFound
        ready = all(text == "ready" for text in told.values())
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response(told, status=status)

    application = web.Application()
    application.router.add_get("/metrics", tell_metrics)
    application.router.add_get("/healthz", tell_life)
    application.router.add_get("/livez", tell_life)
    application.router.add_get("/readyz", tell_readiness)
    application.router.add_get("/readyz/{daemon}", tell_readiness)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        for listener in listening:
            await web.SockSite(runner, listener.socket).start()
        yield
    finally:
        await runner.cleanup()


class _Depth:
    """Whether Slurm's daemons take connections, looked at once a second at most."""

    def __init__(self, lacking: Callable[[], str | None], daemons: Callable[[], Daemons]) -> None:
        self._lacking = lacking
        self._daemons = daemons
        self._looking: asyncio.Task[dict[str, str]] | None = None
        self._found: dict[str, str] = {}
        self._looked = float("-inf")

    async def found(self) -> dict[str, str]:
        """``ready``, or what is wrong, by the name of each part."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._looked > _PATIENCE:
            if self._looking is None:
                self._looking = loop.create_task(self._look())
            await asyncio.shield(self._looking)
        return {"workers": self._lacking() or "ready", **self._found}

    async def _look(self) -> dict[str, str]:
        try:
            daemons = self._daemons()
            told = await asyncio.gather(*(_first_of(places) for places in daemons.values()))
            self._found = dict(zip(daemons, told, strict=True))
            self._looked = asyncio.get_running_loop().time()
            return self._found
        finally:
            self._looking = None


async def _first_of(places: Sequence[tuple[str, int]]) -> str:
    """``ready`` if any takes a connection, else what the last one says: one of them serves."""
    told = "nowhere to be found"
    for host, port in places:
        try:
            async with asyncio.timeout(_PATIENCE):
                _, writer = await asyncio.open_connection(host, port)
        except TimeoutError:
            told = f"{host}:{port} does not answer"
        except OSError as error:
            told = f"{host}:{port}: {error.strerror or error}"
        else:
            writer.close()
            return "ready"
    return told

"""The daemon on its sockets: what starts, and stops, in which order."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

import uvloop

from .. import plugin
from ..application.route import Routes
from ..log import Fatal, level_name, log, write_apart, write_here
from ..settings import Settings
from ..worker.budget import Budget
from ..worker.pool import Pool, PoolSettings, RecycleFailed, StartFailed
from . import privileges, systemd, watchdog
from .admission import Admission
from .edge import Edge, edge
from .listen import Listener, accept, listeners
from .media_types import MediaTypes
from .observer import Observer
from .pages import Document, held_routes
from .respond import Responder
from .room import Connections
from .router import Router
from .tls import tls

if TYPE_CHECKING:
    from .metrics import Metrics

__all__ = ["run"]

_OTHER_DESCRIPTORS: Final = 32
"""Open files beside those of connections and workers that are there at the start."""

_LOG_PAUSE: Final = 0.05
"""Seconds for which the lines of requests are gathered."""


def run(settings: Settings, inherited: Sequence[socket.socket]) -> int:
    """Serve until a signal ends it; returns the exit status. Raises :class:`.Fatal`."""
    authenticators = plugin.authenticators(settings.auth_types)
    # Ports below 1024 and directories of root's need the rights that come off next.
    listening = listeners(
        settings.listen, inherited, tls=settings.tls_cert is not None, shared=settings.share_port
    )
    managing: list[Listener] = []
    try:
        if settings.metrics is not None:
            managing = listeners([settings.metrics], [])
        privileges.change(settings.user, settings.group)
        privileges.refuse_privileged()
        _raise_file_limit()
        uvloop.run(_serve(settings, authenticators, listening, managing))
    finally:
        write_here()
        for listener in (*listening, *managing):
            listener.close()
    return 0


async def _serve(
    settings: Settings,
    authenticators: Sequence[Any],
    listening: Sequence[Listener],
    managing: Sequence[Listener],
) -> None:
    loop = asyncio.get_running_loop()
    patience = systemd.watchdog_seconds()
    write_apart(lambda flush: loop.call_later(_LOG_PAUSE, flush))
    stop, again = _signals()
    judging, encrypting = edge(settings), tls(settings)
    pool = Pool(_pool_settings(settings, [entry.name for entry in authenticators]))
    try:
        if not await _start(pool, stop):
            return
        metrics = _metrics() if managing else None
        observer = Observer(settings.observe, settings.access_log, metrics)
        front = _front(settings, authenticators, pool, judging)
        responder = Responder(pool, *front, observer, settings.cache)

        def renew() -> None:
            responder.renew(*_front(settings, authenticators, pool, judging))

        fatal: Fatal | None = None
        connections = Connections(
            responder,
            _connection_limit(settings.max_connections, pool.descriptors),
            Budget(settings.waiting_bytes),
            encrypting,
            settings.tls_timeout,
        )
        async with AsyncExitStack() as stack:
            if judging is not None:
                await stack.enter_async_context(judging.running())
            if metrics is not None:
                metrics.watch(pool, connections, responder.repeats)
                await stack.enter_async_context(_manage(managing, metrics, pool))
            group = await stack.enter_async_context(asyncio.TaskGroup())
            tasks = [group.create_task(accept(entry, connections)) for entry in listening]
            for listener in listening:
                log.info("listening on %s", listener.name)
            systemd.notify("READY=1")
            tasks.append(group.create_task(watchdog.report(pool, patience)))
            try:
                await _until(stop, again, pool, renew)
            except Fatal as error:  # told in its own words, not as one of a group
                fatal = error
            systemd.notify("STOPPING=1")
            for task in tasks:
                task.cancel()
        for listener in listening:
            listener.close()
        await connections.drain(settings.grace)
        if fatal is not None:
            raise fatal
    finally:
        await pool.stop()


def _metrics() -> Metrics:
    try:
        from .metrics import Metrics
    except ImportError as error:
        raise Fatal(f"--metrics needs the package prometheus-client: {error}") from error
    return Metrics()


def _manage(
    managing: Sequence[Listener], metrics: Metrics, pool: Pool
) -> AbstractAsyncContextManager[None]:
    """Answer the administrator while this is entered."""
    from . import management

    for listener in managing:
        log.info("metrics on %s", listener.name)
    return management.serving(managing, metrics, pool.lacking, lambda: pool.hello.daemons)


async def _start(pool: Pool, stop: asyncio.Event) -> bool:
    """Start the workers; False if the signal to stop came first. Raises :class:`.Fatal`."""
    starting = asyncio.create_task(pool.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.wait((starting,))
        return False
    try:
        starting.result()
    except StartFailed as error:
        raise Fatal(f"No worker can be started: {error}") from error
    return True


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """SIGTERM and SIGINT stop, SIGHUP reads the configuration again."""
    loop = asyncio.get_running_loop()
    stop, again = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    return stop, again


def _pool_settings(settings: Settings, auth: Sequence[str]) -> PoolSettings:
    chosen: dict[str, Any] = {}
    if settings.workers:
        chosen["processes"] = settings.workers
    if settings.threads:
        chosen["threads"] = settings.threads
    if settings.user_rate:
        chosen["user_rate"] = settings.user_rate
    if settings.timeout:
        chosen["deadline"] = settings.timeout
    return PoolSettings(
        options=settings.worker_options(),
        eager=("local",) if auth == ["rest_auth/local"] else ("token",),
        log_level=level_name(),
        client_timeout=settings.client_timeout,
        body_rate=settings.body_rate,
        queue_length=settings.queue_length,
        queue_seconds=settings.queue_timeout,
        spill_bytes=settings.aside_bytes,
        **chosen,
    )


def _front(
    settings: Settings, authenticators: Sequence[Any], pool: Pool, judging: Edge | None
) -> tuple[Admission, MediaTypes]:
    """What stands before the workers, for the Slurm that they tell of.

    Raises :class:`.Fatal` where this process may not serve it.
    """
    hello = pool.hello
    privileges.refuse_privileged((hello.slurm_user_uid, hello.slurm_user_gid))
    contents = plugin.contents(settings.openapi_plugins, accounting=hello.accounting)
    data_parsers = plugin.data_parsers(settings.data_parsers)
    media_types = MediaTypes(plugin.serializers(), settings.json)
    document = Document(
        contents, data_parsers, hello.release, settings.status_codes, media_types.style
    )
    router = Router(held_routes(document, pool.lacking), Routes(contents, data_parsers))
    router.load()
    admission = Admission(authenticators, router, media_types, judging, settings.max_body)
    return admission, media_types


async def _until(
    stop: asyncio.Event, again: asyncio.Event, pool: Pool, renew: Callable[[], None]
) -> None:
    """Wait for the signal to stop; start the workers anew at each SIGHUP until then.

    :param renew: called once the new workers have told of their Slurm.
    """
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        asked = asyncio.create_task(again.wait())
        await asyncio.wait((stopping, asked), return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if again.is_set() and not stop.is_set():
            again.clear()
            await _recycle(pool, renew)


async def _recycle(pool: Pool, renew: Callable[[], None]) -> None:
    systemd.notify("RELOADING=1")
    log.info("replacing the workers")
    try:
        await pool.recycle()
    except RecycleFailed as error:
        log.error("the workers stay: %s", error)
    else:
        renew()
    systemd.notify("READY=1")


def _connection_limit(wanted: int, reserve: int) -> int:
    """How many connections may be open; each is an open file, and so is more than that.

    :param reserve: files that the workers may still need.
    """
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    there = len(os.listdir("/proc/self/fd"))
    room = max(most - there - reserve - _OTHER_DESCRIPTORS, 1)
    if room < wanted:
        log.info("%d connections at a time: this process may open %d files", room, most)
    return min(room, wanted)


def _raise_file_limit() -> None:
    """Each connection is an open file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

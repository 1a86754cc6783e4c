"""What the service manager hears while the daemon runs: how things stand, and that it is alive."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from . import systemd

if TYPE_CHECKING:
    from ..worker.pool import Pool

__all__ = ["report"]

_UNWATCHED_PAUSE: Final = 10.0
_BEATS: Final = 4
"""So many times the manager hears of it before it would lose patience."""


async def report(pool: Pool, watchdog: float | None) -> None:
    """Report until cancelled: ``STATUS=``, and ``WATCHDOG=1`` while a worker answers.

    :param watchdog: seconds after which the manager ends a daemon that says nothing; None where it
        does not.
    """
    pause = watchdog / _BEATS if watchdog else _UNWATCHED_PAUSE
    while True:
        alive = await pool.answers(pause)
        told = [f"STATUS={_status(pool)}"]
        if watchdog and alive:
            told.append("WATCHDOG=1")
        systemd.notify("\n".join(told))
        await asyncio.sleep(pause)


def _status(pool: Pool) -> str:
    lacking = pool.lacking()
    if lacking is not None:
        return " ".join(lacking.split())
    crews = pool.statistics.values()
    ready, waiting, requests = (
        sum(getattr(crew, name) for crew in crews) for name in ("ready", "waiting", "requests")
    )
    return f"{ready} workers, {requests} requests so far, {waiting} waiting"

"""How many workers there are, what they run, and how long anything may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..application.protocol import Kind
from ..record import field, record
from ..settings import Settings

__all__ = ["PoolSettings"]


@record(kw_only=True)
class PoolSettings:
    """Settings of a pool. Times are in seconds.

    :ivar app: ``module:function`` that a worker starts, a :data:`~.protocol.Application`.
    :ivar options: what the application is given besides the kind; JSON data.
    :ivar processes: workers of each kind.
    :ivar threads: lanes of each worker: requests that it serves at once.
    :ivar eager: the kinds that start with the pool; others start on first need.
    :ivar deadline: for a worker to begin its answer, and again for each block of it.
    :ivar client_timeout: for a client to take more of an answer that waits for it, or to send
        more of its request.
    :ivar body_rate: bytes a second that a body has to come with after that.
    :ivar queue_length: requests that may wait for a lane.
    :ivar queue_seconds: how long one may wait for it.
    :ivar spill_bytes: of answers that slow clients have yet to take, kept in the front end so that
        their lanes serve those who wait.
    :ivar user_rate: requests a second that a caller may make; None for any number.
    :ivar start_timeout: for a worker to say its Hello.
    :ivar log_level: of the workers, by name.
    """

    app: str = "pyslurmrestd.application.answer:start"
    options: Mapping[str, Any] = field(default_factory=dict)
    processes: int = 2
    threads: int = 4
    eager: tuple[Kind, ...] = ("token",)
    deadline: float = 60.0
    client_timeout: float = Settings.client_timeout
    body_rate: int = Settings.body_rate
    queue_length: int = Settings.queue_length
    queue_seconds: float = Settings.queue_timeout
    spill_bytes: int = Settings.aside_bytes
    user_rate: float | None = None
    start_timeout: float = 60.0
    log_level: str = "WARNING"

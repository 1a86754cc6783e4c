"""What Prometheus is told: requests by path, what workers do, what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ..application.route import Route, Served
from ..errors import ErrorCode

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..worker.pool import Pool
    from .observer import Seen
    from .repeats import Repeats
    from .room import Connections

__all__ = ["Metrics"]

# Else there is a time beside each number, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Seconds."""


class Metrics:
    """Counts requests; the rest is looked up when it is asked for."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "pyslurmrestd_requests",
            "Requests answered",
            ("method", "path", "version", "status"),
            registry=registry,
        )
        self._seconds, self._calls, self._dumps = (
            Histogram(
                f"pyslurmrestd_{name}_seconds",
                text,
                ("method", "path"),
                buckets=_BUCKETS,
                registry=registry,
            )
            for name, text in (
                ("request", "From a request's head to the end of its answer"),
                ("call", "Within the handler and its calls of Slurm"),
                ("dump", "From the call's end to the first block of the answer"),
            )
        )
        self._bytes = Counter(
            "pyslurmrestd_answer_bytes", "Bytes of the answers' bodies", registry=registry
        )
        self._tokens = Counter(
            "pyslurmrestd_callers_refused",
            "Requests of callers whom the daemon, or Slurm, does not know",
            ("by",),
            registry=registry,
        )
        for by in ("daemon", "slurm"):
            self._tokens.labels(by)

    def watch(self, pool: Pool, connections: Connections, repeats: Repeats) -> None:
        """Tell of these too."""
        self._registry.register(_Now(pool, connections, repeats))

    def count(self, seen: Seen, status: int, seconds: float) -> None:
        """A request is done."""
        method, path, version = _labels(seen.route)
        self._requests.labels(method, path, version, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)
        self._bytes.inc(seen.size)
        head = seen.head
        if head is None:
            if status == ErrorCode.AUTH_MISSING.status:
                self._tokens.labels("daemon").inc()
            return
        if head.known is False:
            self._tokens.labels("slurm").inc()
        if head.spent is not None:
            self._calls.labels(method, path).observe(head.spent[0])
            self._dumps.labels(method, path).observe(head.spent[1])

    def text(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self._registry)


def _labels(route: Route | None) -> tuple[str, str, str]:
    """Method, path and version; what a client makes up is no label."""
    if route is None:
        return "", "", ""
    if not isinstance(route.service, Served):
        return route.method, route.url, ""
    version = route.service.data_parser.version.name
    return route.method, route.url.replace(f"/{version}/", "/{data_parser}/", 1), version


class _Now(Collector):
    """How things stand when they are asked for."""

    def __init__(self, pool: Pool, connections: Connections, repeats: Repeats) -> None:
        self._pool = pool
        self._connections = connections
        self._repeats = repeats

    def collect(self) -> Iterator[Metric]:
        crews = self._pool.statistics
        for name, text, field in (
            ("workers", "Worker processes that serve", "ready"),
            ("lanes", "Requests that the workers can be at, all together", "lanes"),
            ("lanes_busy", "Requests that they are at", "busy"),
            ("requests_waiting", "Requests that wait for a lane", "waiting"),
        ):
            gauge = GaugeMetricFamily(f"pyslurmrestd_{name}", text, labels=["kind"])
            for kind, crew in crews.items():
                gauge.add_metric([kind], getattr(crew, field))
            yield gauge
        for name, text, field in (
            ("worker_starts", "Workers started", "started"),
            ("worker_deaths", "Workers that ended by themselves", "lost"),
            ("worker_hangs", "Workers ended as they did not answer in time", "hung"),
            ("requests_refused", "Requests that found no room to wait, or no lane", "refused"),
        ):
            counter = CounterMetricFamily(f"pyslurmrestd_{name}", text, labels=["kind"])
            for kind, crew in crews.items():
                counter.add_metric([kind], getattr(crew, field))
            yield counter
        yield CounterMetricFamily(
            "pyslurmrestd_requests_limited",
            "Requests that came too often for their caller",
            self._pool.limited,
        )
        yield GaugeMetricFamily(
            "pyslurmrestd_connections", "Open connections", len(self._connections.connections)
        )
        yield GaugeMetricFamily(
            "pyslurmrestd_waiting_bytes",
            "Bytes of requests that are not answered yet",
            self._connections.budget.used,
        )
        yield GaugeMetricFamily(
            "pyslurmrestd_kept_bytes", "Bytes of answers kept", self._repeats.answers.used
        )
        yield CounterMetricFamily(
            "pyslurmrestd_answers_repeated",
            "Requests answered by what was kept, as nothing had changed",
            self._repeats.served,
        )
        yield CounterMetricFamily(
            "pyslurmrestd_answers_shared",
            "Requests answered by what another one had asked for",
            self._repeats.shared,
        )

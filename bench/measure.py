"""What is measured of both daemons, and how the figures are held against each other."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from client import Client

__all__ = ["Daemon", "Measure", "each", "rate", "spread"]


@dataclass(frozen=True, slots=True)
class Daemon:
    """One of the two."""

    name: str
    pid: int
    client: Client


@dataclass(slots=True)
class Measure:
    """One thing that is measured of both.

    :ivar sample: gives one figure of a daemon, once in each round.
    :ivar unit: ``s`` (seconds per request), ``/s`` (requests per second) or ``MB`` (peak memory).
    :ivar target: the ratio to reach (how many times better than the real one); None: no target.
    :ivar figures: of each round, by the daemon's name.
    """

    name: str
    unit: str
    sample: Callable[[Daemon], float]
    target: float | None = None
    figures: dict[str, list[float]] = field(default_factory=dict)

    def ratios(self, ours: Daemon, real: Daemon) -> list[float]:
        """How many times better ours was in each round: faster, or smaller."""
        pairs = zip(self.figures[ours.name], self.figures[real.name], strict=True)
        return [our / its if self.unit == "/s" else its / our for our, its in pairs]

    def shown(self, daemon: Daemon) -> str:
        return f"{spread(self.figures[daemon.name])} {self.unit}"


def each(url: str, requests: int) -> Callable[[Daemon], float]:
    """Seconds for one whole answer, of so many requests after another."""
    return lambda daemon: daemon.client.load([url], requests=requests).each


def rate(urls: Sequence[str], seconds: float, connections: int = 1) -> Callable[[Daemon], float]:
    """Requests per second over so many connections, in a load of so many seconds."""
    return lambda daemon: daemon.client.load(urls, connections, seconds=seconds).rate


def spread(figures: Sequence[float]) -> str:
    """The median, and the range where there are several."""
    median = _digits(statistics.median(figures))
    if len(figures) == 1:
        return median
    return f"{median} ({_digits(min(figures))}..{_digits(max(figures))})"


def _digits(figure: float) -> str:
    """Three digits that count."""
    return f"{figure:.0f}" if figure >= 100 else f"{figure:#.3g}"

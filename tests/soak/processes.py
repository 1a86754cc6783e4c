"""What a daemon and its workers hold: memory, open files, threads."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from rest_daemon import Daemon

__all__ = ["MOST_MEMORY", "Held", "Samples", "held"]

MOST_MEMORY = 1024.0
"""MiB of all processes at any time."""


@dataclass(frozen=True)
class Held:
    """By one process. Memory in MiB: resident, and its share of it where others share it too."""

    files: int
    threads: int
    rss: float
    pss: float


def held(pid: int) -> Held | None:
    """None where the process has ended."""
    try:
        proc = Path(f"/proc/{pid}")
        rollup = (proc / "smaps_rollup").read_text().splitlines()[1:]
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in rollup}
        files, threads = len(os.listdir(proc / "fd")), len(os.listdir(proc / "task"))
        return Held(files, threads, sizes["Rss"], sizes["Pss"])
    except (OSError, KeyError, IndexError):
        return None


class Samples:
    """Of a daemon's processes, over a time."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._taken: list[tuple[float, Held, list[Held]]] = []

    def take(self) -> None:
        front = held(self._daemon.process.pid)
        workers = [found for pid in self._daemon.workers() if (found := held(pid))]
        if front is not None:
            self._taken.append((time.monotonic(), front, workers))

    def between(self, begin: float, end: float) -> tuple[float, float, float]:
        """MiB of a stretch of time: the front end's median share, that of the largest worker, and
        the most that all had together."""
        taken = [(front, workers) for at, front, workers in self._taken if begin <= at <= end]
        front = statistics.median(front.pss for front, _ in taken)
        largest = statistics.median(
            max((worker.pss for worker in workers), default=0.0) for _, workers in taken
        )
        most = max(front.pss + sum(worker.pss for worker in workers) for front, workers in taken)
        return front, largest, most

"""A ping on standard input, the inetd way: ours against the real slurmrestd, a process for each.

Run in the lab by ``bench/run``, as a user of the cluster, on an environment as the package installs
it. Processor time beside the clock's: a machine with much else to do lengthens only the latter.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from measure import spread

_EACH: Final = 4
"""Processes of the one, then of the other, in a round."""

_TARGET: Final = 8.0

_STAGES: Final = Path(__file__).with_name("one_shot_stages.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", required=True, type=Path, help="where ours is installed")
    parser.add_argument("--version", default="v0.0.45", help="API version")
    parser.add_argument("--rounds", type=int, default=20, help="in each both are measured")
    settings = parser.parse_args()
    request = f"GET /slurm/{settings.version}/ping/ HTTP/1.0\r\n\r\n".encode()
    python = settings.environment / "bin/python"
    commands = {
        "ours": [str(python), str(settings.environment / "bin/pyslurmrestd")],
        "slurmrestd": ["slurmrestd"],
        "the bare interpreter": [str(python), "-c", ""],
    }
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(settings.rounds):
        for name, command in commands.items():
            taken = [_run(command, request, name) for _ in range(_EACH)]
            processor, clock = zip(*taken, strict=True)
            figures[name].append((statistics.fmean(processor), statistics.fmean(clock)))
    print(f"\none ping on standard input, {settings.rounds} rounds in turns: medians (ranges)\n")
    line = "{:24}{:>28}{:>28}{:>24}"
    print(line.format("", "ms of processor time", "ms by the clock", "ratio of processor time"))
    real = [processor for processor, _ in figures["slurmrestd"]]
    for name, rows in figures.items():
        ratios = [processor / its for (processor, _), its in zip(rows, real, strict=True)]
        columns = [spread([row[column] * 1e3 for row in rows]) for column in (0, 1)]
        print(line.format(name, *columns, f"{spread(ratios)} x"))
    ratio = statistics.median(
        processor / its for (processor, _), its in zip(figures["ours"], real, strict=True)
    )
    verdict = "reached" if ratio <= _TARGET else "NOT reached"
    print(f"\nours takes {ratio:.1f} times as long (target {_TARGET:g}: {verdict})\n")
    _print_stages(python, request, settings.rounds)


def _run(command: Sequence[str], request: bytes, name: str) -> tuple[float, float]:
    """Seconds of processor time and of the clock that a process takes for the request."""
    before, begun = _children(), time.perf_counter()
    done = subprocess.run(
        command, input=request, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    taken = time.perf_counter() - begun
    if "-c" not in command and b" 200 OK" not in done.stdout[:20]:
        sys.exit(f"{name}: {done.stdout[:200]!r}")
    return _children() - before, taken


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _print_stages(python: Path, request: bytes, rounds: int) -> None:
    """Where ours goes: each stage's processor time, the median of so many runs."""
    runs: list[dict[str, float]] = []
    for _ in range(rounds):
        before = _children()
        done = subprocess.run(
            [str(python), str(_STAGES)], input=request, capture_output=True, check=True
        )
        stages = {}
        for line in done.stderr.decode().splitlines():
            name, tab, seconds = line.partition("\t")
            if tab:
                stages[name] = float(seconds)
        stages["the end of the process"] = _children() - before - sum(stages.values())
        runs.append(stages)
    for name in runs[0]:
        milliseconds = statistics.median(run[name] for run in runs) * 1e3
        print(f"{name:48}{milliseconds:6.1f} ms")


if __name__ == "__main__":
    main()

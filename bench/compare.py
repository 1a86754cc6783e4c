"""Ours against the real slurmrestd on the same Slurm, in turns; ratios, not times.

Run in the lab by ``bench/run``, on two daemons that have just been started.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from client import Client
from measure import Daemon, Measure, spread
from memory import peak, processes


def main() -> None:
    settings = _arguments()
    token = sys.stdin.readline().strip()
    ours, real = (
        Daemon(name, pid, Client(_address(url), token))
        for name, url, pid in (
            ("ours", settings.ours, settings.ours_pid),
            ("slurmrestd", settings.real, settings.real_pid),
        )
    )
    half = importlib.import_module(settings.half)
    _progress("all of it from each, to see that both tell of as many")
    told = half.same((ours, real), settings.version)
    trees = {daemon.pid: processes(daemon.pid) for daemon in (ours, real)}
    measures = half.measures(ours, settings.version, settings.seconds)
    for number in range(settings.rounds):
        # The first of two may find the controller busier: each is first in turn.
        order = (ours, real) if number % 2 == 0 else (real, ours)
        for measure in measures:
            _progress(f"round {number + 1} of {settings.rounds}: {measure.name}")
            for daemon in order:
                measure.figures.setdefault(daemon.name, []).append(measure.sample(daemon))
    memory = Measure("peak memory", "MB", lambda daemon: peak(daemon.pid) / 1e6, target=10)
    for daemon in (ours, real):
        if processes(daemon.pid) != trees[daemon.pid]:
            sys.exit(f"{daemon.name} has replaced a process: its memory is not known")
        memory.figures[daemon.name] = [memory.sample(daemon)]
    measures.append(memory)
    _report(measures, ours, real, settings, told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog="A token comes on stdin.")
    parser.add_argument("half", choices=("controller", "accounting"), help="what is measured")
    parser.add_argument("--ours", required=True, help="URL of our daemon")
    parser.add_argument("--ours-pid", required=True, type=int)
    parser.add_argument("--real", required=True, help="URL of the real one")
    parser.add_argument("--real-pid", required=True, type=int)
    parser.add_argument("--version", default="v0.0.45", help="API version")
    parser.add_argument("--rounds", type=int, default=8, help="in each both are measured")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each load, in each round")
    parser.add_argument("--results", type=Path, help="where a JSON of all figures is written")
    return parser.parse_args()


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _report(
    measures: Sequence[Measure],
    ours: Daemon,
    real: Daemon,
    settings: argparse.Namespace,
    told: str,
) -> None:
    print(
        f"\n{settings.version}, {told}, {settings.rounds} rounds in turns: medians (ranges); "
        "the ratios are of each round\n"
    )
    line = "{:24}{:>26}{:>26}{:>24}{:>8}  {}"
    print(line.format("", ours.name, real.name, "ratio", "target", "").rstrip())
    results: list[dict[str, Any]] = []
    for measure in measures:
        ratios, target = measure.ratios(ours, real), measure.target
        ratio = statistics.median(ratios)
        verdict = "" if target is None else "reached" if ratio >= target else "NOT reached"
        print(
            line.format(
                measure.name,
                measure.shown(ours),
                measure.shown(real),
                f"{spread(ratios)} x",
                "" if target is None else f"{target:g} x",
                verdict,
            ).rstrip()
        )
        results.append(
            {
                "name": measure.name,
                "unit": measure.unit,
                "figures": measure.figures,
                "ratio": round(ratio, 3),
                "target": target,
                "reached": None if target is None else ratio >= target,
            }
        )
    if settings.results is not None:
        about = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "version": settings.version,
            "half": settings.half,
            "told": told,
            "rounds": settings.rounds,
            "python": platform.python_version(),
            "measures": results,
        }
        settings.results.parent.mkdir(exist_ok=True)
        settings.results.write_text(json.dumps(about, indent=2) + "\n")
        print(f"\nall figures: {settings.results}")


def _progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""Draws what curves.py has measured: ``draw.py curves.json curves.svg``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "curves"

import matplotlib.pyplot as plt  # noqa: E402

WHATS = ("jobs", "nodes", "finished jobs")
LOOKS = {"ours": ("o-", "tab:blue"), "slurmrestd": ("s--", "tab:red"), "alone": ("x:", "black")}
LABELS = {"ours": "pyslurmrestd", "slurmrestd": "slurmrestd", "alone": "calls and dump alone"}


def curve(points: list[dict[str, Any]], what: str, of: str, key: str) -> list[tuple[int, float]]:
    found = [point for point in points if (point["what"], point["of"]) == (what, of)]
    return sorted((point["records"], point[key]) for point in found)


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text())
    figure, axes = plt.subplots(2, len(WHATS), figsize=(12, 7), layout="constrained")
    for column, what in enumerate(WHATS):
        for row, (key, unit, label) in enumerate(
            (("seconds", 1, "seconds for all of them"), ("memory", 1e6, "peak memory, MB"))
        ):
            axis = axes[row][column]
            for of, (line, colour) in LOOKS.items():
                points = curve(told["points"], what, of, key)
                if points:
                    xs, ys = zip(*points, strict=True)
                    axis.plot(xs, [y / unit for y in ys], line, color=colour, label=LABELS[of])
            axis.set(xscale="log", yscale="log", xlabel=what, ylabel=label)
            axis.grid(True, which="both", alpha=0.3)
    axes[0][0].legend()
    figure.suptitle(f"{told['cores']} cores, {told['version']}, {told['when']}")
    figure.savefig(sys.argv[2], metadata={"Date": None})


if __name__ == "__main__":
    main()

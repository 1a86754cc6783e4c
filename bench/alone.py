"""A daemon of ours with more finished jobs than the real one's memory bears: time and memory.

Run in the lab by ``bench/run``, with these jobs in accounting.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

from accounting import JOBS
from client import Client
from memory import peak
from own import started

_MOST: Final = 600e6
"""Bytes that all of the daemon's processes may have taken."""

_TIMEOUT: Final = "600"
"""A busy slurmdbd may take longer than requests usually may."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, epilog="A token comes on stdin.")
    parser.add_argument("--version", default="v0.0.45", help="API version")
    settings = parser.parse_args()
    token = sys.stdin.readline().strip()
    with started(PYSLURMRESTD_TIMEOUT=_TIMEOUT) as (pid, port):
        load = Client(("127.0.0.1", port), token).load(
            [f"/slurmdb/{settings.version}/{JOBS}"], requests=1
        )
        taken = peak(pid)
    verdict = "reached" if taken <= _MOST else "NOT reached"
    print(
        f"\n100,000 finished jobs by ours alone: {load.seconds:.1f} s, peak memory "
        f"{taken / 1e6:.0f} MB (target {_MOST / 1e6:.0f} MB: {verdict})"
    )


if __name__ == "__main__":
    main()

"""Ours alone with more finished jobs than the real daemon's memory bears: time and memory.

Run in the lab by ``bench/run``, on a daemon that has just been started.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final
from urllib.parse import urlsplit

from accounting import JOBS
from client import Client
from memory import peak

_MOST: Final = 600e6
"""Bytes that all of the daemon's processes may have taken."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, epilog="A token comes on stdin.")
    parser.add_argument("--ours", required=True, help="URL of our daemon")
    parser.add_argument("--ours-pid", required=True, type=int)
    parser.add_argument("--version", default="v0.0.45", help="API version")
    settings = parser.parse_args()
    parts = urlsplit(settings.ours)
    assert parts.hostname is not None
    assert parts.port is not None
    client = Client((parts.hostname, parts.port), sys.stdin.readline().strip())
    load = client.load([f"/slurmdb/{settings.version}/{JOBS}"], requests=1)
    taken = peak(settings.ours_pid)
    verdict = "reached" if taken <= _MOST else "NOT reached"
    print(
        f"\n100,000 finished jobs by ours alone: {load.seconds:.1f} s, peak memory "
        f"{taken / 1e6:.0f} MB (target {_MOST / 1e6:.0f} MB: {verdict})"
    )


if __name__ == "__main__":
    main()

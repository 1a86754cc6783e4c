"""A daemon of ours with more finished jobs than the real one's memory bears: time and memory.

Run in the lab by ``bench/run``, with these jobs in accounting.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from typing import Final

from accounting import JOBS
from client import Client
from memory import peak

_MOST: Final = 600e6
"""Bytes that all of the daemon's processes may have taken."""

_TIMEOUT: Final = "600"
"""A busy slurmdbd may take longer than requests usually may."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, epilog="A token comes on stdin.")
    parser.add_argument("--version", default="v0.0.45", help="API version")
    settings = parser.parse_args()
    token = sys.stdin.readline().strip()
    with subprocess.Popen(
        ["pyslurmrestd", "127.0.0.1:0"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYSLURMRESTD_TIMEOUT": _TIMEOUT},
        user="restd",
        group="restd",
        extra_groups=(),
    ) as daemon:
        try:
            client = Client(("127.0.0.1", _port(daemon)), token)
            load = client.load([f"/slurmdb/{settings.version}/{JOBS}"], requests=1)
            taken = peak(daemon.pid)
        finally:
            daemon.terminate()
    verdict = "reached" if taken <= _MOST else "NOT reached"
    print(
        f"\n100,000 finished jobs by ours alone: {load.seconds:.1f} s, peak memory "
        f"{taken / 1e6:.0f} MB (target {_MOST / 1e6:.0f} MB: {verdict})"
    )


def _port(daemon: subprocess.Popen[str]) -> int:
    assert daemon.stderr is not None
    for line in daemon.stderr:
        found = re.search(r"listening on .*:(\d+)$", line)
        if found:
            return int(found[1])
    raise RuntimeError("the daemon does not start")


if __name__ == "__main__":
    main()

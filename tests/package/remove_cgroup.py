"""Removes what is left of a machine's cgroup: ``python remove_cgroup.py DIR CGROUP``.

Its processes are gone, or about to go.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from start_machine import keep_mounts_here, mount


def main(directory: Path, cgroup: str) -> None:
    keep_mounts_here()
    mount("cgroup2", directory)
    top = directory / cgroup
    end = time.monotonic() + 10
    while top.exists():
        try:
            for path, _, _ in os.walk(top, topdown=False):
                os.rmdir(path)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

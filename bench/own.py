"""A daemon of ours that a benchmark starts for itself."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["started"]


@contextmanager
def started(**environment: str) -> Iterator[tuple[int, int]]:
    """Its process id and its port on 127.0.0.1, while this is entered."""
    with subprocess.Popen(
        ["pyslurmrestd", "--access-log", "off", "127.0.0.1:0"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        user="restd",
        group="restd",
        extra_groups=(),
    ) as daemon:
        try:
            yield daemon.pid, _port(daemon)
        finally:
            daemon.terminate()


def _port(daemon: subprocess.Popen[str]) -> int:
    assert daemon.stderr is not None
    for line in daemon.stderr:
        found = re.search(r"listening on .*:(\d+)$", line)
        if found:
            return int(found[1])
    raise RuntimeError("the daemon does not start")

"""Our answers beside a real daemon's: who answers a version, and what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["SERVED", "differences"]

SERVED = {
    "v0.0.40": "24.11",
    "v0.0.41": "24.11",
    "v0.0.42": "26.05",
    "v0.0.43": "26.05",
    "v0.0.44": "26.05",
    "v0.0.45": "26.05",
}
"""The release of the real daemon whose answers a version follows."""

VOLATILE = frozenset(
    {
        # Times and measures that pass between two calls.
        "last_update",
        "last_backfill",
        "last_sched_evaluation",
        "latency",
        "cpu_load",
        "free_mem",
        "last_busy",
        # Who asked from where: the real daemons name themselves here, see docs/deviations.md.
        "client",
    }
)

RELEASE_OF_THE_DAEMON = frozenset({"release", "version"})
"""``meta.slurm`` tells the release of the daemon itself."""


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where two answers differ: types, keys and their order, values that hold still."""
    if type(ours) is not type(theirs):
        yield f"{path}: {ours!r:.80} is not {theirs!r:.80}"
    elif isinstance(ours, dict):
        if list(ours) != list(theirs):
            yield f"{path}: keys {list(ours)} are not {list(theirs)}"
        for key in ours.keys() & theirs.keys():
            in_meta = path == "meta/slurm" and key in RELEASE_OF_THE_DAEMON
            if key not in VOLATILE and not in_meta:
                yield from differences(ours[key], theirs[key], f"{path}/{key}".lstrip("/"))
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} elements are not {len(theirs)}"
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(mine, other, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}: {ours!r:.120} is not {theirs!r:.120}"

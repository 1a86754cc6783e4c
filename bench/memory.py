"""The memory of a daemon: of all its processes, from /proc."""

from __future__ import annotations

from pathlib import Path

__all__ = ["peak", "processes"]


def processes(pid: int) -> list[int]:
    """A process and all that come from it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += processes(int(child))
    return found


def peak(pid: int) -> int:
    """Bytes: each process's own peak of resident memory (VmHWM), summed over the tree.

    Pages that several processes share count once for each of them, and the peaks need not have
    been at the same time: a tree of several processes looks no smaller than it was.
    """
    return sum(_field(process, "VmHWM") for process in processes(pid))


def _field(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.removesuffix("kB")) * 1024
    raise RuntimeError(f"process {pid} has no {name}")

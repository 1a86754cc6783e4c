"""Slurm's notations of a job's layout: node counts, task distributions, CPU frequencies.

They are those of ``sbatch --nodes``, ``--distribution`` and ``--cpu-freq``. What follows none of
them is None.
"""

from __future__ import annotations

import re
from typing import Final

from pyslurmrestd.record import record

PLANE_DISTRIBUTION: Final = 4
UNKNOWN_DISTRIBUTION: Final = 0x2000
_ARBITRARY: Final = 3
_NODES: Final = {"cyclic": 0x1, "block": 0x2}
_SOCKETS: Final = {"cyclic": 0x10, "block": 0x20, "fcyclic": 0x30}
_CORES: Final = {"cyclic": 0x100, "block": 0x200, "fcyclic": 0x300}
_PACKING: Final = {"pack": 0x800000, "nopack": 0x400000}
"""The numbers of ``enum task_dist_states`` (slurm.h): a part for nodes, sockets, cores, packing."""

_PLANE: Final = re.compile(r"plane[^=]*=\s*\+?([0-9]{1,12})", re.IGNORECASE | re.ASCII)
_COUNT: Final = re.compile(r"\s*\+?([0-9]{1,12})([km]?)\s*", re.IGNORECASE | re.ASCII)
_SIZES: Final = re.compile(r"([0-9]{1,12})(?:-([0-9]{1,12})(?::([0-9]{1,12}))?)?")
_FREQUENCY: Final = re.compile(r"([^:-]+)(?:-([^:]*))?(?::(.*))?")

_UNITS: Final = {"": 1, "k": 1024, "m": 1024 * 1024}
_MOST_NODES: Final = 0x7FFFFFFF
_SIZE_LIMIT: Final = 16384
"""What a job's size may not reach in a list of sizes (slurm.h: MAX_JOB_SIZE_BITMAP)."""

_GOVERNORS: Final = {
    "co": 0x88000000,
    "perf": 0x82000000,
    "pow": 0x81000000,
    "user": 0x80800000,
    "onde": 0x84000000,
    "sche": 0x80400000,
}
"""The beginnings of governors' names with the numbers of CPU_FREQ_CONSERVATIVE and so on."""

_USERSPACE: Final = _GOVERNORS["user"]

_SPEEDS: Final = {
    "lo": 0x80000001,
    "him1": 0x80000004,
    "highm1": 0x80000004,
    "hi": 0x80000003,
    "med": 0x80000002,
}
"""The beginnings of words for frequencies with the numbers of CPU_FREQ_LOW and so on."""


@record
class Distribution:
    """How tasks are laid out.

    :ivar number: of ``enum task_dist_states``.
    :ivar text: as SLURM_DISTRIBUTION says it.
    :ivar plane: the tasks in a plane, for a plane distribution.
    """

    number: int
    text: str
    plane: int | None = None

    @property
    def arbitrary(self) -> bool:
        return self.number & 0xFFFF == _ARBITRARY


def read_distribution(text: str) -> Distribution | None:
    """What a text like ``block:cyclic,pack`` or ``plane=4`` means."""
    text = text.lower()
    if text.startswith("plane"):
        match = _PLANE.fullmatch(text)
        size = int(match[1]) if match else 0
        return Distribution(PLANE_DISTRIBUTION, "plane", size) if 0 < size <= 0xFFFF else None
    base, _, packing = text.partition(",")
    if base in _PACKING and not packing:
        return Distribution(UNKNOWN_DISTRIBUTION | _PACKING[base], base)
    words = _fill_in(base.split(":"))
    number = _number_of(words)
    if number is None or (packing and packing not in _PACKING):
        return None
    if number == _ARBITRARY:
        words = ["arbitrary"]
    parts = [":".join(words), packing] if packing else [":".join(words)]
    return Distribution(number | _PACKING.get(packing, 0), ",".join(parts))


def _fill_in(words: list[str]) -> list[str]:
    """The words with each ``*`` replaced by the default of its level."""
    filled: list[str] = []
    for level, word in enumerate(words):
        if word == "*":
            word = ("block", "cyclic", filled[-1] if filled else "")[min(level, 2)]
        filled.append(word)
    return filled


def _number_of(words: list[str]) -> int | None:
    if words in (["arbitrary"], ["hostfile"]):
        return _ARBITRARY
    levels = (_NODES, _SOCKETS, _CORES)
    if len(words) > len(levels):
        return None
    number = 0
    for level, word in zip(levels, words, strict=False):
        if word not in level:
            return None
        number |= level[word]
    return number


def read_node_count(text: str) -> tuple[int, int, str] | None:
    """The least and the most nodes, and the sizes allowed where there is a list of them."""
    if "," in text or ":" in text:
        return _read_sizes(text)
    low_text, dash, high_text = text.partition("-")
    low = _read_count(low_text)
    high = _read_count(high_text) if dash else low
    if low is None or high is None or high < low:
        return None
    return low, high, ""


def _read_count(text: str) -> int | None:
    match = _COUNT.fullmatch(text)
    if match is None:
        return None
    count = int(match[1]) * _UNITS[match[2].lower()]
    return count if count <= _MOST_NODES else None


def _read_sizes(text: str) -> tuple[int, int, str] | None:
    sizes: set[int] = set()
    for part in text.split(","):
        match = _SIZES.fullmatch(part.strip())
        if match is None:
            return None
        low, high, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
        # Slurm: a step is understood for a single range only.
        if high < low or high >= _SIZE_LIMIT or not step or (match[3] and "," in text):
            return None
        sizes.update(range(low, high + 1, step))
    return min(sizes), max(sizes), _as_ranges(sorted(sizes))


def _as_ranges(numbers: list[int]) -> str:
    """``1-3,5`` for 1, 2, 3, 5."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{low}-{high}" if low < high else str(low) for low, high in ranges)


def read_frequency(text: str) -> tuple[int, int, int] | None:
    """The lowest and the highest frequency and the governor; 0 for what is not given."""
    match = _FREQUENCY.fullmatch(text)
    if match is None:
        return None
    first, last, named = match.groups()
    governor = _begins(first, _GOVERNORS)
    if governor:
        return None if last is not None or named is not None else (0, 0, governor)
    speed = _speed(first)
    if not speed:
        return None
    governor = _begins(named, _GOVERNORS) if named is not None else 0
    if last is None:
        # Slurm: a single frequency is for the userspace governor.
        return (0, speed, _USERSPACE) if named is None or governor == _USERSPACE else None
    highest = _speed(last)
    if highest < speed or not governor or governor == _USERSPACE:
        return None
    return speed, highest, governor


def _speed(text: str) -> int:
    """A frequency in kHz, or the number of a word for one; 0 for neither."""
    number = _begins(text, _SPEEDS)
    if number:
        return number
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return int(digits) if len(digits) < 20 and int(digits) <= 0xFFFFFFFF else 0


def _begins(text: str, words: dict[str, int]) -> int:
    return next((number for word, number in words.items() if text.lower().startswith(word)), 0)

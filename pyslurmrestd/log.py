"""Log lines on standard error: Slurm's levels, one line each, prefixed for the journal."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Final

__all__ = ["LEVELS", "VERBOSE", "Fatal", "configure", "level", "level_name", "log"]

log: Final = logging.getLogger("pyslurmrestd")

VERBOSE: Final = 15

LEVELS: Final[dict[str, int]] = {
    "quiet": logging.CRITICAL + 1,
    "fatal": logging.CRITICAL,
    "error": logging.ERROR,
    "info": logging.INFO,
    "verbose": VERBOSE,
    "debug": logging.DEBUG,
    "debug2": 9,
    "debug3": 8,
    "debug4": 7,
    "debug5": 6,
}
"""Slurm's levels in order (a number names one by its place) as those of :mod:`logging`."""

_ORDER: Final = tuple(LEVELS)

# Syslog's severities, by the lowest level that they are used from.
_SEVERITIES: Final = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
    (0, 7),
)


class Fatal(Exception):
    """The daemon cannot go on: its text is logged and the process ends with status 1."""


def level(text: str) -> str:
    """The name of a level that is given by name or by number.

    Raises ValueError when there is none.
    """
    text = text.strip().lower()
    if text.isdecimal():
        return _ORDER[min(int(text), len(_ORDER) - 1)]
    if text not in LEVELS:
        raise ValueError(text)
    return text


def configure(name: str, more: int = 0) -> None:
    """Log to standard error from here on.

    :param name: one of :data:`LEVELS`.
    :param more: so many levels beyond it (``-v``).
    """
    chosen = _ORDER[min(_ORDER.index(name) + more, len(_ORDER) - 1)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JournalLine() if _is_journal() else _Line())
    # Only our own lines: libraries report what they cannot handle by raising.
    log.handlers[:] = [handler]
    log.propagate = False
    log.setLevel(LEVELS[chosen])


def level_name() -> str:
    """The level in force, or the next one that :mod:`logging` itself has a name for."""
    number = log.getEffectiveLevel()
    for name in ("DEBUG", "INFO", "WARNING", "ERROR"):
        if number <= int(getattr(logging, name)):
            return name
    return "CRITICAL"


def _is_journal() -> bool:
    """Whether standard error is the stream that systemd says the journal reads."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return (device, inode) == (str(stderr.st_dev), str(stderr.st_ino))


def _message(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.exc_info:
        text += "\n" + logging.Formatter().formatException(record.exc_info)
    return text


class _Line(logging.Formatter):
    """``[2026-11-21T02:53:20.677] error: text``; information has no word for its level."""

    def format(self, record: logging.LogRecord) -> str:
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
        word = "" if record.levelno == logging.INFO else f"{_word(record.levelno)}: "
        return f"[{now}.{int(record.msecs):03d}] {word}{_message(record)}"


class _JournalLine(logging.Formatter):
    """Severity in front of each line, as the journal reads it; the journal has the time."""

    def format(self, record: logging.LogRecord) -> str:
        severity = next(number for start, number in _SEVERITIES if record.levelno >= start)
        return "\n".join(f"<{severity}>{line}" for line in _message(record).splitlines())


def _word(number: int) -> str:
    if number == logging.WARNING:
        return "warning"
    return next((name for name, value in LEVELS.items() if value == number), "debug")

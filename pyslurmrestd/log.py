"""Log lines on standard error: Slurm's levels, one line each, prefixed for the journal.

Not by :mod:`logging`: who answers one request from standard input has no time to import it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .log_writer import LogWriter

__all__ = [
    "DEBUG",
    "ERROR",
    "INFO",
    "LEVELS",
    "VERBOSE",
    "WARNING",
    "Fatal",
    "configure",
    "level",
    "level_name",
    "log",
    "log_line",
    "log_printed",
    "write_apart",
    "write_here",
]

FATAL: Final = 50
ERROR: Final = 40
WARNING: Final = 30
INFO: Final = 20
VERBOSE: Final = 15
DEBUG: Final = 10

LEVELS: Final[dict[str, int]] = {
    "quiet": FATAL + 1,
    "fatal": FATAL,
    "error": ERROR,
    "info": INFO,
    "verbose": VERBOSE,
    "debug": DEBUG,
    "debug2": 9,
    "debug3": 8,
    "debug4": 7,
    "debug5": 6,
}
"""Slurm's levels in order: a number names one by its place."""

_ORDER: Final = tuple(LEVELS)

_LAST_SECONDS: Final = 1.0

_MOST_LINES: Final = 256
"""Lines that wait to be written together."""

# Syslog's severities, by the lowest level that they are used from.
_SEVERITIES: Final = (
    (FATAL, 2),
    (ERROR, 3),
    (WARNING, 4),
    (INFO, 6),
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
    log.out = _journal if _is_journal() else _plain
    log.level = LEVELS[chosen]


def level_name() -> str:
    """The level in force, or the next one that :mod:`logging` has a name for: workers use it."""
    names = {DEBUG: "DEBUG", INFO: "INFO", WARNING: "WARNING", ERROR: "ERROR"}
    return next((name for number, name in names.items() if log.level <= number), "CRITICAL")


def _is_journal() -> bool:
    """Whether standard error is the stream that systemd says the journal reads."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return (device, inode) == (str(stderr.st_dev), str(stderr.st_ino))


def log_line(text: str, *, bare: bool = False) -> None:
    """Log a request's line at level info. It may wait for others, to be written with them.

    :param bare: nothing stands before the text but what the journal takes away again.
    """
    if log.level <= INFO:
        log.out.add(INFO, time.time(), text, bare)


def log_printed(text: str) -> None:
    """Log what somebody else has printed, at the level that its first words name."""
    match = _severity().match(text)
    log.log(LEVELS.get(match[1].lower(), WARNING) if match else WARNING, "%s", text)


@lru_cache(1)
def _severity() -> re.Pattern[str]:
    return re.compile(
        r"(?:[^:\s]+(?: [0-9]+)?: )*?(fatal|error|warning|info|verbose|debug[2-5]?):",
        re.IGNORECASE,
    )


def write_apart(later: Callable[[Callable[[], None]], object]) -> None:
    """From here on a thread writes the log, and the lines of requests several at a time.

    Whoever reads standard error may stop reading: the daemon goes on, and lines that find no
    room are dropped and counted. A write costs as much as a request does.

    :param later: calls what it is given a little later.
    """
    from .log_writer import LogWriter

    log.out.flush()
    log.out.later = later
    log.out.writer = log.out.writer or LogWriter(2, log.out.gap)


def write_here() -> None:
    """Write each line at once again; what still waits has a second to be written.

    Where nobody reads it, the thread stays: no later line shall wait for that.
    """
    for out in (_plain, _journal):
        out.later = None
        out.flush()
        if out.writer is not None and out.writer.close(_LAST_SECONDS):
            out.writer = None


class _StandardError:
    """Writes whole lines at once, so those of several processes do not mix.

    :ivar later: see :func:`write_apart`.
    :ivar writer: what takes the lines; None where they are written here.
    """

    def __init__(self) -> None:
        self.later: Callable[[Callable[[], None]], object] | None = None
        self.writer: LogWriter | None = None
        self._lines: list[tuple[int, float, str, bool]] = []

    def emit(self, number: int, text: str) -> None:
        """Write a line, and what waited for it, at once."""
        self._lines.append((number, time.time(), text, False))
        self.flush()

    def add(self, number: int, now: float, text: str, bare: bool = False) -> None:
        self._lines.append((number, now, text, bare))
        if self.later is None or len(self._lines) >= _MOST_LINES:
            self.flush()
        elif len(self._lines) == 1:
            self.later(self.flush)

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if not lines:
            return
        text = "".join(
            text + "\n" if bare else self.line(number, now, text)
            for number, now, text, bare in lines
        ).encode(errors="backslashreplace")
        if self.writer is not None:
            self.writer.put(text)
        else:
            with suppress(OSError):  # nobody reads the log any more
                os.write(2, text)

    def gap(self, lines: int) -> bytes:
        """The line that stands for some that were dropped."""
        text = f"{lines} lines are missing here: standard error did not take them"
        return self.line(WARNING, time.time(), text).encode()

    def line(self, number: int, now: float, text: str) -> str:
        """``[2026-11-21T02:53:20.677] error: text``; information has no word for its level."""
        word = "" if number == INFO else f"{_word(number)}: "
        return f"[{_second(int(now))}.{int(now % 1 * 1000):03}] {word}{text}\n"


class _Journal(_StandardError):
    def add(self, number: int, now: float, text: str, bare: bool = False) -> None:
        super().add(number, now, text)

    def line(self, number: int, now: float, text: str) -> str:
        """Severity in front of each line, as the journal reads it; the journal has the time."""
        severity = next(severity for start, severity in _SEVERITIES if number >= start)
        return "".join(f"<{severity}>{line}\n" for line in text.splitlines())


_plain: Final = _StandardError()
_journal: Final = _Journal()


class _Log:
    """Takes what is to be logged, if the level in force lets it through.

    :ivar level: the lowest number that is written.
    :ivar out: where to.
    """

    def __init__(self) -> None:
        self.level = WARNING
        self.out: _StandardError = _plain

    def log(
        self, number: int, text: str, *values: object, error: BaseException | None = None
    ) -> None:
        """Log a text with its values, and the traceback of an error."""
        if number < self.level:
            return
        text = text % values if values else text
        if error is not None:
            import traceback

            text += "\n" + "".join(traceback.format_exception(error)).rstrip("\n")
        self.out.emit(number, text)

    def debug(self, text: str, *values: object) -> None:
        self.log(DEBUG, text, *values)

    def info(self, text: str, *values: object) -> None:
        self.log(INFO, text, *values)

    def warning(self, text: str, *values: object) -> None:
        self.log(WARNING, text, *values)

    def error(self, text: str, *values: object, error: BaseException | None = None) -> None:
        self.log(ERROR, text, *values, error=error)

    def critical(self, text: str, *values: object) -> None:
        self.log(FATAL, text, *values)


log: Final = _Log()


@lru_cache(2)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now))


def _word(number: int) -> str:
    if number == WARNING:
        return "warning"
    return next((name for name, value in LEVELS.items() if value == number), "debug")

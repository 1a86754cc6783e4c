"""Slurm's notation of dates and times: ``now+1hour``, ``2026-01-31T12:00``, ``tomorrow noon``.

The notation is that of ``sbatch --begin``; without a date the next such time is meant, without
a time midnight, without a year the next such date.
"""

from __future__ import annotations

import re
import time
from typing import Final

_BLANKS: Final = re.compile(r"[ \t\-T]+")
_EPOCH: Final = re.compile(r"uts\s*\+?([0-9]{1,18})", re.IGNORECASE | re.ASCII)
_NOW: Final = re.compile(
    r"now[ \t]*(?:([+-])\s*([0-9]{1,9})\s*(?:(second|minute|hour|day|week)s?|$)|$)",
    re.IGNORECASE | re.ASCII,
)
_DAY: Final = re.compile(r"today|tomorrow", re.IGNORECASE)
_HOUR: Final = re.compile(r"midnight|noon|elevenses|fika|teatime", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*(am|pm)?", re.IGNORECASE | re.ASCII
)
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{1,2})")
_SHORT: Final = re.compile(r"([0-9]{1,2}+)[./]?([0-9]{1,2}+)[./]?([0-9]{2})?")

_UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_HOURS: Final = {"midnight": 0, "noon": 12, "elevenses": 11, "fika": 15, "teatime": 16}
_DAY_SECONDS: Final = 86400
_EARLIEST_EPOCH: Final = 1_000_000
"""Slurm takes ``uts`` followed by less for a mistake."""


def read_date(text: str, now: float | None = None) -> int | None:
    """Seconds since 1970, or None when the text is no date.

    :param now: the present, in seconds since 1970.
    """
    epoch = _EPOCH.fullmatch(text)
    if epoch is not None:
        seconds = int(epoch[1])
        return seconds if seconds >= _EARLIEST_EPOCH else None
    moment = _Moment(int(time.time() if now is None else now))
    text = text.partition("\n")[0]
    position = 0
    while position < len(text):
        length = moment.read(text, position)
        if not length:
            return None
        position += length
    return moment.seconds()


class _Moment:
    """A date and time, read piece by piece."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.date: tuple[int | None, int, int] | None = None
        self.clock: tuple[int, int, int] | None = None

    def read(self, text: str, position: int) -> int:
        """Take the piece at the position; how long it is, 0 if it is none."""
        if match := _DAY.match(text, position):
            self._set_day(self.now + (_DAY_SECONDS if len(match[0]) > 5 else 0))
        elif match := _HOUR.match(text, position):
            self.clock = (_HOURS[match[0].lower()], 0, 0)
        elif match := _NOW.match(text, position):
            count = int((match[1] or "") + (match[2] or "0"))
            seconds = self.now + count * _UNITS[(match[3] or "second").lower()]
            self._set_day(seconds)
            self.clock = time.localtime(seconds)[3:6]
        elif match := _BLANKS.match(text, position):
            pass
        elif match := _CLOCK.match(text, position):
            if not self._set_clock(match):
                return 0
        else:
            match = _ISO.match(text, position) or _SHORT.match(text, position)
            if match is None or not self._set_date(match):
                return 0
        return match.end() - position

    def seconds(self) -> int | None:
        """Seconds since 1970, with what was left out filled in."""
        if self.date is None and self.clock is None:
            return None
        hour, minute, second = self.clock or (0, 0, 0)
        today = time.localtime(self.now)
        if self.date is None:
            passed = (hour, minute) <= (today.tm_hour, today.tm_min)
            self._set_day(self.now + (_DAY_SECONDS if passed else 0))
        assert self.date is not None
        year, month, day = self.date
        if year is None:
            present = (today.tm_mon, today.tm_mday, today.tm_hour, today.tm_min)
            year = today.tm_year + ((month, day, hour, minute) <= present)
        try:
            return int(time.mktime((year, month, day, hour, minute, second, 0, 0, -1)))
        except OverflowError:
            return None

    def _set_day(self, seconds: int) -> None:
        self.date = time.localtime(seconds)[:3]

    def _set_clock(self, match: re.Match[str]) -> bool:
        hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
        if hour > 23 or minute > 59 or second > 59:
            return False
        half = (match[4] or "").lower()
        if half and hour > 12:
            return False
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        self.clock = (hour, minute, second)
        return True

    def _set_date(self, match: re.Match[str]) -> bool:
        year: int | None
        if match.re is _ISO:
            year, month, day = (int(part) for part in match.groups())
        else:
            month, day, short = (int(part or 0) for part in match.groups())
            # Slurm: the year 00 is none.
            year = 2000 + short if short else None
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return False
        self.date = (year, month, day)
        return True

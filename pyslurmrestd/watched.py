"""Files that an administrator replaces while the daemon runs: keys, certificates."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from .log import Fatal, log

__all__ = ["Watched", "contents"]

_Made = TypeVar("_Made")

_LARGEST: Final = 1 << 20
"""Bytes of a file."""

_LOOK_SECONDS: Final = 1.0
"""How often the files are looked at."""


class Watched(Generic[_Made]):
    """What is made of files, made anew once they have changed.

    What was made before stays where they cannot be read again: a file that is just being written
    takes nothing away.

    :param what: as messages call it.
    :param make: reads the files; raises OSError and ValueError. Fatal for the first time.
    :ivar generation: counts how often it was made.
    """

    def __init__(self, what: str, paths: Sequence[str], make: Callable[[], _Made]) -> None:
        self.generation = 0
        self._what = what
        self._paths = paths
        self._make = make
        self._looked = 0.0
        self._seen: list[tuple[int, ...]] = []
        try:
            self._made = self._load()
        except (OSError, ValueError) as error:
            raise Fatal(f"Unable to read {self._named}: {_reason(error)}") from error

    @property
    def now(self) -> _Made:
        """What the files give now, or at most a second ago."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            self._look()
        return self._made

    @property
    def _named(self) -> str:
        return f"{self._what} from {' and '.join(self._paths)}"

    def _look(self) -> None:
        try:
            if self._state() == self._seen:
                return
            self._made = self._load()
        except (OSError, ValueError) as error:
            log.error("unable to read %s again: %s", self._named, _reason(error))
        else:
            log.info("read %s again", self._named)

    def _load(self) -> _Made:
        self._seen = self._state()
        made = self._make()
        self.generation += 1
        return made

    def _state(self) -> list[tuple[int, ...]]:
        states = [os.stat(path) for path in self._paths]
        return [(state.st_mtime_ns, state.st_size, state.st_ino) for state in states]


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def contents(path: str) -> bytes:
    """A file's bytes. Raises OSError, and ValueError for a file that is too long."""
    with open(path, "rb") as source:
        data = source.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"longer than {_LARGEST} bytes")
    return data

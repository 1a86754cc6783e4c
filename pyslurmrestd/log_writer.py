"""The log's way out: a thread writes it, so nobody else waits for who reads standard error."""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

__all__ = ["MOST_WAITING", "LogWriter"]

MOST_WAITING: Final = 1 << 20
"""Bytes that may wait to be written; what comes beyond them is dropped, and counted."""


class _Gap:
    """Stands where so many lines are missing."""

    lines = 0


class LogWriter:
    """Writes to a file descriptor, in order, from a thread of its own.

    :param tell: makes the line that tells how many were dropped; it stands in their place.
    """

    def __init__(self, descriptor: int, tell: Callable[[int], bytes]) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._waiting: deque[bytes | _Gap] = deque()
        self._size = 0
        self._busy = False
        self._changed = threading.Condition()
        self._closing = False
        # A daemon thread: one that is stuck keeps no process from its end.
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def put(self, text: bytes) -> None:
        """Write whole lines some time soon. Never waits for that."""
        with self._changed:
            if self._size + len(text) <= MOST_WAITING:
                self._size += len(text)
                self._waiting.append(text)
            else:
                gap = self._waiting[-1] if self._waiting else None
                if not isinstance(gap, _Gap):
                    gap = _Gap()
                    self._waiting.append(gap)
                gap.lines += text.count(b"\n")
            self._changed.notify()

    def close(self, seconds: float) -> bool:
        """Wait so long for what is left to be written; gives whether it is. Then the thread ends.

        What is not written by then stays where it was, and so does the thread.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._waiting or self._busy:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._closing:
                        return
                    self._changed.wait()
                text = self._waiting.popleft()
                self._busy = True
            written = self._tell(text.lines) if isinstance(text, _Gap) else text
            with suppress(OSError):  # nobody reads the log any more
                _write(self._descriptor, written)
            with self._changed:
                self._busy = False
                if not isinstance(text, _Gap):
                    self._size -= len(text)
                self._changed.notify_all()


def _write(descriptor: int, text: bytes) -> None:
    left = memoryview(text)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:  # somebody who shares it has made it so
            select.select((), (descriptor,), ())

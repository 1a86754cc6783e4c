"""The log's way out: a thread writes it, so nobody else waits for who reads standard error."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
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
        self._lost = 0  # lines that could not be written, and are yet to be told
        self._torn = False  # the last line that was written is not whole
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
        if not self.flush(seconds):
            return False
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        return True

    def flush(self, seconds: float) -> bool:
        """Wait so long until nothing waits to be written; gives whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._busy), seconds)

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
            self._write(written)
            with self._changed:
                self._busy = False
                if not isinstance(text, _Gap):
                    self._size -= len(text)
                self._changed.notify_all()

    def _write(self, text: bytes) -> None:
        """Write whole lines, after what is to be told of those that found no room.

        A disk may be full, and have room later; a reader may be gone for good.
        """
        ahead = b"\n" if self._torn else b""
        if self._lost:
            ahead += self._tell(self._lost)
        whole = ahead + text
        done = _write(self._descriptor, whole)
        if done >= len(ahead):
            self._lost = 0
        if done:
            self._torn = whole[done - 1 : done] != b"\n"
        self._lost += whole.count(b"\n", max(done, len(ahead)))


def _write(descriptor: int, text: bytes) -> int:
    """Write as much as there is room for; gives how many bytes that was."""
    done, whole = 0, memoryview(text)
    while done < len(whole):
        try:
            done += os.write(descriptor, whole[done:])
        except BlockingIOError:  # somebody who shares it has made it so
            select.select((), (descriptor,), ())
        except OSError:
            break
    return done

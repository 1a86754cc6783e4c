"""What a worker prints, libslurm's messages included: a pipe whose lines go into the log.

A worker that wrote to the daemon's own standard error would wait, in the middle of a call, for
whoever reads that.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

__all__ = ["Printed"]

_LONGEST_LINE: Final = 4096
_AT_ONCE: Final = 64 << 10


class Printed:
    """The reading end of a worker's standard output and error.

    :param tell: takes each line.
    :ivar sink: the writing end, for the process.
    :ivar last: the last line.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, tell: Callable[[str], None]) -> None:
        self.last = ""
        self._loop = loop
        self._tell = tell
        self._begun = b""  # of a line that is not complete
        self._source, self.sink = os.pipe()
        os.set_blocking(self._source, False)
        loop.add_reader(self._source, self._read)

    def passed(self) -> None:
        """The process has the writing end; here it is of no more use."""
        os.close(self.sink)

    def finish(self) -> None:
        """Take what the process, which has ended, has left."""
        while self._source >= 0 and self._read():
            pass
        self._close()

    def _read(self) -> bool:
        """Take what is there; False when nothing was."""
        try:
            data = os.read(self._source, _AT_ONCE)
        except BlockingIOError:
            return False
        if not data:
            self._close()
            return False
        *lines, self._begun = (self._begun + data).split(b"\n")
        while len(self._begun) > _LONGEST_LINE:
            lines.append(self._begun[:_LONGEST_LINE])
            self._begun = self._begun[_LONGEST_LINE:]
        for line in lines:
            self._line(line)
        return True

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="backslashreplace").rstrip()
        if text:
            self.last = text[:_LONGEST_LINE]
            self._tell(self.last)

    def _close(self) -> None:
        if self._source >= 0:
            self._loop.remove_reader(self._source)
            os.close(self._source)
            self._source = -1
            self._line(self._begun)
            self._begun = b""

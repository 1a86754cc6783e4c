"""One worker as the front end sees it: its process, its lanes, its beginning and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from typing import Final, Protocol

import orjson

from ..application.protocol import Hello, Kind
from ..auth.environment import set_identity
from ..log import DEBUG, ERROR, log, log_printed
from .exchange import Lane
from .frames import decode_hello
from .printed import Printed
from .settings import PoolSettings

__all__ = ["Child", "ChildOwner", "StartFailed"]

_END_TIMEOUT: Final = 3.0
"""Seconds that a worker told to end may take before it is killed."""


class StartFailed(Exception):
    """A worker ended, or took too long, before its Hello."""


class ChildOwner(Protocol):
    """Whom a child tells what happens to it: the crew it belongs to."""

    def watch(self, expires: float) -> None: ...
    def lane_free(self, child: Child, lane: Lane) -> None: ...
    def child_hung(self, child: Child) -> None: ...
    def child_lost(self, child: Child) -> None: ...
    def child_ended(self, child: Child, how: str) -> None: ...


class Child:
    """A worker process.

    :ivar hello: what it told at its start; None before.
    :ivar free: the lanes that wait for a request.
    :ivar leaving: it gets no more requests, and ends when its last answer is out.
    :ivar ended: done when the process is gone; its result says how it ended.
    """

    def __init__(self, kind: Kind, settings: PoolSettings, owner: ChildOwner) -> None:
        self.kind = kind
        self.hello: Hello | None = None
        self.lanes: list[Lane] = []
        self.free: list[Lane] = []
        self.leaving = False
        self._settings = settings
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._process: subprocess.Popen[bytes] | None = None
        self._printed: Printed | None = None
        self._pidfd = -1
        self._kill_timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    async def start(self) -> Hello:
        """Start the process and wait for its Hello. Raises :class:`StartFailed`."""
        ours: list[socket.socket] = []
        theirs: list[socket.socket] = []
        try:
            for _ in range(self._settings.threads):
                pair = socket.socketpair()
                ours.append(pair[0])
                theirs.append(pair[1])
            self._spawn(theirs)
        except OSError as error:
            _close_all(ours)
            raise StartFailed(f"cannot start a worker: {error}") from error
        finally:
            _close_all(theirs)
        try:
            for end in ours:
                await self._loop.create_unix_connection(self._make_lane, sock=end)
            async with asyncio.timeout(self._settings.start_timeout):
                await self._started
        except TimeoutError:
            self.kill()
            raise StartFailed(
                f"no Hello from the worker within {self._settings.start_timeout:g} seconds"
            ) from None
        except BaseException:
            self.kill()
            _close_all(ours[len(self.lanes) :])
            raise
        assert self.hello is not None
        self.free = self.lanes[::-1]
        return self.hello

    def _spawn(self, lanes: list[socket.socket]) -> None:
        self._printed = printed = Printed(self._loop, self._tell)
        try:
            self._run(lanes, printed)
        except OSError:
            printed.finish()
            raise
        finally:
            printed.passed()

    def _run(self, lanes: list[socket.socket], printed: Printed) -> None:
        fds = [lane.fileno() for lane in lanes]
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "pyslurmrestd.worker.process"),
                f"--app={self._settings.app}",
                f"--kind={self.kind}",
                f"--lanes={','.join(map(str, fds))}",
                f"--options={orjson.dumps(self._settings.options).decode()}",
                f"--log-level={self._settings.log_level}",
            ],
            stdin=subprocess.PIPE,
            stdout=printed.sink,
            stderr=printed.sink,
            pass_fds=fds,
            env=_environment(self.kind),
        )
        try:
            self._pidfd = os.pidfd_open(self._process.pid)
        except OSError:
            process, self._process = self._process, None
            with process:
                process.kill()
            raise
        self._loop.add_reader(self._pidfd, self._reap)

    def _tell(self, line: str) -> None:
        """Log what the worker printed; it prints no more than its level allows."""
        log_printed(f"worker {self.pid}: {line}" if self.pid else line)

    def _make_lane(self) -> Lane:
        lane = Lane(self, self._settings.deadline, self._settings.client_timeout)
        self.lanes.append(lane)
        return lane

    def leave(self) -> None:
        """Give it no more requests; it ends as soon as it has answered those it has."""
        self.leaving = True
        self.free.clear()
        self._end_if_idle()

    def kill(self) -> None:
        """End it at once, with whatever it is at."""
        self.leaving = True
        self._close()
        self._signal()

    def _end_if_idle(self) -> None:
        if any(lane.busy and not lane.hung for lane in self.lanes):
            return
        if any(lane.hung for lane in self.lanes):
            self.kill()
        elif self._kill_timer is None:
            self._close()
            self._kill_timer = self._loop.call_later(_END_TIMEOUT, self._signal)

    def _close(self) -> None:
        """Close the lanes and the pipe that the worker's life hangs on."""
        self._closed = True
        self.free.clear()
        for lane in self.lanes:
            lane.close()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _signal(self) -> None:
        if self._pidfd >= 0:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _reap(self) -> None:
        """The process has ended. What it sent before is still read: the lanes end by themselves."""
        assert self._process is not None
        assert self._process.stdin is not None
        status = self._process.wait()
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        self._process.stdin.close()
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        assert self._printed is not None
        self._printed.finish()
        if not self._started.done():
            text = f"the worker ended at its start ({how})"
            if self._printed.last:
                text += f": {self._printed.last}"
            self._started.set_exception(StartFailed(text))
        log.log(DEBUG if self.leaving else ERROR, "worker %d ended: %s", self.pid, how)
        self.leaving = True
        self.free.clear()
        self.ended.set_result(how)
        self._owner.child_ended(self, how)

    def lane_hello(self, payload: bytes) -> None:
        self.hello = decode_hello(payload)
        if not self._started.done():
            self._started.set_result(None)

    def lane_refused(self, text: str) -> None:
        if not self._started.done():
            self._started.set_exception(StartFailed(text))

    def lane_watch(self, expires: float) -> None:
        self._owner.watch(expires)

    def lane_free(self, lane: Lane) -> None:
        if self.leaving:
            self._end_if_idle()
        else:
            self._owner.lane_free(self, lane)

    def lane_hung(self, lane: Lane) -> None:
        """A deadline has passed: the others may finish, then the process is killed."""
        log.warning("worker %d hangs and will be killed", self.pid)
        self._owner.child_hung(self)
        self.leave()

    def lane_lost(self, lane: Lane) -> None:
        """A lane alone is lost when its thread has failed; all, when the process has ended."""
        if self._closed:
            return
        lane.hung = True  # nothing graceful is left for it
        if not self.leaving and self.hello is not None:
            self._owner.child_lost(self)
            self.leave()
        elif self.leaving:
            self._end_if_idle()


def _environment(kind: Kind) -> dict[str, str]:
    environment = dict(os.environ)
    set_identity(environment, kind)
    return environment


def _close_all(ends: list[socket.socket]) -> None:
    for end in ends:
        end.close()

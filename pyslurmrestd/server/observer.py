"""What is told of each request: a name, its line in the log, how long it took."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import orjson

from ..auth.credential import Peer
from ..log import log_line

if TYPE_CHECKING:
    from ..application.protocol import Head
    from ..application.route import Route
    from .metrics import Metrics

__all__ = ["Observer", "Seen"]

_NAME: Final = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}", re.ASCII)
"""A name that a client may give its request."""


class Seen:
    """What has been seen of one request so far.

    :ivar id: its name; empty where requests have none.
    :ivar timed: the client asks how long it took.
    :ivar route: what it asked for; None where it did not come so far.
    :ivar head: of the answer of a worker.
    :ivar size: bytes of the answer's body.
    """

    __slots__ = ("begun", "head", "id", "route", "size", "timed")

    def __init__(self, id: str, timed: bool) -> None:
        self.id = id
        self.timed = timed
        self.begun = time.perf_counter()
        self.route: Route | None = None
        self.head: Head | None = None
        self.size = 0

    def headers(self, headers: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """The answer's further headers, with those that tell of the request."""
        told: dict[str, str] = {}
        if self.id:
            told["X-Request-Id"] = self.id
        if self.timed:
            told["Server-Timing"] = self._timing()
        return {**(headers or {}), **told} if told else headers

    def _timing(self) -> str:
        """As in the Server-Timing recommendation of W3C: milliseconds by name."""
        times = {"total": time.perf_counter() - self.begun}
        if self.head is not None and self.head.spent is not None:
            times["call"], times["dump"] = self.head.spent
            times["wait"] = times["total"] - sum(self.head.spent)
        return ", ".join(f"{name};dur={seconds * 1e3:.3f}" for name, seconds in times.items())


class Observer:
    """Sees requests come and go.

    :param words: ``id``, requests have names; ``timing``, clients may ask how long they took.
    :param log: the form of a request's line: ``text``, ``json`` or ``off``.
    :param metrics: what counts them; None where nobody does.
    """

    def __init__(self, words: frozenset[str], log: str, metrics: Metrics | None) -> None:
        self._names = "id" in words
        self._times = "timing" in words
        self._line = {"text": _text_line, "json": _json_line}.get(log)
        self._metrics = metrics

    def begin(self, headers: Mapping[str, str]) -> Seen:
        """A request is here."""
        name = ""
        if self._names:
            given = headers.get("X-Request-Id")
            known = given is not None and _NAME.fullmatch(given)
            name = given if given and known else os.urandom(12).hex()
        return Seen(name, self._times and "X-Server-Timing" in headers)

    def end(self, seen: Seen, peer: Peer, method: str, target: str, status: int) -> None:
        """Its answer is out, or the client has gone (status 0)."""
        seconds = time.perf_counter() - seen.begun
        if self._line is not None:
            # A query may hold what is nobody's business.
            self._line(seen, peer, method, target.partition("?")[0], status, seconds)
        if self._metrics is not None:
            self._metrics.count(seen, status, seconds)


def _text_line(seen: Seen, peer: Peer, method: str, path: str, status: int, seconds: float) -> None:
    name = f" {seen.id}" if seen.id else ""
    log_line(f"[{peer.source}]{name} {method} {path} {status} {seconds * 1e6:.0f}us")


def _json_line(seen: Seen, peer: Peer, method: str, path: str, status: int, seconds: float) -> None:
    told = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "peer": peer.source,
        "id": seen.id,
        "method": method,
        "path": path,
        "operation": seen.route.url if seen.route is not None else "",
        "status": status,
        "bytes": seen.size,
        "seconds": round(seconds, 6),
    }
    try:
        line = orjson.dumps(told).decode()
    except TypeError:  # a path of bytes that are no UTF-8
        told["path"] = path.encode("utf-8", "backslashreplace").decode()
        line = orjson.dumps(told).decode()
    log_line(line, bare=True)

"""Large bodies of requests are read one at a time."""

from __future__ import annotations

import threading
from typing import Any, Literal

import pytest

from pyslurmrestd.application.bodies import Bodies, BodiesBusy
from pyslurmrestd.application.protocol import LARGE_BODY, Request
from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.serializer import LIMITS, Limits


class Slow:
    """A format whose bodies take as long to read as the test wants."""

    name = "serializer/slow"
    media_types: tuple[str, ...] = ("text/slow",)
    style: Literal["json", "yaml"] | None = None

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.reading = 0
        self.most = 0
        self.seconds: list[float] = []

    def parse(self, body: bytes | bytearray | memoryview, limits: Limits = LIMITS) -> Any:
        self.reading += 1
        self.most = max(self.most, self.reading)
        self.seconds.append(limits.seconds)
        self.begun.release()
        self.go_on.wait(20)
        self.reading -= 1
        return len(body)


def request(size: int, timeout: float | None = None) -> Request:
    credential, peer = Credential("token", token="a.b.c"), Peer("tcp", "")
    return Request("", {}, "", "text/slow", "", b"x" * size, credential, peer, timeout)


@pytest.mark.parametrize(("size", "at_once"), [(LARGE_BODY, 3), (LARGE_BODY + 1, 1)])
def test_large_bodies_take_turns(size: int, at_once: int) -> None:
    bodies, slow, read = Bodies(LIMITS), Slow(), list[int]()
    threads = [
        threading.Thread(target=lambda: read.append(bodies.read(slow, request(size))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for _ in range(at_once):
        assert slow.begun.acquire(timeout=20)
    assert not slow.begun.acquire(timeout=0.1)
    slow.go_on.set()
    for thread in threads:
        thread.join()
    assert (slow.most, read) == (at_once, [size] * 3)


def test_who_waits_too_long_for_its_turn_is_told_503() -> None:
    bodies, slow = Bodies(LIMITS), Slow()
    first = threading.Thread(target=bodies.read, args=(slow, request(LARGE_BODY + 1)))
    first.start()
    assert slow.begun.acquire(timeout=20)
    with pytest.raises(BodiesBusy) as raised:
        bodies.read(slow, request(LARGE_BODY + 1, timeout=0.2))
    assert raised.value.status == 503
    slow.go_on.set()
    first.join()
    assert bodies.read(slow, request(LARGE_BODY + 1, timeout=0.2)) == LARGE_BODY + 1


def test_reading_ends_well_before_the_request_has_no_time_left() -> None:
    bodies, slow = Bodies(Limits(seconds=5)), Slow()
    slow.go_on.set()
    for timeout in (None, 4.0, 40.0):
        bodies.read(slow, request(LARGE_BODY + 1, timeout))
    assert slow.seconds == [5, 1, 5]

"""One user's load and another user's ping: how long the ping takes while somebody is greedy.

Run in the lab by ``bench/fairness``. Two tokens come on standard input, the greedy user's first.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import statistics
import sys
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

_BLOCK = 1 << 20


def main() -> None:
    settings = _arguments()
    greedy, other = (sys.stdin.readline().strip() for _ in range(2))
    address = urlsplit(settings.url)
    server = (str(address.hostname), int(address.port or 0))
    listing = f"/slurm/{settings.version}/jobs/"
    _idle(server, settings, other)
    end = time.monotonic() + settings.seconds
    # A process of its own: its threads must not make the pings of this one wait.
    load = multiprocessing.Process(
        target=_load, args=(server, settings, _request(listing, greedy), end)
    )
    load.start()
    time.sleep(min(2.0, settings.seconds / 10))
    pings = _pings(server, f"/slurm/{settings.version}/ping/", other, end)
    load.join()
    print(f"ping of another user meanwhile: {_spread(pings)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--version", default="v0.0.45")
    parser.add_argument("--listings", type=int, default=50)
    parser.add_argument("--stalled", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30.0)
    return parser.parse_args()


def _idle(server: tuple[str, int], settings: argparse.Namespace, token: str) -> None:
    path = f"/slurm/{settings.version}/ping/"
    print(f"ping at rest: {_spread(_pings(server, path, token, time.monotonic() + 3))}")


def _request(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nX-SLURM-USER-TOKEN: {token}\r\n\r\n".encode()


def _opened(server: tuple[str, int], request: bytes) -> socket.socket:
    connection = socket.create_connection(server, timeout=60)
    connection.sendall(request)
    return connection


def _load(
    server: tuple[str, int], settings: argparse.Namespace, request: bytes, end: float
) -> None:
    """All of the greedy user's connections."""
    stalled = [_opened(server, request) for _ in range(settings.stalled)]
    load = _Load(server, request, end)
    threads = [threading.Thread(target=load.run) for _ in range(settings.listings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in stalled:
        connection.close()
    print(
        f"{settings.listings} listings open, {settings.stalled} readers that stopped:"
        f" {load.whole} listings whole, {load.busy} told 503, {load.cut} cut,"
        f" {load.bytes / 1e6:.0f} MB",
        flush=True,
    )


class _Load:
    """Listings, one after the other on a connection, until the time is over."""

    def __init__(self, server: tuple[str, int], request: bytes, end: float) -> None:
        self._server = server
        self._request = request
        self._end = end
        self.whole = self.busy = self.cut = self.bytes = 0

    def run(self) -> None:
        memory = bytearray(_BLOCK)
        while time.monotonic() < self._end:
            with suppress(OSError), _opened(self._server, self._request) as connection:
                self._one(connection, memory)

    def _one(self, connection: socket.socket, memory: bytearray) -> None:
        size = connection.recv_into(memory)
        head, tail = bytes(memory[:20]), b""
        while size:
            self.bytes += size
            tail = bytes(memory[max(size - 5, 0) : size])
            if tail.endswith(b"0\r\n\r\n") or b" 200 " not in head:
                break
            size = connection.recv_into(memory)
        if b" 200 " not in head:
            self.busy += 1
            time.sleep(1)  # as Retry-After says
        elif tail.endswith(b"0\r\n\r\n"):
            self.whole += 1
        else:
            self.cut += 1


def _pings(server: tuple[str, int], path: str, token: str, end: float) -> list[float]:
    taken = []
    connection = socket.create_connection(server, timeout=60)
    while time.monotonic() < end:
        begun = time.perf_counter()
        connection.sendall(_request(path, token))
        answer = connection.recv(_BLOCK)
        taken.append(time.perf_counter() - begun)
        if not answer.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"a ping was answered {answer[:200]!r}")
        time.sleep(0.02)
    connection.close()
    return taken


def _spread(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return (
        f"{len(seconds)} times, median {1e3 * cuts[49]:.1f} ms, p99 {1e3 * cuts[98]:.1f} ms,"
        f" longest {1e3 * max(seconds):.1f} ms"
    )


if __name__ == "__main__":
    main()

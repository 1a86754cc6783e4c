"""A network between the REST daemon and a daemon of Slurm that fails where a test wants it to."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

__all__ = ["FaultyLink", "faulty_link", "is_commit"]

Where = Literal["never", "request", "answer", "hold"]


def is_commit(message: bytes) -> bool:
    """Whether a message to slurmdbd ends a transaction so that it counts (DBD_FINI)."""
    return message[4:10] == struct.pack(">HHH", 1401, 0, 1)


class FaultyLink:
    """Passes messages on, of which each is a length and so many bytes.

    :ivar where: the connection is cut before a message gets there (``request``), or before its
        answer comes back (``answer``); ``hold`` keeps the answer back until :attr:`released`.
    :ivar which: the messages that this happens to.
    :ivar met: set once it has happened.
    """

    def __init__(self, port: int) -> None:
        self.where: Where = "never"
        self.which: Callable[[bytes], bool] = lambda message: True
        self.met = threading.Event()
        self.released = threading.Event()
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def fail(self, where: Where, which: Callable[[bytes], bool] = lambda message: True) -> None:
        """From now on."""
        self.met.clear()
        self.released.clear()
        self.where, self.which = where, which

    def close(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._to)) as daemon:
            while message := _message(client):
                where = self.where if self.which(message) else "never"
                if where == "request":
                    self.met.set()
                    return
                daemon.sendall(message)
                answer = _message(daemon)
                if where != "never":
                    self.met.set()
                if where == "answer":
                    return
                if where == "hold":
                    self.released.wait(60)
                client.sendall(answer)


def _message(source: socket.socket) -> bytes:
    """The next message, its length with it; nothing when there is none."""
    head = _bytes(source, 4)
    return head + _bytes(source, int.from_bytes(head, "big"))


def _bytes(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := source.recv(count - len(data))):
        data += more
    return data


@contextmanager
def faulty_link(conf: Path, service: Literal["slurmctld", "slurmdbd"]) -> Iterator[FaultyLink]:
    """With a link to the lab's daemon, which a slurm.conf of the test's own names in its place."""
    name = {"slurmctld": "SlurmctldPort", "slurmdbd": "AccountingStoragePort"}[service]
    port = int(os.environ["LAB_PORT_BASE"]) + {"slurmctld": 1, "slurmdbd": 2}[service]
    text = conf.read_text()
    assert f"{name}={port}\n" in text
    link = FaultyLink(port)
    conf.write_text(text.replace(f"{name}={port}\n", f"{name}={link.port}\n"))
    try:
        yield link
    finally:
        link.close()

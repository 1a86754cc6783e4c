"""Listening: addresses to sockets, sockets to connections."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import stat
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ..log import VERBOSE, Fatal, log
from ..record import record
from .occupant import at_port, behind

if TYPE_CHECKING:
    from .room import Connections

__all__ = ["Listener", "accept", "listeners"]

_TCP: Final = re.compile(r"(?:(https?)://)?(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\[\]:/@\s]*)):(\d{1,5})")
_BACKLOG: Final = 4096
_RESOLVE_TRIES: Final = 10
_ACCEPT_PAUSE: Final = 0.5
"""Seconds until the next try where a connection cannot be accepted."""


@record
class Listener:
    """A listening socket.

    :ivar name: as the log names it.
    :ivar path: of a unix socket that this process made and takes away again.
    :ivar tls: whether its connections speak TLS.
    """

    socket: socket.socket
    name: str
    path: str | None = None
    tls: bool = False

    def close(self) -> None:
        if self.socket.fileno() < 0:
            return  # by now the path may be another process's
        self.socket.close()
        if self.path is not None:
            try:
                os.unlink(self.path)
            except FileNotFoundError:
                pass
            except OSError as error:
                log.error("Unable to remove %s: %s", self.path, error)


def listeners(
    addresses: Iterable[str],
    inherited: Iterable[socket.socket],
    *,
    tls: bool = False,
    shared: bool = False,
) -> list[Listener]:
    """Listen on all addresses: ``host:port``, ``:port``, ``[::1]:port``, ``unix:path``.

    Raises :class:`.Fatal` for one that is malformed or cannot be bound.

    :param tls: whether TCP speaks TLS; an address that begins with ``http://`` never does.
    :param shared: whether other processes of this user may listen on the same ports.
    """
    found = [
        Listener(known, f"inherited {_name(known)}", tls=tls and known.family != socket.AF_UNIX)
        for known in inherited
    ]
    try:
        for address in dict.fromkeys(addresses):
            found += _unix(address) if address.startswith("unix:") else _tcp(address, tls, shared)
    except Fatal:
        for listener in found:
            listener.close()
        raise
    return found


def _unix(address: str) -> list[Listener]:
    path = address.removeprefix("unix:")
    if path.startswith("//"):
        path = path.removeprefix("//")
    if not path:
        raise Fatal(f"Unable to parse {address}: it names no path")
    path = os.path.abspath(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear_stale(path)
        _bind_for_all(listening, path)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise Fatal(f"[unix:{path}] Unable to bind UNIX socket: {error.strerror}") from error
    listening.setblocking(False)
    return [Listener(listening, f"unix:{path}", path)]


def _bind_for_all(listening: socket.socket, path: str) -> None:
    """Make the socket's file, of mode 0777: who may do what is decided by the peer's credentials.

    A chmod() afterwards could be led to another file by whoever may write to the directory.
    """
    masked = os.umask(0)
    try:
        listening.bind(path)
    finally:
        os.umask(masked)


def _clear_stale(path: str) -> None:
    """Remove the socket of a process that has ended. Raises OSError if anything else is there."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise FileExistsError(errno.EEXIST, "the file is no socket")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except BlockingIOError:
            listens = "another process"  # its backlog is full
        else:
            listens = str(behind(probe) or "another process")
    raise OSError(errno.EADDRINUSE, f"{listens} listens there")


def _tcp(address: str, tls: bool, shared: bool) -> list[Listener]:
    parsed = _TCP.fullmatch(address)
    if parsed is None or int(parsed[4]) > 65535:
        raise Fatal(f"Unable to parse {address}: it is neither host:port nor unix:path")
    host, port = parsed[2] or parsed[3], int(parsed[4])
    if parsed[1] == "https" and not tls:
        raise Fatal(f"Unable to listen on {address}: it needs --tls-cert")
    tls = tls and parsed[1] != "http"
    found, failure = [], OSError(errno.EADDRNOTAVAIL, "no address")
    for family, resolved in _resolve(host or "0.0.0.0", port, address):
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
            listening.bind(resolved)
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            failure = error
            continue
        listening.setblocking(False)
        found.append(Listener(listening, _name(listening), tls=tls))
    if not found:
        by = at_port(port) if failure.errno == errno.EADDRINUSE else None
        raise Fatal(
            f"[{address}] Unable to bind socket: {failure.strerror}{f' by {by}' if by else ''}"
        ) from failure
    return found


def _resolve(host: str, port: int, address: str) -> list[tuple[socket.AddressFamily, Any]]:
    """All addresses of a host; tries again for a while where the resolver asks for that."""
    for left in reversed(range(_RESOLVE_TRIES)):
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys((entry[0], entry[4]) for entry in found))
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN or not left:
                raise Fatal(f"[{address}] Unable to resolve {host}: {error.strerror}") from error
            time.sleep(1)
    raise AssertionError("unreachable")


def _name(listening: socket.socket) -> str:
    address = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f"unix:{address}"
    host = f"[{address[0]}]" if listening.family == socket.AF_INET6 else address[0]
    return f"{host}:{address[1]}"


async def accept(listener: Listener, connections: Connections) -> None:
    """Take in connections until cancelled; the next one waits here while there is no room."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            client, _ = await loop.sock_accept(listener.socket)
        except OSError as error:
            log.error("[%s] Unable to accept a connection: %s", listener.name, error)
            if error.errno in (errno.EMFILE, errno.ENFILE):
                connections.make_room()
            await asyncio.sleep(_ACCEPT_PAUSE)
            continue
        try:
            await connections.take(client, listener.tls)
        except OSError as error:
            log.log(VERBOSE, "[%s] lost a connection at once: %s", listener.name, error)
            client.close()
        except BaseException:
            client.close()
            raise

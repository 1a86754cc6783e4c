"""Who is at the other end of a socket."""

from __future__ import annotations

import socket
import struct
from typing import Any, Final

from ..auth.credential import Peer

__all__ = ["socket_peer"]

_CREDENTIALS: Final = struct.Struct("3i")
"""Linux's struct ucred: pid, uid and gid."""


def socket_peer(connection: socket.socket, descriptor: int, address: Any) -> Peer:
    """The peer of a connected socket.

    :param descriptor: as the peer's name shows it.
    :param address: where it is, over TCP.
    """
    if connection.family == socket.AF_UNIX:
        told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, uid, gid = _CREDENTIALS.unpack(told)
        return Peer("unix", f"unix:{connection.getsockname()}(fd:{descriptor})", uid, gid)
    host, port = address[:2]
    if ":" in host:
        host = f"[{host}]"
    return Peer("tcp", f"{host}:{port}(fd:{descriptor})")

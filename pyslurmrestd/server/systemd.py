"""What systemd hands over and wants to hear: inherited sockets, readiness, that it is alive."""

from __future__ import annotations

import os
import socket
from typing import Final

__all__ = ["listening_sockets", "notify", "watchdog_seconds"]

_FIRST: Final = 3


def listening_sockets() -> list[socket.socket]:
    """The listening sockets that came with socket activation (LISTEN_FDS), mostly none.

    The variables are taken out of the environment, so no child takes them for its own.
    """
    pid = os.environ.pop("LISTEN_PID", "")
    count = os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    found = []
    for number in range(_FIRST, _FIRST + int(count)):
        os.set_inheritable(number, False)
        inherited = socket.socket(fileno=number)
        if inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.append(inherited)
        else:
            inherited.detach()
    return found


def watchdog_seconds() -> float | None:
    """How long the service manager waits for a ``WATCHDOG=1`` (WATCHDOG_USEC); None where it does
    not.

    The variables are taken out of the environment: no child is watched.
    """
    pid = os.environ.pop("WATCHDOG_PID", "")
    microseconds = os.environ.pop("WATCHDOG_USEC", "")
    if (pid and pid != str(os.getpid())) or not microseconds.isdecimal():
        return None
    return int(microseconds) / 1e6 or None


def notify(state: str) -> None:
    """Tell the service manager (NOTIFY_SOCKET) a state such as ``READY=1``, if one wants to
    know."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        try:
            manager.sendto(state.encode(), address)
        except OSError:
            return  # a manager that has gone needs no news

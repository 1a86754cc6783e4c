"""Who listens where this daemon wants to: as far as the kernel shows it to this process's user."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Final

__all__ = ["Occupant", "at_port", "behind"]

_LISTEN: Final = "0A"
"""TCP_LISTEN in /proc/net/tcp."""

_CREDENTIALS: Final = struct.Struct("3i")


class Occupant:
    """A process that has a socket."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self.name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            self.name = ""

    def __str__(self) -> str:
        return f"{self.name or 'a process'} (pid {self.pid})"


def at_port(port: int) -> Occupant | None:
    """Who listens at a TCP port; None where nobody does or it cannot be seen."""
    wanted = {f"socket:[{inode}]" for inode in _listening(port)}
    if not wanted:
        return None
    for process in sorted(
        (entry for entry in os.listdir("/proc") if entry.isdecimal()), key=lambda pid: int(pid)
    ):
        try:
            with os.scandir(f"/proc/{process}/fd") as descriptors:
                if any(_target(entry.path) in wanted for entry in descriptors):
                    return Occupant(int(process))
        except OSError:
            continue  # another user's, or gone by now
    return None


def behind(connection: socket.socket) -> Occupant | None:
    """Who listened at a unix socket that this connection has been made to."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, _, _ = _CREDENTIALS.unpack(told)
    return Occupant(pid) if pid > 0 else None


def _listening(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(fields[9])
    return found


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""

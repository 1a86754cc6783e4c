"""rest_auth/local: who is at the other end of a unix socket, or owns what stands on stdin."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Mapping
from typing import Final

from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.errors import AuthFailed

__all__ = ["PLUGIN"]

_OPEN_TO_OTHERS: Final = stat.S_IRWXO | stat.S_ISUID | stat.S_ISGID


class Local:
    """Vouches for the daemon's own user, and for root acting as that user.

    Calls are then made with the daemon's own identity, so nobody else can be vouched for.
    A request with a token is left to the plugins that follow: whoever sends one means its user.
    """

    name: Final = "rest_auth/local"
    rank: Final = 10

    def authenticate(self, headers: Mapping[str, str], peer: Peer) -> Credential | None:
        if "X-SLURM-USER-TOKEN" in headers or "Authorization" in headers:
            return None
        match peer.family:
            case "tcp":
                return None
            case "unix":
                return _by_socket(headers, peer)
            case "file":
                return _by_owner(peer)


def _by_socket(headers: Mapping[str, str], peer: Peer) -> Credential | None:
    own = os.getuid()
    if peer.uid == own:
        return Credential("local", uid=own)
    if peer.uid == 0 and _names_own_user(headers.get("X-SLURM-USER-NAME"), own):
        return Credential("local", uid=own)
    raise AuthFailed


def _names_own_user(name: str | None, own: int) -> bool:
    """Whether root asks for the daemon's user, or for nobody in particular."""
    if name is None:
        return True
    try:
        return pwd.getpwnam(name).pw_uid == own
    except (KeyError, ValueError):
        return False


def _by_owner(peer: Peer) -> Credential:
    """A pipe, file or terminal on stdin speaks for its owner if nobody else may write to it."""
    own = os.getuid()
    if peer.uid != own or peer.mode is None or peer.mode & _OPEN_TO_OTHERS:
        raise AuthFailed
    return Credential("local", uid=own)


PLUGIN: Final = Local()

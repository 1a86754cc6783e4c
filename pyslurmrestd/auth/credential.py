"""Who asks, and how libslurm is told."""

from __future__ import annotations

import re
from typing import Final, Literal

from ..record import record

__all__ = ["Credential", "Peer"]

_TOKEN: Final = re.compile(r"[\w-]+=*\.[\w-]+=*\.[\w-]*=*", re.ASCII)
"""A JSON Web Token in its compact form (RFC 7519): three parts in base64url."""


@record
class Credential:
    """The identity that a rest_auth plugin vouches for.

    :ivar kind: ``token``: slurmctld and slurmdbd judge the token themselves; ``local``: calls are
        made as the daemon's own user.
    :ivar token: the token as the client sent it.
    :ivar user_name: the user that the client names beside its token; None when it names none.
    :ivar uid: the caller's uid where it is known (local).
    """

    kind: Literal["token", "local"]
    token: str | None = None
    user_name: str | None = None
    uid: int | None = None

    @property
    def may_be_known(self) -> bool:
        """Whether Slurm can know this caller at all: a token has the form of one."""
        return self.kind == "local" or _TOKEN.fullmatch(self.token or "") is not None

    def __repr__(self) -> str:  # a token must not reach a log
        return f"Credential({self.kind}, user_name={self.user_name!r}, uid={self.uid})"


@record
class Peer:
    """The other end of a connection.

    :ivar family: ``tcp``, ``unix``, or ``file`` for pipes, files and terminals on stdin.
    :ivar source: as ``meta.client.source`` and the log name it.
    :ivar uid: the peer's uid from the kernel; None over TCP.
    :ivar mode: permission bits of a stdin file or pipe, and who owns it as ``uid``.
    """

    family: Literal["tcp", "unix", "file"]
    source: str
    uid: int | None = None
    gid: int | None = None
    mode: int | None = None

"""The interface of a rest_auth plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .credential import Credential, Peer

__all__ = ["Authenticator"]


class Authenticator(Protocol):
    """Finds out who asks. Plugins are asked in the order of ``-a``.

    ``authenticate`` gives a Credential when the plugin vouches for the caller, None when the
    request is not for it (the next plugin is asked), and raises
    :class:`~pyslurmrestd.errors.AuthFailed` to refuse the request at once.

    Header names are looked up without regard to case; of a header that came twice the first
    counts.

    :ivar name: with its prefix, ``rest_auth/jwt``.
    :ivar rank: where it stands among all when ``-a`` names none: a lower rank is asked earlier.
    """

    name: str
    rank: int

    def authenticate(self, headers: Mapping[str, str], peer: Peer) -> Credential | None: ...

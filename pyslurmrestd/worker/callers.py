"""Whose requests count together when lanes are shared out.

What a token claims means nothing until Slurm has taken it: anybody could otherwise use up
somebody's turns, or make up a thousand callers and have a thousand turns. So a token counts as its
user once Slurm took it, and all others together as one caller.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Final

from ..application.caller import caller
from ..auth.credential import Credential

__all__ = ["STRANGERS", "Callers"]

STRANGERS: Final = "strangers"

_MOST: Final = 4096
"""Tokens remembered; whose is forgotten is a stranger until its next answer."""


class Callers:
    """The tokens that Slurm took lately, and whose they are."""

    def __init__(self) -> None:
        self._users: OrderedDict[bytes, str] = OrderedDict()

    def name(self, credential: Credential) -> str:
        """Whose requests it counts among."""
        if credential.kind == "local":
            return f"uid {credential.uid}"
        return self._users.get(_digest(credential), STRANGERS)

    def accepted(self, credential: Credential) -> None:
        """Slurm has answered to the token."""
        if credential.kind == "local":
            return
        known = _digest(credential)
        if known in self._users:
            self._users.move_to_end(known)
            return
        self._users[known] = f"user {caller(credential, 0)[0]}"
        if len(self._users) > _MOST:
            self._users.popitem(last=False)

    def refused(self, credential: Credential) -> None:
        """Slurm has refused the token."""
        self._users.pop(_digest(credential), None)


def _digest(credential: Credential) -> bytes:
    """Stands for a token and the name beside it; the token itself is not kept."""
    text = f"{credential.user_name}\0{credential.token}"
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()

"""Whose requests count together when lanes are shared out.

What a token claims means nothing until Slurm has taken it: anybody could otherwise use up
somebody's turns, or make up a thousand callers and have a thousand turns. So a token counts as its
user once Slurm took it, and all others together as one caller.
"""

from __future__ import annotations

from collections import OrderedDict
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
        self._users: OrderedDict[int, str] = OrderedDict()

    @staticmethod
    def key(credential: Credential) -> int:
        """Stands for a token and the name beside it; the token itself is not kept.

        Python's hash is keyed anew in each process, so nobody can make one that is another's.
        """
        return hash((credential.token, credential.user_name))

    def name(self, key: int) -> str:
        """Whose requests it counts among."""
        return self._users.get(key, STRANGERS)

    def note(self, key: int, credential: Credential, known: bool) -> str | None:
        """Slurm has taken the token, or refused it. Gives whose it is, if that is news."""
        if not known:
            self._users.pop(key, None)
        elif key in self._users:
            self._users.move_to_end(key)
        else:
            name = self._users[key] = f"user {caller(credential, 0)[0]}"
            if len(self._users) > _MOST:
                self._users.popitem(last=False)
            return name
        return None

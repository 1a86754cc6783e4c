"""rest_auth/jwt: a token in the headers, which slurmctld and slurmdbd judge themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.errors import AuthFailed
from pyslurmrestd.log import VERBOSE, log

__all__ = ["PLUGIN"]

_BEARER: Final = "Bearer "


class Jwt:
    """Passes a token on as it came: a bad one shows in the answer of the daemon that gets it."""

    name: Final = "rest_auth/jwt"
    rank: Final = 20

    def authenticate(self, headers: Mapping[str, str], peer: Peer) -> Credential | None:
        token = headers.get("X-SLURM-USER-TOKEN")
        authorization = headers.get("Authorization")
        user_name = headers.get("X-SLURM-USER-NAME")
        if token is None and authorization is None:
            if user_name is None:
                return None
            raise AuthFailed
        if authorization is not None:
            # Slurm: the scheme is compared with its case, and one blank ends it.
            if token is not None or not authorization.startswith(_BEARER):
                raise AuthFailed
            token = authorization.removeprefix(_BEARER)
        log.log(VERBOSE, "%s: [%s] passes on a token of %r", self.name, peer.source, user_name)
        return Credential("token", token=token, user_name=user_name)


PLUGIN: Final = Jwt()

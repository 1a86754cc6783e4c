"""Tokens judged at the daemon's edge, where the settings name keys for that."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..errors import AuthFailed
from ..log import Fatal
from .refusal import KeyAwaited, Refused

if TYPE_CHECKING:
    from ..auth.credential import Credential
    from ..auth.judge import Source, TokenJudge
    from ..settings import Settings
    from .key_fetcher import KeyFetcher

__all__ = ["Edge", "edge"]

_CLAIMS = ("sun", "username")
"""What Slurm looks for, before the claim that its userclaimfield names."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Edge:
    """Judges the tokens of callers before anything else is done for them."""

    def __init__(self, judge: TokenJudge, fetcher: KeyFetcher | None) -> None:
        self._judge = judge
        self._fetcher = fetcher

    def judge(self, credential: Credential) -> None:
        """Raises :class:`.Refused`, with the reason, for a token that Slurm would not take.

        :class:`.KeyAwaited` is the one that may be another after :meth:`renew`.
        """
        from ..auth.judge import UnknownKey

        if credential.token is None:
            return
        try:
            self._judge.check(credential.token)
        except UnknownKey as error:
            refused = Refused if self._fetcher is None else KeyAwaited
            raise refused(error.text, error.errno, headers=_CHALLENGE) from None
        except AuthFailed as error:
            raise Refused(error.text, error.errno, headers=_CHALLENGE) from None

    async def renew(self) -> None:
        """Have the keys of now, unless they have just been fetched."""
        if self._fetcher is not None:
            await self._fetcher.renew()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the daemon serves."""
        if self._fetcher is None:
            yield
        else:
            async with self._fetcher.running():
                yield


def edge(settings: Settings, *, once: bool = False) -> Edge | None:
    """None where the settings name no keys. Raises :class:`.Fatal` for keys that cannot be read.

    :param once: nothing is fetched: the process answers on standard input and is gone.
    """
    if settings.jwt_key is None and settings.jwks is None:
        for value, flag in (
            (settings.user_claim, "--user-claim"),
            (settings.max_token_life, "--max-token-life"),
        ):
            if value is not None:
                raise Fatal(f"{flag} needs --jwt-key or --jwks: tokens are not judged here")
        return None
    from ..auth.judge import TokenJudge
    from ..auth.keys import key_set, secret
    from ..watched import Watched, contents

    public: Source | None = None
    fetcher: KeyFetcher | None = None
    if settings.jwks is not None and "://" in settings.jwks:
        if once:
            raise Fatal("On standard input, --jwks is a file")
        from .key_fetcher import KeyFetcher

        public = fetcher = KeyFetcher(settings.jwks)
    elif settings.jwks is not None:
        path = settings.jwks
        public = Watched("public keys", [path], lambda: key_set(contents(path)))
    own: Source | None = None
    if settings.jwt_key is not None:
        key = settings.jwt_key
        own = Watched("the secret", [key], lambda: secret(contents(key)))
    judge = TokenJudge(
        own,
        public,
        (*_CLAIMS, *([settings.user_claim] if settings.user_claim else [])),
        settings.max_token_life,
        settings.max_token,
    )
    return Edge(judge, fetcher)

"""Tokens judged before anybody is asked: what is certainly refused costs the controller nothing."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidSignatureError,
    PyJWTError,
)

from ..errors import AuthFailed
from .keys import PUBLIC_ALGORITHMS

if TYPE_CHECKING:
    from jwt import PyJWK

__all__ = ["Source", "TokenJudge", "UnknownKey"]

_MOST_KNOWN: Final = 4096
"""Good tokens that are not looked into again."""

_OPTIONS: Final[Any] = {
    "require": ["exp"],
    "verify_aud": False,
    "verify_iat": False,  # Slurm: clocks may differ
    "verify_iss": False,
    "verify_jti": False,
    "verify_sub": False,
}


class Source(Protocol):
    """Where keys come from.

    :ivar generation: another number once the keys are others.
    :ivar now: the keys.
    """

    @property
    def generation(self) -> int: ...
    @property
    def now(self) -> Any: ...


class UnknownKey(AuthFailed):
    """The key that a token names may be a new one that has not been fetched yet."""


class TokenJudge:
    """Tells tokens that Slurm may take from those that it would refuse.

    :param secret: bytes for HS256; None where such tokens are not taken.
    :param public: public keys by id (``kid``); None where such tokens are not taken.
    :param user_claims: claims that may name the user, the first that is there counts.
    :param longest_life: seconds for which a token may be good; None for any time.
    :param longest: characters of a token.
    """

    def __init__(
        self,
        secret: Source | None,
        public: Source | None,
        user_claims: Sequence[str],
        longest_life: float | None = None,
        longest: int = 16 << 10,
    ) -> None:
        self._longest = longest
        self._secret = secret
        self._public = public
        self._user_claims = user_claims
        self._longest_life = longest_life
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._generations: tuple[int, ...] = ()

    def check(self, token: str) -> None:
        """Raises :class:`.AuthFailed`, with the reason, for a token that is refused."""
        self._forget_if_keys_changed()
        mark = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        ends = self._known.get(mark)
        if ends is None:
            ends = self._judge(token)
            self._known[mark] = ends
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        if ends <= time.time():
            self._known.pop(mark, None)
            raise _refused("the token has expired")

    def _forget_if_keys_changed(self) -> None:
        generations = []
        for source in (self._secret, self._public):
            if source is not None:
                source.now  # noqa: B018 - reads them again where that is due
                generations.append(source.generation)
        if tuple(generations) != self._generations:
            self._generations = tuple(generations)
            self._known.clear()

    def _judge(self, token: str) -> float:
        """When a token ends, in seconds of UNIX time."""
        if len(token) > self._longest:
            raise _refused(f"the token is longer than {self._longest} characters")
        if not token.isascii():
            raise _refused("this is no JSON Web Token")
        try:
            header = jwt.get_unverified_header(token)
        except PyJWTError:
            raise _refused("this is no JSON Web Token") from None
        key, algorithm = self._key(header)
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm], options=_OPTIONS)
        except ExpiredSignatureError:
            raise _refused("the token has expired") from None
        except ImmatureSignatureError:
            raise _refused("the token is not valid yet") from None
        except InvalidSignatureError:
            raise _refused("the token's signature is wrong") from None
        except PyJWTError as error:
            raise _refused(str(error)) from None
        return self._ends(claims)

    def _key(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        """The key that a token is to be signed with, and the only algorithm it is good for."""
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm == "HS256" and self._secret is not None:
            return self._secret.now, algorithm
        if algorithm not in PUBLIC_ALGORITHMS.values() or self._public is None:
            raise _refused(f"tokens of algorithm {str(algorithm)[:20]!r} are not taken")
        if not isinstance(key_id, str):
            raise _refused("the token names no key (kid)")
        key: PyJWK | None = self._public.now.get(key_id)
        if key is None:
            raise UnknownKey(_refused(f"no key has the id {key_id[:80]!r}").text)
        if key.algorithm_name != algorithm:
            raise _refused(f"the key {key_id[:80]!r} is not for {algorithm}")
        return key, algorithm

    def _ends(self, claims: Mapping[str, Any]) -> float:
        ends = claims["exp"]
        if not isinstance(ends, int) or isinstance(ends, bool):
            raise _refused("the token's exp is not a whole number")
        begins = claims.get("iat")
        if not isinstance(begins, int | float) or isinstance(begins, bool):
            begins = time.time()
        if self._longest_life is not None and ends - begins > self._longest_life:
            raise _refused(f"the token is good for more than {self._longest_life:g} seconds")
        named = [claims[claim] for claim in self._user_claims if claim in claims]
        if not named or not isinstance(named[0], str):
            raise _refused(f"the token names no user ({', '.join(self._user_claims)})")
        return float(ends)


def _refused(reason: str) -> AuthFailed:
    return AuthFailed(f"{AuthFailed().text}: {reason}")

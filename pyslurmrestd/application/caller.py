"""Names of who asks, for ``meta.client``: what a token claims, or the local user."""

from __future__ import annotations

import grp
import pwd
import time
from functools import lru_cache
from typing import Any

from ..auth.credential import Credential

__all__ = ["caller"]


def caller(credential: Credential, own_uid: int) -> tuple[str, str]:
    """User and group of a request; empty where they are not known.

    A token's claim is repeated as it stands: whether it holds is the controller's to judge, and
    nothing is decided by these names.
    """
    if credential.kind == "local":
        return _names(credential.uid if credential.uid is not None else own_uid, _minute())
    user = credential.user_name or _claimed(credential.token or "")
    return user, _group_of(user, _minute())


@lru_cache(256)
def _claimed(token: str) -> str:
    """The user that a token names: ``sun``, else ``username``."""
    # Only for tokens: local callers from standard input have no time for it.
    import base64

    import orjson

    try:
        payload = token.split(".")[1]
        claims: Any = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        name = claims.get("sun") or claims.get("username")
    except (IndexError, ValueError, AttributeError):
        return ""
    return name if isinstance(name, str) else ""


def _minute() -> int:
    """Names are remembered until this changes, those that were not found as well."""
    return int(time.monotonic() / 60)


@lru_cache(256)
def _names(uid: int, minute: int) -> tuple[str, str]:
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid), ""
    return user, _group_of(user, minute)


@lru_cache(256)
def _group_of(user: str, minute: int) -> str:
    try:
        return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    except (KeyError, ValueError):
        return ""

"""Keys by which tokens are judged: Slurm's secret, and the public ones of an identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import orjson

from ..log import log

if TYPE_CHECKING:
    from jwt import PyJWK

__all__ = ["PUBLIC_ALGORITHMS", "key_set", "secret"]

PUBLIC_ALGORITHMS: Final = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
"""The one algorithm that a kind of public key is good for."""

_SHORTEST_SECRET: Final = 32
"""Bytes that HS256 needs (RFC 7518, 3.2)."""


def secret(data: bytes) -> bytes:
    """The secret of HS256, every byte of a file, as Slurm reads ``jwt_key``.

    Raises ValueError for one that is too short to be safe.
    """
    if len(data) < _SHORTEST_SECRET:
        raise ValueError(f"a secret has at least {_SHORTEST_SECRET} bytes")
    return data


def key_set(data: bytes) -> Mapping[str, PyJWK]:
    """Public keys by their id (RFC 7517), of the kinds in :data:`PUBLIC_ALGORITHMS`.

    Keys of other kinds, for other uses, or without an id are left out. Raises ValueError for what
    is no key set, or has no key that tokens could be judged by.
    """
    from jwt import PyJWK

    told = orjson.loads(data)
    entries = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a key set: an object with a list of keys")
    found: dict[str, PyJWK] = {}
    for entry in entries:
        kind = entry.get("kty") if isinstance(entry, dict) else None
        algorithm = PUBLIC_ALGORITHMS.get(kind) if isinstance(kind, str) else None
        if algorithm is None or entry.get("alg", algorithm) != algorithm:
            continue
        name = entry.get("kid")
        if not name or not isinstance(name, str) or entry.get("use", "sig") != "sig":
            continue
        try:
            found[name] = PyJWK(entry, algorithm)
        except Exception as error:  # whatever two libraries find wrong with its numbers
            log.error("a key of the set is left out: %s", error)
    if not found:
        raise ValueError("no key of RS256, ES256 or EdDSA with an id (kid)")
    return found

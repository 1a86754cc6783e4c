"""Keys by which tokens are judged: Slurm's secret, and the public ones of an identity provider.

Each source gives what it had last where it cannot be read again: keys that were good yesterday are
not taken away by a file that is being written or a provider that is away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import orjson

from ..log import Fatal, log

if TYPE_CHECKING:
    from jwt import PyJWK

__all__ = ["LARGEST", "PUBLIC_ALGORITHMS", "KeyFile", "key_set", "secret"]

_Keys = TypeVar("_Keys")

PUBLIC_ALGORITHMS: Final = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
"""The one algorithm that a kind of public key is good for."""

LARGEST: Final = 1 << 20
"""Bytes of a file or document of keys."""

_SHORTEST_SECRET: Final = 32
"""Bytes that HS256 needs (RFC 7518, 3.2)."""

_LOOK_SECONDS: Final = 1.0
"""How often a file is looked at."""


class KeyFile(Generic[_Keys]):
    """A file of keys, read again when it changes.

    :param read: makes the keys of its bytes; raises ValueError.
    :ivar generation: counts how often it was read.
    """

    def __init__(self, path: str, read: Callable[[bytes], _Keys]) -> None:
        self.generation = 0
        self._path = path
        self._read = read
        self._looked = 0.0
        self._seen: tuple[int, ...] = ()
        try:
            self._keys = self._load()
        except (OSError, ValueError) as error:
            raise Fatal(f"Unable to read keys from {path}: {_reason(error)}") from error

    @property
    def keys(self) -> _Keys:
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            self._look()
        return self._keys

    def _look(self) -> None:
        try:
            if self._state() == self._seen:
                return
            self._keys = self._load()
        except (OSError, ValueError) as error:
            log.error("unable to read keys from %s: %s", self._path, _reason(error))
        else:
            log.info("read keys from %s again", self._path)

    def _load(self) -> _Keys:
        self._seen = self._state()
        with open(self._path, "rb") as source:
            data = source.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ValueError(f"longer than {LARGEST} bytes")
        keys = self._read(data)
        self.generation += 1
        return keys

    def _state(self) -> tuple[int, ...]:
        found = os.stat(self._path)
        return found.st_mtime_ns, found.st_size, found.st_ino


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


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
        if algorithm is None or entry.get("alg", algorithm) != algorithm or not entry.get("kid"):
            continue
        if entry.get("use", "sig") != "sig":
            continue
        try:
            found[entry["kid"]] = PyJWK(entry, algorithm)
        except Exception as error:  # whatever two libraries find wrong with its numbers
            log.error("a key of the set is left out: %s", error)
    if not found:
        raise ValueError("no key of RS256, ES256 or EdDSA with an id (kid)")
    return found

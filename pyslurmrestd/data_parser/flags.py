"""Flags of ``-d v0.0.45+complex``: how an API version is served."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from ..record import record
from .version import ApiVersion

__all__ = ["FLAGS", "DataParser", "known_flags"]


@record
class _Flag:
    word: str
    since: int = 40
    until: int | None = None

    def __contains__(self, version: ApiVersion) -> bool:
        return self.since <= version.number and (self.until is None or version.number <= self.until)


FLAGS: Final = (
    _Flag("spec_only"),
    _Flag("fast"),
    _Flag("complex"),
    _Flag("prefer_refs", since=41),
    _Flag("minimize_refs", since=42),
    _Flag("inline_enums", since=42, until=42),
)
"""Every flag, in the order in which the document lists them, with the versions that know it."""


def known_flags(words: Iterable[str], version: ApiVersion) -> frozenset[str]:
    """Those of the words that the version knows, in lower case; the case given is irrelevant."""
    given = {word.lower() for word in words}
    return frozenset(flag.word for flag in FLAGS if flag.word in given and version in flag)


@record
class DataParser:
    """An API version as it is served.

    :ivar version: the version.
    :ivar words: the flags as they were given, known or not; ``meta`` shows them so.
    """

    version: ApiVersion
    words: tuple[str, ...] = ()

    @cached_property
    def flags(self) -> frozenset[str]:
        """The flags that have an effect."""
        return known_flags(self.words, self.version)

    @cached_property
    def name(self) -> str:
        """As ``meta.plugin.data_parser`` shows it: ``data_parser/v0.0.45+fast``."""
        return "+".join((f"data_parser/{self.version}", *self.words))

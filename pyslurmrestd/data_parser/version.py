"""API versions and the ranges that rows, codecs and structs carry."""

from __future__ import annotations

from functools import total_ordering

from ..record import record

__all__ = ["ApiVersion", "Range"]


@total_ordering
@record(eq=False)
class ApiVersion:
    """One data_parser plugin: an API version and how its answers differ beyond the tables.

    Each trait is read in one place only; whatever a row or a codec can say by its range is said
    there instead.

    :ivar name: as in paths and in ``-d``: ``v0.0.45``.
    :ivar number: the last part of the name, by which versions are ordered.
    :ivar release: the Slurm release whose answers this version follows: ``24.11`` or ``26.05``.
    :ivar inline_schemas: schemas used once stand where they are used, not as components.
    :ivar refs_everywhere: arrays and objects always become components, even the placeholders of
        what was removed (v0.0.40).
    :ivar flag_components: flag sets become components as other arrays do (v0.0.42 and before).
    :ivar marks_deprecated: deprecated operations and parameters say so (v0.0.42 on 26.05).
    :ivar explicit_deprecated: parameters carry ``deprecated: false`` (v0.0.40).
    :ivar object_parameters: a number that can be unset is a parameter of a query, as a text, though
        its schema is an object (v0.0.40).
    :ivar null_objects: an absent object is null rather than ``{}`` (v0.0.41 and later).
    :ivar dumps_hidden_flags: hidden flags show up in answers (v0.0.40).
    :ivar strict_flags: an unknown flag ends the parse at once, with a second error (v0.0.40).
    :ivar names_types: messages about input name its type instead of showing it (v0.0.40).
    """

    name: str
    number: int
    release: str
    inline_schemas: bool = False
    refs_everywhere: bool = False
    flag_components: bool = False
    marks_deprecated: bool = False
    explicit_deprecated: bool = False
    object_parameters: bool = False
    null_objects: bool = True
    dumps_hidden_flags: bool = False
    strict_flags: bool = False
    names_types: bool = False

    def __eq__(self, other: object) -> bool:
        return self.number == other.number if isinstance(other, ApiVersion) else NotImplemented

    def __lt__(self, other: ApiVersion) -> bool:
        return self.number < other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"V{self.number}"


@record
class Range:
    """The versions from ``since`` to ``until``, both included; None leaves that end open."""

    since: ApiVersion | None = None
    until: ApiVersion | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"range ends before it begins: {self}")

    def __contains__(self, version: ApiVersion) -> bool:
        return not (
            (self.since is not None and version < self.since)
            or (self.until is not None and self.until < version)
        )

    def meets(self, other: Range) -> bool:
        """Whether any version is in both."""
        before = self.until is not None and other.since is not None and self.until < other.since
        after = other.until is not None and self.since is not None and other.until < self.since
        return not (before or after)

    def __str__(self) -> str:
        return f"{self.since or ''}..{self.until or ''}"

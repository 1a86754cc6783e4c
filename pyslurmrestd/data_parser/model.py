"""The shape of a definition: struct, flags, codec, list, pointer; all frozen, checked on import.

A *parser* is one definition. It belongs to all API versions unless ``since=`` or ``until=`` say
otherwise. :mod:`.resolve` turns definitions into those of one version; from them come the plans
of the engine, the parsing of input, and the OpenAPI document.

Names of C structs, members and constants are texts here, so tables import without Slurm; the
layout (:mod:`pyslurmrestd.slurm.layout`) gives them their meaning when the package is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal

from ..record import field, record, replace
from .version import ApiVersion, Range

if TYPE_CHECKING:
    from .context import ParseContext

__all__ = [
    "WHOLE_RECORD",
    "Codec",
    "Either",
    "F",
    "Field",
    "Flag",
    "Flags",
    "List",
    "Parser",
    "Pointer",
    "Struct",
    "Whole",
    "bit",
    "derived",
    "either",
    "list_of",
    "masked",
    "pointer",
    "removed",
    "whole",
]


class Whole(Enum):
    """The source of a value that is computed from several members of its record."""

    RECORD = "the whole record"


WHOLE_RECORD: Final = Whole.RECORD


@record(kw_only=True, eq=False)
class Parser:
    """What all definitions share: Slurm's name without its prefix, and a range of versions."""

    name: str
    since: ApiVersion | None = None
    until: ApiVersion | None = None

    @property
    def range(self) -> Range:
        return Range(self.since, self.until)

    def parts(self) -> Iterator[Parser]:
        """The definitions this one is made of."""
        return iter(())


@record(kw_only=True, eq=False)
class Codec(Parser):
    """A parser of one value. Families (numbers, strings, times, ...) subclass it.

    :ivar kind: the engine kind that dumps it; :mod:`.plan` lists them.
    :ivar options: what the kind needs to know beyond the member's C type.
    :ivar type: JSON type in the OpenAPI document; None when ``shown_as`` tells.
    :ivar format: OpenAPI format, such as ``int32``.
    :ivar shown_as: the parser whose schema stands for this codec in the document.
    :ivar items: the parser of one element, for codecs of JSON arrays.
    :ivar default: the default that the document tells; it changes no answer.
    :ivar words: the only texts there are, where the document lists them.
    :ivar removed: only a placeholder is dumped, and input is accepted and dropped.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    type: Literal["string", "integer", "number", "boolean", "array", "object"] | None = None
    format: str | None = None
    shown_as: Parser | None = None
    items: Parser | None = None
    default: bool | int | str | None = None
    words: tuple[str, ...] = ()
    removed: bool = False

    needs: tuple[str, ...] = ()
    """The lookups that parsing or dumping it asks for: ``tres``, ``qos``, ``associations``."""

    parses: bool = True
    """Whether input is understood; otherwise it is refused, or ignored with a warning."""

    members: tuple[str, ...] = ()
    """The C members that ``parse`` gives values for, in a codec of a whole record."""

    constants: tuple[str, ...] = ()
    """C constants that ``parse`` asks its context for."""

    written_as: Parser | None = None
    """The struct of the records that are written where this is the element of a list; ``parse``
    gives their members. None is a text."""

    @property
    def letter(self) -> str | None:
        """The C type (see ``Member.kind``) of a value that no member holds; None is its kind's."""
        return None

    def parse(self, context: ParseContext, value: Any) -> Any:
        """The value for the C member, from JSON data. A codec of a whole record returns a
        mapping of members instead. Raises ``ParseError`` through ``context.fail``."""
        raise TypeError(f"{self.name} cannot be parsed")

    def parts(self) -> Iterator[Parser]:
        yield from (part for part in (self.shown_as, self.items) if part is not None)


@record
class Flag:
    """One word of a flag set: Slurm matches it by bits or as a whole (masked) value.

    ``value`` and ``mask`` are C constants by name, or numbers. ``on`` names the value on another
    Slurm release, see :class:`Field`; a release without it never dumps the word, and refuses it.
    """

    word: str
    value: str | int
    match: Literal["bit", "whole"] = "bit"
    mask: str | int | None = None
    description: str = ""
    hidden: bool = False
    removed: bool = False
    since: ApiVersion | None = None
    until: ApiVersion | None = None
    deprecated: ApiVersion | None = None
    on: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def range(self) -> Range:
        return Range(self.since, self.until)


def bit(word: str, value: str | int, description: str = "", **marks: Any) -> Flag:
    """A flag that is set when all bits of ``value`` are."""
    return Flag(word, value, "bit", description=description, **marks)


def whole(word: str, value: str | int, description: str = "", **marks: Any) -> Flag:
    """A flag that is set when the masked number equals ``value``."""
    return Flag(word, value, "whole", description=description, **marks)


def masked(mask: str | int, *flags: Flag) -> Iterator[Flag]:
    """The flags, each matched within ``mask``."""
    return (replace(flag, mask=mask) for flag in flags)


@record(kw_only=True, eq=False)
class Flags(Parser):
    """A set of words kept in one number; dumped as a list of words, or as one word.

    :ivar mask: the mask of entries that name none of their own; None is all bits.
    :ivar single: a JSON string instead of a list.
    :ivar empty: an empty list is a set without any flag; otherwise it says nothing.
    """

    values: tuple[Flag, ...]
    mask: str | int | None = None
    single: bool = False
    empty: bool = False

    def __post_init__(self) -> None:
        _check_disjoint(self.name, [(flag.word, flag.range) for flag in self.values])


@record
class Field:
    """One row: a value of a struct.

    :ivar key: its path in the JSON, parts joined by ``/``.
    :ivar description: in the document, one short sentence.
    :ivar source: the C member (``step_id.job_id`` reaches into a nested struct), the whole
        record, or None for a removed row. In structs without a C record (queries, requests,
        responses) it is the name under which a handler finds or gives the value.
    :ivar required: the document lists the key as required, input without it is refused.
    :ivar deprecated: the first version in which the document calls it deprecated.
    :ivar gone: the first version in which it is removed, and so deprecated.
    :ivar exploded: each flag is a boolean key of its own at this level (input only).
    :ivar unwritten: input is read, and what is wrong with it told, but the record does not get it.
    :ivar on: where the member is on other Slurm releases than the one that ``source`` speaks of
        (26.05): ``{"24.11": "old_name"}``, or None for a release that has no such member. The build
        takes the name of the release whose headers it finds, and all else goes on calling it
        ``source``. A row whose member is not there dumps its empty value, and its input is refused.
    """

    key: str
    parser: Parser
    description: str
    source: str | Whole | None
    required: bool = False
    deprecated: ApiVersion | None = None
    gone: ApiVersion | None = None
    exploded: bool = False
    unwritten: bool = False
    since: ApiVersion | None = None
    until: ApiVersion | None = None
    on: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def range(self) -> Range:
        return Range(self.since, self.until)

    @property
    def removed(self) -> bool:
        return self.source is None

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.key.split("/"))

    def at(self, version: ApiVersion) -> Field:
        """The row as it is in a version of its range."""
        if self.gone is None or version < self.gone:
            return self
        return replace(self, source=None, deprecated=self.deprecated or self.gone, gone=None)


def F(  # noqa: N802 - a row is read far more often than this name
    key: str, parser: Parser, description: str, *, source: str | Whole | None = None, **marks: Any
) -> Field:
    """A row of a struct, see :class:`Field`; without ``source`` the member is named as the key."""
    return Field(key, parser, description, source or key.replace("/", "."), **marks)


def removed(key: str, parser: Parser, description: str, **marks: Any) -> Field:
    """A key that is kept for its readers: always the parser's empty value, whatever the record."""
    return Field(key, parser, description, None, **marks)


@record(kw_only=True, eq=False)
class Struct(Parser):
    """A JSON object.

    :ivar record: the C struct it is dumped from and parsed into; None when values come from
        Python (queries, requests, responses).
    :ivar init: libslurm's function that initialises such a record (``slurmdb_init_assoc_rec``) when
        one is made to be written; what is not mentioned stays as it leaves it. None is all zeros.
    :ivar free: the function that frees one with all it holds (``slurmdb_destroy_assoc_rec``).
        A record that only ever lies within another needs none.
    :ivar left: lists (``list_t``) that ``free`` leaves behind, freed beside it.
    :ivar inline: the document has its schema wherever it is used, and no name for it.
    :ivar initial: members that are not zero to begin with and their constants, where there is no
        ``init``.
    """

    fields: tuple[Field, ...]
    record: str | None = None
    init: str | None = None
    free: str | None = None
    left: tuple[str, ...] = ()
    inline: bool = False
    initial: Mapping[str, str | int] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    """Sources of the rows of any version, filled in by :mod:`.resolve`."""

    def __post_init__(self) -> None:
        _check_disjoint(self.name, [(row.key, row.range) for row in self.fields])

    def parts(self) -> Iterator[Parser]:
        return (row.parser for row in self.fields)


@record(kw_only=True, eq=False)
class List(Parser):
    """A JSON array of ``items``.

    :ivar empty: the warning of an answer in which this list is empty.
    :ivar storage: how the elements lie in memory, when the member of a row is the array:

        ``counted``
            an array of records one behind the other; the member ``count`` of the same record
            tells how many
        ``ended``
            the same, ended by an all-zero record
        ``pointers``
            an array of pointers (``items`` is a :class:`Pointer` or a text), ended by a NULL
        ``list``
            a ``list_t`` of records (``items`` is a struct or a :class:`Pointer` to one) or of texts
            (a codec of ``char *``)
        ``records``
            nothing of the kind: records of a call, or what a derive function counts

        NULL is ``[]`` in all of them, unless the row's parser is a :class:`Pointer` to the list
        with ``null_ok``.
    :ivar count: the member that counts the elements of ``counted``.
    :ivar commas: a text in place of the list stands for its parts between commas.
    """

    items: Parser
    empty: str | None = None
    storage: Literal["records", "counted", "ended", "pointers", "list"] = "records"
    count: str | None = None
    commas: bool = False

    def __post_init__(self) -> None:
        if (self.storage == "counted") != (self.count is not None):
            raise ValueError(f"{self.name}: a counted array, and no other, names its count")

    def parts(self) -> Iterator[Parser]:
        yield self.items


def list_of(items: Parser, name: str, **marks: Any) -> List:
    """An array that carries the name its schema has in the document."""
    return List(name=name, items=items, **marks)


@record(kw_only=True, eq=False)
class Pointer(Parser):
    """A member that points to a record. NULL is null, or the target's empty value."""

    to: Parser
    null_ok: bool = False

    def parts(self) -> Iterator[Parser]:
        yield self.to


def pointer(to: Parser, *, null_ok: bool = False) -> Pointer:
    return Pointer(name=f"{to.name}_PTR", to=to, null_ok=null_ok)


@record(kw_only=True, eq=False)
class Either(Parser):
    """Definitions of one name whose ranges do not meet."""

    choices: tuple[Parser, ...]

    def __post_init__(self) -> None:
        _check_disjoint(self.name, [(self.name, choice.range) for choice in self.choices])

    def parts(self) -> Iterator[Parser]:
        return iter(self.choices)


def either(*choices: Parser) -> Either:
    names = {choice.name for choice in choices}
    if len(names) != 1:
        raise ValueError(f"definitions of different names: {sorted(names)}")
    return Either(name=names.pop(), choices=choices)


def derived(
    name: str,
    function: str,
    dumped_as: Parser,
    *,
    type: Literal["string", "integer", "number", "boolean", "array", "object"] | None = None,
    format: str | None = None,
    shown_as: Parser | None = None,
    items: Parser | None = None,
    reads: str = "",
    options: Mapping[str, Any] | None = None,
    **marks: Any,
) -> Codec:
    """A value that a function of :mod:`pyslurmrestd.slurm.derived` works out from the record.

    The function fills a small scratch record; ``dumped_as`` then dumps that.

    :param reads: letters (``Member.kind``) of the C types of members that the function takes; empty
        for one that takes the record, or a type that has no letter.
    :param options: further ones of the kind.
    """
    return Codec(
        name=name,
        kind="derived",
        options={
            "function": function,
            "dumped_as": dumped_as,
            "reads": reads,
            **(options or {}),
        },
        type=type,
        format=format,
        shown_as=shown_as,
        items=items,
        parses=False,
        **marks,
    )


def _check_disjoint(owner: str, rows: Sequence[tuple[str, Range]]) -> None:
    """Fail the import when two rows of one key hold in the same version."""
    seen: dict[str, list[Range]] = {}
    for key, span in rows:
        for earlier in seen.setdefault(key, []):
            if earlier.meets(span):
                raise ValueError(f"{owner}: {key!r} stands twice: {earlier} and {span}")
        seen[key].append(span)

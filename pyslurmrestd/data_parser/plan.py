"""Plans: resolved definitions and flags, flattened into what the engine walks.

A plan holds every text that does not depend on a record, keys and brackets and indents included,
so the engine writes values between them and never asks at which depth it is.

The kinds of op that a codec may name, with the options they read:

=================  =====================================================================
``string``         ``char *``; NULL is ``""``
``csv``            ``char *`` split at commas, empty parts dropped
``strings``        array of ``char *``; ``items`` and ``count`` name its members, without
                   ``count`` it ends at a NULL
``bool``           any non-zero number
``no_val_bool``    likewise, NO_VAL is false
``number``         an integer of the member's own width and sign
``null_number``    likewise, sentinels are null
``marked_number``  likewise, sentinels come with a warning
``double``         ``double`` or ``long double``; infinity and NaN are spelled
``null_double``    likewise, 32-bit sentinels are null
``marked_double``  likewise, as placeholders with a warning
``no_val``         {set, infinite, number} of a 16, 32 or 64-bit number or a double
``timestamp``      seconds
``timestamp_no_val``  {set, infinite, number} of seconds
``memory``         {set, infinite, number} of megabytes; ``per_cpu`` chooses by the top bit
``spec_count``     specialised cores, or threads (``thread``)
``nice``           the nice value, moved to its zero
``hold``           whether a priority is 0
``masked_number``  a number without the bits of ``mask``
``user, group``    the name of an id
``name``           the text of a number by ``table``, else ``fallback``; that being None, its
                   digits. The constant ``unset`` has no text
``same``           as ``dumped_as``
``derived``        ``function`` of the record or member, then dumped as ``dumped_as``
``python``         a slow Python ``function`` of the record's address
``constant``       ``data``, whatever the record
=================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from . import engine
from .model import WHOLE_RECORD, Codec, Field, Flags, List, Parser, Pointer, Struct
from .version import ApiVersion

__all__ = ["Member", "MemberLayout", "Op", "Planner", "response_plan"]

ALL_BITS: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Member:
    """Where a C member lies and what it is.

    :ivar kind: the letter of its type: ``b h i l`` signed, ``B H I L`` unsigned integers of 1, 2,
        4 and 8 bytes, ``?`` bool, ``d`` double, ``D`` long double, ``s`` a ``char *``, ``S`` a
        ``char **``, ``T`` a ``list_t *``, ``x`` anything else.
    """

    offset: int
    size: int
    kind: str


class MemberLayout(Protocol):
    """What a plan asks of a layout; tests bring a synthetic one."""

    def member(self, record: str, name: str) -> Member: ...

    def size(self, record: str) -> int: ...

    def constant(self, name: str | int) -> int: ...

    def function(self, name: str) -> int | Callable[[int], Any]:
        """The address of a derive function, or a Python function for the slow kind.

        ``list_for_each`` is libslurm's, by which lists are walked.
        """


@dataclass(frozen=True, slots=True)
class Op:
    """One value as :class:`engine.Plan` compiles it; see the C struct of the same name."""

    kind: str
    depth: int = 0
    width: int = 8
    signed: bool = False
    real: bool = False
    complex: bool = False
    offset: int = 0
    count_offset: int = 0
    count_width: int = 0
    stride: int = 8
    key: bytes = b""
    texts: tuple[bytes, ...] = ()
    ops: tuple[Op, ...] = ()
    flags: tuple[tuple[int, int, bool, bytes], ...] = ()
    names: Mapping[int, bytes] | None = None
    function: int | Callable[[int], Any] | None = None


class _Text:
    """The fixed texts of one style."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.yaml = style == "yaml"
        self.compact = style == "json_compact"

    def line(self, depth: int) -> bytes:
        return b"" if self.compact else b"\n" + b"  " * depth

    def data(self, data: Any) -> bytes:
        """A scalar or an empty container; others have no fixed text of their own."""
        text: bytes = engine.render(data, self.style)
        return text.removeprefix(b"%YAML 1.1\n--- ").removesuffix(b"\n...\n")

    def key(self, word: str, depth: int) -> bytes:
        """A key with the line before it, for the members of an object ``depth`` levels deep."""
        inner = depth if self.yaml else depth + 1
        return self.line(inner) + self.data(word) + (b":" if self.compact else b": ")

    def comma(self) -> bytes:
        return b"" if self.yaml else b","

    def object_open(self) -> bytes:
        return b"!!map" if self.yaml else b"{"

    def object_close(self, depth: int) -> bytes:
        return b"" if self.yaml else self.line(depth) + b"}"

    def list_texts(self, depth: int) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        """Open, before the first element, before another, close, and the whole empty list."""
        if self.yaml:
            dash = self.line(max(depth - 1, 0)) + b"- "
            return b"!!seq", dash, dash, b"", self.data([])
        inner = self.line(depth + 1)
        return b"[", inner, b"," + inner, self.line(depth) + b"]", b"[]"

    def element_depth(self, depth: int, item: Parser) -> int:
        # A YAML list in a list is indented once more: its dashes may not stand under this one's.
        return max(depth, 1) + _is_array(item) if self.yaml else depth + 1

    def n_texts(self, depth: int, nothing: float = 0) -> tuple[bytes, bytes, bytes, bytes]:
        """Of a {set, infinite, number}: unset, infinite, before and after a number.

        :param nothing: the number where there is none, ``0`` or ``0.0``.
        """

        def n(is_set: bool, infinite: bool) -> bytes:
            return (
                self.object_open()
                + self.key("set", depth)
                + self.data(is_set)
                + self.comma()
                + self.key("infinite", depth)
                + self.data(infinite)
                + self.comma()
                + self.key("number", depth)
            )

        end = self.object_close(depth)
        zero = self.data(nothing)
        return n(False, False) + zero + end, n(False, True) + zero + end, n(True, False), end


class Planner:
    """Makes the ops of one version, set of flags and style."""

    def __init__(
        self, version: ApiVersion, flags: frozenset[str], style: str, layout: MemberLayout
    ) -> None:
        self.version = version
        self.complex = "complex" in flags
        self.text = _Text(style)
        self.layout = layout
        self.needs: set[str] = set()

    def value(self, parser: Parser, member: Member, depth: int, record: str | None) -> Op:
        """The op of one value at ``member`` of a record."""
        if isinstance(parser, Codec):
            return self.codec(parser, member, depth, record)
        if isinstance(parser, Flags):
            return self.flags(parser, member, depth)
        if isinstance(parser, Struct):
            return self.struct(parser, member.offset, depth)
        if isinstance(parser, Pointer):
            return self.pointer(parser, member, depth, record)
        if isinstance(parser, List):
            return self.list(parser, member, depth, record)
        raise TypeError(f"{parser.name} has no plan")

    def codec(self, codec: Codec, member: Member, depth: int, record: str | None) -> Op:
        self.needs.update(codec.needs)
        op = Op(
            kind=codec.kind,
            depth=depth,
            width=member.size,
            signed=member.kind in "bhil",
            real=member.kind in "dD",
            complex=self.complex,
            offset=member.offset,
        )
        make = getattr(self, f"_{codec.kind}", None)
        made: Op = make(codec, op, record) if make is not None else op
        return made

    def _timestamp(self, codec: Codec, op: Op, record: str | None) -> Op:
        return replace(op, kind="number", signed=False)

    def _csv(self, codec: Codec, op: Op, record: str | None) -> Op:
        return replace(op, texts=self.text.list_texts(op.depth))

    def _strings(self, codec: Codec, op: Op, record: str | None) -> Op:
        item = Op(kind="string", complex=self.complex)
        op = replace(op, texts=self.text.list_texts(op.depth), ops=(item,))
        if record is None:
            return op
        if codec.options.get("items"):
            op = replace(op, offset=self.layout.member(record, codec.options["items"]).offset)
        if codec.options.get("count"):
            count = self.layout.member(record, codec.options["count"])
            op = replace(op, count_offset=count.offset, count_width=count.size)
        return op

    def _no_val(self, codec: Codec, op: Op, record: str | None) -> Op:
        nothing = 0.0 if op.real else 0
        return replace(op, texts=self.text.n_texts(op.depth, nothing))

    _timestamp_no_val = _no_val

    def _memory(self, codec: Codec, op: Op, record: str | None) -> Op:
        kind = "memory_per_cpu" if codec.options["per_cpu"] else "memory_per_node"
        return replace(op, kind=kind, texts=self.text.n_texts(op.depth))

    def _spec_count(self, codec: Codec, op: Op, record: str | None) -> Op:
        return replace(op, kind="thread_spec" if codec.options["thread"] else "core_spec")

    def _masked_number(self, codec: Codec, op: Op, record: str | None) -> Op:
        mask = ALL_BITS & ~self.layout.constant(codec.options["mask"])
        return replace(op, flags=((0, mask, False, b""),))

    def _name(self, codec: Codec, op: Op, record: str | None) -> Op:
        names = {number: self.text.data(word) for number, word in codec.options["table"].items()}
        unset = codec.options.get("unset")
        if unset is not None:
            names[self.layout.constant(unset)] = self.text.data(None if self.complex else "")
        fallback = codec.options.get("fallback", "")
        op = replace(op, names=names)
        # Without a fallback a number that has no name is its own, in digits.
        return replace(op, kind="word") if fallback is None else self._with_empty(op, fallback)

    def _same(self, codec: Codec, op: Op, record: str | None) -> Op:
        member = Member(op.offset, op.width, "L")
        return self.value(codec.options["dumped_as"], member, op.depth, record)

    def _with_empty(self, op: Op, empty: Any) -> Op:
        return replace(op, texts=(b"", b"", b"", b"", self.text.data(empty)))

    def _derived(self, codec: Codec, op: Op, record: str | None) -> Op:
        inner = codec.options["dumped_as"]
        return replace(
            op,
            function=self.layout.function(codec.options["function"]),
            ops=(self._scratch(inner, op.depth),),
        )

    def _scratch(self, parser: Parser, depth: int) -> Op:
        """The op of a value in the engine's scratch record: value or pointer, then a count."""
        if isinstance(parser, List):
            return self.list(parser, Member(0, 8, "x"), depth, None)
        if isinstance(parser, Struct):
            return self.pointer(
                Pointer(name=parser.name, to=parser), Member(0, 8, "x"), depth, None
            )
        if isinstance(parser, Codec) and parser.kind == "strings":
            item = Op(kind="string", complex=self.complex)
            return Op(
                kind="strings",
                texts=self.text.list_texts(depth),
                ops=(item,),
                count_offset=8,
                count_width=8,
            )
        return self.value(parser, _slot(parser), depth, None)

    def _python(self, codec: Codec, op: Op, record: str | None) -> Op:
        return replace(op, function=self.layout.function(codec.options["function"]))

    def _constant(self, codec: Codec, op: Op, record: str | None) -> Op:
        data = None if self.complex and self.version.null_objects else codec.options["data"]
        return self.constant(data)

    def constant(self, data: Any) -> Op:
        return Op(kind="constant", texts=(self.text.data(data),))

    def flags(self, flags: Flags, member: Member, depth: int) -> Op:
        whole_mask = ALL_BITS if flags.mask is None else self.layout.constant(flags.mask)
        width_mask = (1 << 8 * member.size) - 1
        rows = []
        for flag in flags.values:
            if flag.removed or (flag.hidden and not self.version.dumps_hidden_flags):
                continue
            mask = whole_mask if flag.mask is None else self.layout.constant(flag.mask)
            number = self.layout.constant(flag.value)
            if flag.match == "bit" and number and not number & width_mask:
                continue  # the member is too narrow to have it
            rows.append(
                (
                    number & width_mask,
                    mask & width_mask,
                    flag.match == "whole",
                    self.text.data(flag.word),
                )
            )
        return Op(
            kind="flag" if flags.single else "flags",
            depth=depth,
            width=member.size,
            offset=member.offset,
            texts=self.text.list_texts(depth),
            flags=tuple(rows),
        )

    def pointer(self, pointer: Pointer, member: Member, depth: int, record: str | None) -> Op:
        to = pointer.to
        if isinstance(to, List):
            op = self.list(to, member, depth, record)
            if record is None or pointer.null_ok:
                op = replace(op, texts=(*op.texts, self.text.data(self.absent(pointer))))
            return op
        if isinstance(to, Codec) and (record is None or to.kind == "constant"):
            return self.codec(to, member, depth, record)
        return self.pointed(to, member.offset, depth, self.absent(pointer))

    def pointed(self, to: Parser, offset: int, depth: int, absent: Any) -> Op:
        """What lies behind the pointer at ``offset``."""
        return Op(
            kind="pointer",
            depth=depth,
            offset=offset,
            texts=(b"", b"", b"", b"", b"", self.text.data(absent)),
            ops=(self.value(to, Member(0, 0, "x"), depth, None),),
        )

    def absent(self, pointer: Pointer) -> Any:
        """What a NULL pointer is dumped as."""
        if self.complex or pointer.null_ok or self.version.null_objects:
            return None
        return [] if isinstance(pointer.to, List) else {}

    def list(self, parser: List, member: Member, depth: int, record: str | None) -> Op:
        """An array in the storage of its parser; in no record of Slurm's a count lies beside it."""
        items = parser.items
        target = items.to if isinstance(items, Pointer) else items
        element = target.record if isinstance(target, Struct) else None
        inner = self.text.element_depth(depth, target)
        op = Op(
            kind=parser.storage,
            depth=depth,
            offset=member.offset,
            texts=self.text.list_texts(depth),
        )
        if record is None and parser.storage in ("records", "counted", "list"):
            item = self.value(target, Member(0, 8, "s"), inner, element)
            stride = self.layout.size(element) if element else 8
            return replace(
                op, kind="counted", ops=(item,), stride=stride, count_offset=8, count_width=8
            )
        if parser.storage == "records":
            raise TypeError(f"{parser.name}: nothing tells how many elements a record has")
        if parser.storage == "list":
            if isinstance(target, Struct) or isinstance(items, Pointer):
                item = self.pointed(target, 0, inner, None)
            else:
                item = self.value(items, Member(0, 8, "s"), inner, record)
            return replace(op, ops=(item,), function=self.layout.function("list_for_each"))
        item = self.value(items, Member(0, 8, "s"), inner, element or record)
        stride = self.layout.size(element) if element and items is target else 8
        op = replace(op, ops=(item,), stride=stride)
        if parser.count is not None and record is not None:
            count = self.layout.member(record, parser.count)
            op = replace(op, count_offset=count.offset, count_width=count.size)
        return op

    def struct(self, struct: Struct, offset: int, depth: int) -> Op:
        """An object: nested keys are opened and closed in the texts of the ops between them."""
        pending = b""
        ops: list[Op] = []
        for lead, op in self._members(_tree(struct.fields), struct, depth):
            if op is None:
                pending += lead
            else:
                ops.append(replace(op, key=pending + lead))
                pending = b""
        if not ops:
            return self.constant({})
        return Op(
            kind="struct",
            depth=depth,
            offset=offset,
            texts=(self.text.object_open(), pending + self.text.object_close(depth)),
            ops=tuple(ops),
        )

    def _members(
        self, tree: Mapping[str, Any], struct: Struct, depth: int
    ) -> Iterator[tuple[bytes, Op | None]]:
        """(text before, op) for each row; closing texts come with no op."""
        for place, (word, below) in enumerate(tree.items()):
            lead = (self.text.comma() if place else b"") + self.text.key(word, depth)
            if isinstance(below, Field):
                yield lead, self.row(below, struct.record, depth + 1)
            else:
                yield lead + self.text.object_open(), None
                yield from self._members(below, struct, depth + 1)
                yield self.text.object_close(depth + 1), None

    def row(self, row: Field, record: str | None, depth: int) -> Op:
        if row.removed:
            return self.constant(self.removed(row))
        if row.source is WHOLE_RECORD:
            return self.value(row.parser, Member(0, 0, "x"), depth, record)
        assert isinstance(row.source, str)
        if record is None:
            # A row of a response or of plain data: its value comes from Python.
            return self.value(row.parser, Member(0, 8, "L"), depth, None)
        return self.value(row.parser, self.layout.member(record, row.source), depth, record)

    def removed(self, row: Field) -> Any:
        if self.complex and self.version.null_objects:
            return None
        return empty_value(row.parser)


def empty_value(parser: Parser) -> Any:
    """The placeholder of a removed row, by the JSON type its parser comes down to."""
    if isinstance(parser, Pointer):
        return empty_value(parser.to)
    if isinstance(parser, List) or (isinstance(parser, Flags) and not parser.single):
        return []
    if isinstance(parser, Flags):
        return ""
    if isinstance(parser, Struct):
        return {}
    assert isinstance(parser, Codec)
    if parser.type is None and parser.shown_as is not None:
        return empty_value(parser.shown_as)
    empties: dict[str | None, Any] = {
        "string": "",
        "integer": 0,
        "number": 0.0,
        "boolean": False,
        "array": [],
        "object": {},
    }
    return empties[parser.type]


def _is_array(parser: Parser) -> bool:
    if isinstance(parser, Flags):
        return not parser.single
    return isinstance(parser, List) or (isinstance(parser, Codec) and parser.type == "array")


def _slot(parser: Parser) -> Member:
    """A place of 8 bytes for a value that lies in no record of Slurm's."""
    kind = "L"
    if isinstance(parser, Codec):
        if parser.real:
            kind = "d"
        elif parser.kind in ("string", "csv"):
            kind = "s"
        elif parser.kind == "number":
            kind = "l"
    return Member(0, 8, kind)


def _tree(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Rows by nested keys; a nested object stands where its first row does."""
    tree: dict[str, Any] = {}
    for row in fields:
        if row.exploded:
            continue
        place = tree
        for part in row.path[:-1]:
            place = place.setdefault(part, {})
        place[row.path[-1]] = row
    return tree


def response_plan(
    response: Struct, version: ApiVersion, flags: frozenset[str], style: str, layout: MemberLayout
) -> engine.Plan:
    """The plan of an answer: its rows are the struct's, its values come by their sources."""
    planner = Planner(version, flags, style, layout)
    return engine.Plan(
        style,
        [
            (row.source, planner.text.key(row.key, 0), planner.row(row, None, 1))
            for row in response.fields
        ],
        planner.needs,
    )

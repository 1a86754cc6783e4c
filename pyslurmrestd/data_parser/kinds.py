"""The kinds of value that a codec may name: which C members each dumps, and its op.

A kind stands here and, as the function of its name, in the engine (``values.pxi``). With the
options that each reads:

====================  ===================================================================
``string``            ``char *``; NULL is ``""``
``csv``               ``char *`` split at commas, empty parts dropped
``strings``           array of ``char *``; ``items`` and ``count`` name its members, without
                      ``count`` it ends at a NULL
``bool``              any non-zero number
``no_val_bool``       likewise, NO_VAL is false
``number``            an integer of the member's own width, and sign unless it is ``signed``
``null_number``       likewise, sentinels are null
``marked_number``     likewise, sentinels come with a warning
``part``              a number without what else is kept in it, see :func:`_part`
``double``            ``double`` or ``long double``; infinity and NaN are spelled
``null_double``       likewise, 32-bit sentinels are null
``marked_double``     likewise, as placeholders with a warning
``no_val``            {set, infinite, number} of a 16, 32 or 64-bit number or a double, whose
                      infinity ``endless`` can make a ``number``, or one ``marked`` by a warning
``timestamp``         seconds
``timestamp_no_val``  {set, infinite, number} of seconds
``memory``            {set, infinite, number} of megabytes; ``per_cpu`` chooses by the top bit
``user``, ``group``   the name of an id
``name``              the text of a number by ``table`` (numbers, or C constants by name), else
                      ``fallback``; that being None, its digits
``same``              as ``dumped_as``; under +complex the data ``complex``, if it is given
``derived``           ``function`` of the record or member, then dumped as ``dumped_as``; it
                      takes members of the C types ``reads``; no object is ``absent``, if given
``python``            a slow Python ``function`` of the record's address
``constant``          ``data``, whatever the record
====================  ===================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..record import record, replace
from .model import Codec
from .op import Member, Op

if TYPE_CHECKING:
    from .plan import Planner

__all__ = ["KINDS", "NUMBERS", "Kind"]

Make = Callable[["Planner", Codec, Op, str | None], Op]

NUMBERS: Final = "LlIiHhBb?"
_REALS: Final = "dD"
_ALL_BITS: Final = (1 << 64) - 1


def _as_it_is(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    return op


@record
class Kind:
    """One kind.

    :ivar members: letters (see ``Member.kind``) of the C types that it dumps; the first is that of
        a value which lies in no record. Empty is any, or none.
    :ivar make: completes the op of its kind.
    :ivar word: it dumps a text, whatever it reads.
    """

    members: str
    make: Make = _as_it_is
    word: bool = False


def _number(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    return replace(op, signed=op.signed or codec.options.get("signed", False))


def _timestamp(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    return replace(op, kind="number", signed=False)


def _csv(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    return replace(op, texts=planner.text.list_texts(op.depth))


def _strings(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    item = Op(kind="string", letter="s", complex=planner.complex)
    op = replace(op, texts=planner.text.list_texts(op.depth), ops=(item,))
    items, count = codec.options.get("items"), codec.options.get("count")
    if record is None:
        # A derived array has its count beside it.
        return replace(op, count_offset=8, count_width=8)
    if items:
        member = planner.layout.member(record, items)
        planner.fits(codec, member, "S")
        op = replace(op, offset=member.offset)
    if count:
        member = planner.layout.member(record, count)
        op = replace(op, count_offset=member.offset - op.offset, count_width=member.size)
    return op


def _no_val(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    if op.real:
        endless = (None, "number", "marked").index(codec.options.get("endless"))
        texts = planner.text.n_texts(op.depth, 0.0)
        return replace(op, kind="no_val_double", texts=texts, numbers=(endless,))
    return replace(op, texts=planner.text.n_texts(op.depth))


def _memory(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    kind = "memory_per_cpu" if codec.options["per_cpu"] else "memory_per_node"
    return replace(op, kind=kind, texts=planner.text.n_texts(op.depth))


def _part(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    """A number that shares its member with marks.

    The options name C constants: ``mask``, bits that are taken away; ``only``, a pair of bits and
    whether they have to be set, or the number is 0; ``zero``, what the number's 0 is kept as, by
    which it has a sign and is 0 when unset. ``is_zero`` tells whether it is 0 instead of it.
    """
    options = codec.options
    constant = planner.layout.constant
    bits, set_ = options.get("only", (0, True))
    only = constant(bits)
    zero = constant(options["zero"]) if "zero" in options else 0
    keep = _ALL_BITS & ~constant(options.get("mask", 0))
    numbers = (only, only if set_ else 0, keep, zero, int(bool(options.get("is_zero"))))
    return replace(op, signed="zero" in options, numbers=numbers)


def _name(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    text = planner.text
    constant = planner.layout.constant
    names = {constant(number): text.data(word) for number, word in codec.options["table"].items()}
    fallback = codec.options.get("fallback", "")
    if fallback is None:
        return replace(op, kind="name_or_number", names=names)
    return replace(op, names=names, texts=(b"", b"", b"", b"", text.data(fallback)))


def _identity(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    return replace(op, numbers=(planner.layout.constant("SLURM_AUTH_NOBODY"),))


def _same(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    if planner.complex and "complex" in codec.options:
        return planner.constant(codec.options["complex"])
    member = Member(op.offset, op.width, op.letter)
    return planner.value(codec.options["dumped_as"], member, op.depth, record)


def _derived(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    inner = planner.scratch(codec.options["dumped_as"], op.depth, codec.options)
    function = planner.layout.function(codec.options["function"])
    return replace(op, function=function, ops=(inner,))


def _python(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    return replace(op, function=planner.layout.function(codec.options["function"]))


def _constant(planner: Planner, codec: Codec, op: Op, record: str | None) -> Op:
    nothing = planner.complex and planner.version.null_objects
    return planner.constant(None if nothing else codec.options["data"])


KINDS: Final[dict[str, Kind]] = {
    "string": Kind("s"),
    "csv": Kind("s", _csv),
    "strings": Kind("Sx", _strings),
    "bool": Kind(NUMBERS),
    "no_val_bool": Kind("HIL"),
    "number": Kind(NUMBERS, _number),
    "null_number": Kind(NUMBERS),
    "marked_number": Kind(NUMBERS),
    "part": Kind("LIH", _part),
    "double": Kind(_REALS),
    "null_double": Kind(_REALS),
    "marked_double": Kind(_REALS),
    "no_val": Kind("LlIiHh" + _REALS, _no_val),
    "timestamp": Kind("lL", _timestamp),
    "timestamp_no_val": Kind("lL", _no_val),
    "memory": Kind("L", _memory),
    "user": Kind("Ii", _identity, word=True),
    "group": Kind("Ii", _identity, word=True),
    "name": Kind(NUMBERS, _name, word=True),
    "same": Kind("", _same),
    "derived": Kind("", _derived),
    "python": Kind("", _python),
    "constant": Kind("", _constant),
}

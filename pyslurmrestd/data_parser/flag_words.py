"""From words to the number that keeps a set of flags."""

from __future__ import annotations

from typing import Any, Final

from pyslurmrestd.errors import ErrorCode

from .context import ParseContext
from .guess import to_bool, to_text, type_name
from .model import Flag, Flags

__all__ = ["parse_exploded", "parse_flags"]

_ALL_BITS: Final = 0xFFFFFFFFFFFFFFFF


def parse_flags(parser: Flags, data: Any, context: ParseContext) -> int | None:
    """The number for a word or a list of words, in any case; None for what says nothing.

    An unknown word is noted as an error and the parse goes on, but in v0.0.40 ends it.
    """
    bits = _Bits(parser, context)
    if isinstance(data, str):
        with context.at_index(0):
            known = _set_word(bits, data, context)
        if not known and context.version.strict_flags:
            context.fail(ErrorCode.INVALID_FLAG, f'Parsing single flag "{data}" failed')
        return bits.number
    if not isinstance(data, list):
        context.fail(ErrorCode.FLAGS_NO_LIST, f"Expected a List but found a {type_name(data)}")
    for index, item in enumerate(data):
        with context.at_index(index):
            known = _set_word(bits, item, context)
        if not known and context.version.strict_flags:
            context.fail(ErrorCode.INVALID_FLAG, "Parsing flags failed")
    return bits.number if data or parser.empty else None


def parse_exploded(parser: Flags, data: dict[str, Any], context: ParseContext) -> int:
    """The number for flags that are each a boolean key of ``data``; a missing one is not set."""
    bits = _Bits(parser, context)
    given = {key.lower(): (key, value) for key, value in data.items()}
    for flag in parser.values:
        key, value = given.get(flag.word.lower(), (flag.word, False))
        chosen = to_bool(value)
        if chosen is None:
            with context.at(key):
                context.fail(
                    ErrorCode.CONVERSION_FAILED, f"Expected boolean but got {context.got(value)}"
                )
        if chosen:
            bits.set(flag)
    return bits.number


class _Bits:
    """A flag set being filled."""

    def __init__(self, parser: Flags, context: ParseContext) -> None:
        self.flags = {flag.word.lower(): flag for flag in reversed(parser.values)}
        self.number = 0
        self._mask = _ALL_BITS if parser.mask is None else parser.mask
        self._constant = context.constant

    def set(self, flag: Flag) -> None:
        if flag.removed:
            return
        mask = self._constant(self._mask if flag.mask is None else flag.mask)
        value = mask & self._constant(flag.value)
        if flag.match == "whole":
            self.number &= ~mask
        self.number |= value


def _set_word(bits: _Bits, item: Any, context: ParseContext) -> bool:
    """Set one word at the current place; whether it is known."""
    word = to_text(item)
    if word is None:
        context.fail(ErrorCode.INVALID_FLAG, f"Expected a flag but got {context.got(item)}")
    flag = bits.flags.get(word.lower())
    if flag is not None and flag.on and not context.has(flag.value):
        flag = None
    if flag is None:
        context.error(ErrorCode.INVALID_FLAG, f'Unknown flag "{word}"')
    elif flag.removed:
        context.warn(f"Ignoring deprecated flag: {flag.word}")
    else:
        bits.set(flag)
    return flag is not None

"""YAML read: only what is tagged has a type but text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from pyslurmrestd.serializer import Allowance, MalformedText, integer, until_nul

__all__ = ["read_yaml"]

MAX_DEPTH: Final = 64
"""Levels of lists and maps within one another."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG: Final = "tag:yaml.org,2002:"
_LIST_TAGS: Final = (None, "!", _TAG + "seq")
_MAP_TAGS: Final = (None, "!", _TAG + "map")

# What may stand in front of the first document: blanks and comments, with all that ends a line.
_BLANK: Final = re.compile(
    rb"(?:[ \t\r\n]|\xef\xbb\xbf|\xc2\x85|\xe2\x80[\xa8\xa9]"
    rb"|#(?:[^\r\n\xc2\xe2]|\xc2(?!\x85)|\xe2(?!\x80[\xa8\xa9]))*+)*+"
)
_VERSION: Final = re.compile(rb"%YAML[ \t]++[0-9]++\.[0-9]++(?=[ \t\r\n])")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

_NULL: Final = re.compile(r"(?:null|~.*)?", re.IGNORECASE | re.DOTALL)
_TRUE: Final = re.compile(r"y|yes|t|true|on", re.IGNORECASE)
_FALSE: Final = re.compile(r"n|no|f|false|off", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]+")
_HEXADECIMAL: Final = re.compile(r"[+-]?0x[0-9a-f]{1,16}", re.IGNORECASE)
_FLOAT: Final = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|\.?inf(?:inity)?)|\.?nan",
    re.IGNORECASE,
)


def read_yaml(body: bytes, allowance: Allowance) -> Any:
    """The first document of a text. Raises MalformedText."""
    try:
        if body.startswith(_UTF16):
            body = body.decode("utf-16").encode()
        _check_directives(body)
        return _parse_document(yaml.parse(body, Loader=_LOADER), allowance)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise MalformedText("Unable to convert Data type") from error


def _check_directives(body: bytes) -> None:
    """Raise MalformedText for a directive but one ``%YAML``, which our own answers begin with.

    libyaml compares each ``%TAG`` with all before it, with the GIL held.
    """
    match = _BLANK.match(body)
    assert match is not None
    version = _VERSION.match(body, match.end())
    if version is not None:
        match = _BLANK.match(body, version.end())
        assert match is not None
    if body.startswith(b"%", match.end()):
        raise MalformedText("YAML directives other than one %YAML are refused")


def _parse_document(events: Iterator[yaml.Event], allowance: Allowance) -> Any:
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return _parse_node(next(events), events, 0, allowance)
    return ""  # Slurm: no document is read as an empty text.


def _parse_node(
    event: yaml.Event, events: Iterator[yaml.Event], level: int, allowance: Allowance
) -> Any:
    """The node that begins with an event. Raises ValueError for what has no meaning here."""
    allowance.spend()
    if getattr(event, "anchor", None) is not None:
        raise ValueError("aliases are refused")
    if isinstance(event, yaml.ScalarEvent):
        return _parse_scalar(event)
    if level == MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(event, yaml.SequenceStartEvent) and event.tag in _LIST_TAGS:
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_parse_node(event, events, level + 1, allowance))
        return items
    if isinstance(event, yaml.MappingStartEvent) and event.tag in _MAP_TAGS:
        members = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None:
                raise ValueError("a key that is no scalar")
            key = until_nul(event.value)
            members[key] = _parse_node(next(events), events, level + 1, allowance)
        return members
    raise ValueError(f"unexpected {event}")


def _parse_scalar(event: yaml.ScalarEvent) -> Any:
    text = until_nul(event.value)
    if event.tag in (None, "!", _TAG + "str"):
        return text
    if event.tag == _TAG + "null" and _NULL.fullmatch(text):
        return None
    if event.tag == _TAG + "bool":
        return _bool(text)
    if event.tag == _TAG + "int":
        return _int(text)
    if event.tag == _TAG + "float" and _FLOAT.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    raise ValueError(f"{text!r:.80} is no {event.tag}")


def _bool(text: str) -> bool:
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    return _int(text) != 0


def _int(text: str) -> int | float:
    if _DECIMAL.fullmatch(text):
        return integer(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    raise ValueError(f"{text!r:.80} is no integer")

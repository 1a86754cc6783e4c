"""Texts: plain, lists in one text, arrays of texts, and what is dumped as a text."""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec, pointer

__all__ = [
    "BITSTR",
    "BITSTR_PTR",
    "CSV_STRING",
    "ERROR",
    "STRING",
    "STRING_ARRAY",
    "BitString",
    "CsvString",
    "String",
    "StringArray",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class String(Codec):
    """A text; any scalar becomes one, null leaves it unset."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CsvString(Codec):
    """A list of texts that C keeps as one text with commas."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StringArray(Codec):
    """A list of texts that C keeps as an array ended by NULL."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BitString(Codec):
    """A set of small numbers, written as ranges: ``0-3,5``."""


STRING = String(name="STRING", kind="string", type="string")
CSV_STRING = CsvString(name="CSV_STRING", kind="csv", type="array", items=STRING)
STRING_ARRAY = StringArray(
    name="STRING_ARRAY",
    kind="strings",
    type="array",
    items=STRING,
)
BITSTR = BitString(
    name="BITSTR",
    kind="derived",
    options={"function": "bitmap_text", "dumped_as": STRING},
    type="string",
)
BITSTR_PTR = pointer(BITSTR)
ERROR = Codec(
    name="ERROR",
    kind="derived",
    options={"function": "error_text", "dumped_as": STRING},
    type="string",
    parses=False,
)

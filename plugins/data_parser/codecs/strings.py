"""Texts: plain, lists in one text, arrays of texts, and what is dumped as a text."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_text, type_name
from pyslurmrestd.data_parser.model import Codec, list_of, pointer
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record
from pyslurmrestd.serializer import until_nul


@record(kw_only=True, eq=False)
class String(Codec):
    """A text; any scalar becomes one, null leaves it unset."""

    def parse(self, context: ParseContext, value: Any) -> str | None:
        """The text, up to its first NUL."""
        if value is None:
            return None
        text = to_text(value)
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected string but got {context.got(value)}"
            )
        return until_nul(text)


@record(kw_only=True, eq=False)
class CsvString(Codec):
    """A list of texts that C keeps as one text with commas."""

    def parse(self, context: ParseContext, value: Any) -> str | None:
        """The text with commas; the members of an object become ``key=value``."""
        if value is None or value == [] or value == {}:
            return None
        if isinstance(value, list):
            return ",".join(self._part(context, part) for part in value)
        if isinstance(value, dict):
            return ",".join(f"{key}={self._part(context, part)}" for key, part in value.items())
        return until_nul(to_text(value) or "")

    def _part(self, context: ParseContext, value: Any) -> str:
        text = to_text(value)
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"unable to convert csv entry {type_name(value)} to string",
            )
        return until_nul(text)


@record(kw_only=True, eq=False)
class StringArray(Codec):
    """A list of texts that C keeps as an array ended by NULL."""

    def parse(self, context: ParseContext, value: Any) -> list[str]:
        """The texts; the members of an object become ``key=value``."""
        if not isinstance(value, list | dict):
            context.fail(
                ErrorCode.LIST_EXPECTED, f"expected a list of strings but got {context.got(value)}"
            )
        if isinstance(value, list):
            return [self._item(context, item) for item in value]
        return [f"{key}={self._item(context, item)}" for key, item in value.items()]

    def _item(self, context: ParseContext, value: Any) -> str:
        text = to_text(value)
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"expected string but got {context.got(value)}"
            )
        return until_nul(text)


@record(kw_only=True, eq=False)
class CsvStringList(Codec):
    """A list of texts that may also be given as one text with commas."""

    def parse(self, context: ParseContext, value: Any) -> list[str] | None:
        """The texts, without empty ones; the members of an object become ``key=value``."""
        if value is None:
            return None
        if isinstance(value, list):
            return [self.text_of(context, item) for item in value]
        if isinstance(value, dict):
            return [f"{key}={self.text_of(context, item)}" for key, item in value.items()]
        return [part for part in self.text_of(context, value).split(",") if part]

    def text_of(self, context: ParseContext, value: Any) -> str:
        """The text that a scalar stands for."""
        text = to_text(value)
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected string but got {context.got(value)}"
            )
        return until_nul(text)


STRING = String(name="STRING", kind="string", type="string")
CSV_STRING = CsvString(name="CSV_STRING", kind="csv", type="array", items=STRING)
STRING_ARRAY = StringArray(
    name="STRING_ARRAY",
    kind="strings",
    type="array",
    items=STRING,
)
STRING_LIST = list_of(STRING, "STRING_LIST", storage="list")
CSV_STRING_LIST = CsvStringList(
    name="CSV_STRING_LIST", kind="same", options={"dumped_as": STRING_LIST}, shown_as=STRING_LIST
)
BITSTR = Codec(
    name="BITSTR",
    kind="derived",
    options={"function": "bitmap_text", "dumped_as": STRING},
    type="string",
    parses=False,
)
BITSTR_PTR = pointer(BITSTR)
ERROR = Codec(
    name="ERROR",
    kind="derived",
    options={"function": "error_text", "dumped_as": STRING},
    type="string",
    parses=False,
)

"""Trackable resources: in C a text of ids and counts, in JSON a list with their names."""

from __future__ import annotations

from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import type_name
from pyslurmrestd.data_parser.model import Codec, F, Struct, list_of
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V43
from .numbers import INT64, UINT32
from .strings import STRING

_NO_LIMIT: Final = (1 << 64) - 1

TRES = Struct(
    name="TRES",
    record="slurmdb_tres_rec_t",
    free="slurmdb_destroy_tres_rec",
    fields=(
        F("type", STRING, "Kind of resource, such as cpu or gres", required=True),
        F("name", STRING, "Which one, of a kind that has several: gpu:a100"),
        F("id", UINT32, "Number of the TRES in the database"),
        F("count", INT64, "How much of it; -1 as a limit takes the limit away"),
    ),
)

TRES_LIST = list_of(TRES, "TRES_LIST", storage="list")
TRES_OF_TEXT = list_of(TRES, "TRES_LIST")
"""The same as a derive function makes it from a text."""


@record(kw_only=True, eq=False)
class TresText(Codec):
    """``1=4,1001=2``: ids and counts of TRES."""

    def parse(self, context: ParseContext, value: Any) -> str | None:
        """The text; an empty list says nothing.

        :raises ParseError: slurmdbd has no TRES of a type and name.
        """
        if not isinstance(value, list):
            context.fail(
                ErrorCode.LIST_EXPECTED, f"TRES should be LIST but is type {type_name(value)}"
            )
        parts = []
        for index, item in enumerate(value):
            with context.at_index(index):
                tres = parse_value(TRES, item, context)
                parts.append(f"{self.part(context, tres)}={self.count(context, tres)}")
        return ",".join(parts) or None

    def count(self, context: ParseContext, tres: Parsed) -> int:
        """How much; -1 as C keeps it."""
        count: int = tres.count or 0
        if count < -1:
            # A sign in the text would add to the limit, or take from it.
            with context.at("count"):
                context.fail(ErrorCode.CONVERSION_FAILED, f"Expected -1 or more but got {count}")
        return count & _NO_LIMIT

    def part(self, context: ParseContext, tres: Parsed) -> str:
        """The id of what was given: the TRES of that type and name, else of that id."""
        number: int | None = context.lookups.tres_id(tres.type or "", tres.name or "")
        if number is None and tres.id and context.lookups.has_tres(tres.id):
            number = int(tres.id)
        if number is None:
            name = f"{tres.type}/{tres.name}" if tres.name else tres.type
            context.fail(ErrorCode.INVALID_TRES, f"Unknown TRES {name}")
        return str(number)


TRES_STR = TresText(
    name="TRES_STR",
    kind="derived",
    options={"function": "tres_of_text", "dumped_as": TRES_OF_TEXT},
    shown_as=TRES_LIST,
    needs=("tres",),
)


@record(kw_only=True, eq=False)
class TresTextByType(TresText):
    """``cpu=4,gres/gpu=2``: types, names and counts of TRES."""

    def part(self, context: ParseContext, tres: Parsed) -> str:
        """The type and name that were given, for the controller to judge; else those of the id."""
        kind, name = tres.type, tres.name
        if not kind:
            known = context.lookups.tres_name(tres.id or 0)
            if known is None:
                context.fail(ErrorCode.INVALID_TRES, f"Unknown TRES {tres.id or 0}")
            kind, name = known
        for text in (kind, name or ""):
            if "," in text or "=" in text:
                context.fail(ErrorCode.INVALID_TRES, f"Unknown TRES {text}")
        return f"{kind}/{name}" if name else kind


TRES_STR_BY_TYPE = TresTextByType(
    name="TRES_STR_BY_TYPE",
    kind="derived",
    options={"function": "tres_of_text", "dumped_as": TRES_OF_TEXT},
    shown_as=TRES_LIST,
    needs=("tres",),
    since=V43,
)

"""Associations by their ids."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import guess, to_int
from pyslurmrestd.data_parser.model import Codec, F, Struct, either
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V40, V41, V42, V43
from .numbers import UINT32
from .strings import STRING, STRING_LIST, CsvStringList

ASSOC_SHORT = Struct(
    name="ASSOC_SHORT",
    record="slurmdb_assoc_rec_t",
    init="slurmdb_init_assoc_rec",
    free="slurmdb_destroy_assoc_rec",
    fields=(
        F("account", STRING, "Account", source="acct"),
        F("cluster", STRING, "Cluster"),
        F("partition", STRING, "Partition, if it is for one only"),
        F("user", STRING, "User; empty: of the account itself", required=True),
        F("id", UINT32, "Number of the association in the database"),
    ),
)


@record(kw_only=True, eq=False)
class AssocId(Codec):
    """The id of an association."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """``id``, from a number or an object that has it; 0, null and an empty text say nothing."""
        if isinstance(value, dict):
            value = parse_value(ASSOC_SHORT, value, context).id if value else None
        meant = guess(value)
        if meant is None:
            return {}
        number = None if isinstance(meant, list) else to_int(meant)
        if number is None or not 0 <= number < 1 << 32:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected association id but got {context.got(value)}"
            )
        return {"id": number} if number else {}


@record(kw_only=True, eq=False)
class AssocIds(CsvStringList):
    """Ids of associations, as texts."""

    def parse(self, context: ParseContext, value: Any) -> list[str] | None:
        """The ids; an association may be told by an object that has its id."""
        if isinstance(value, dict):
            value = [value]
        items = value if isinstance(value, list) else super().parse(context, value)
        if items is None:
            return None
        found = []
        for index, item in enumerate(items):
            with context.at_index(index):
                number = item.get("id") if isinstance(item, dict) else item
                number = None if isinstance(number, bool | list | dict) else to_int(number)
                if number is None or not 0 < number < 1 << 32:
                    context.fail(
                        ErrorCode.CONVERSION_FAILED,
                        f"Expected association id but got {context.got(item)}",
                    )
                found.append(str(number))
        return found


ASSOC_ID = either(
    AssocId(
        name="ASSOC_ID",
        kind="same",
        options={"dumped_as": ASSOC_SHORT, "complex": None},
        shown_as=ASSOC_SHORT,
        members=("id",),
        until=V40,
    ),
    # Slurm: the id is looked for among associations that are never loaded, so it is always 0.
    AssocId(
        name="ASSOC_ID",
        kind="constant",
        options={"data": 0},
        shown_as=UINT32,
        members=("id",),
        since=V41,
        until=V42,
    ),
    AssocId(
        name="ASSOC_ID",
        kind="derived",
        options={"function": "association_id", "dumped_as": UINT32},
        shown_as=UINT32,
        members=("id",),
        since=V43,
    ),
)
ASSOC_ID_STRING_CSV_LIST = AssocIds(
    name="ASSOC_ID_STRING_CSV_LIST",
    kind="same",
    options={"dumped_as": STRING_LIST},
    shown_as=STRING_LIST,
)

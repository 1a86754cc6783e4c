"""QOS: numbers in C, names in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_int, to_text
from pyslurmrestd.data_parser.model import Codec, list_of
from pyslurmrestd.errors import ErrorCode

from .strings import STRING, CsvStringList

_SIGNS = ("+", "-", "=")


def _number(context: ParseContext, value: Any) -> int:
    """The id of a QOS given by its name, its id, or an object with one of them."""
    if isinstance(value, dict):
        value = value.get("id") or value.get("name")
    number = None if isinstance(value, bool | list) else to_int(value)
    if number is not None and context.lookups.has_qos(number):
        return number
    text = to_text(value)
    found: int | None = context.lookups.qos_id(text) if text else None
    if found is None:
        context.fail(ErrorCode.INVALID_QOS, f"Unable to resolve QOS {context.got(value)}")
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class QosId(Codec):
    """A QOS by its name; null and an empty text are none."""

    def parse(self, context: ParseContext, value: Any) -> int:
        """The id, or INFINITE for none.

        :raises ParseError: slurmdbd has no such QOS.
        """
        if value is None or value == "":
            return context.constant("INFINITE")
        return _number(context, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class QosIds(CsvStringList):
    """A list of QOS; C keeps the ids as texts, perhaps with a sign that adds or takes away."""

    def parse(self, context: ParseContext, value: Any) -> list[str] | None:
        """The ids.

        :raises ParseError: slurmdbd has no such QOS.
        """
        items = value if isinstance(value, list) else super().parse(context, value)
        if items is None:
            return None
        found = []
        for index, item in enumerate(items):
            with context.at_index(index):
                sign = item[:1] if isinstance(item, str) and item[:1] in _SIGNS else ""
                found.append(f"{sign}{_number(context, item[1:] if sign else item)}")
        return found


QOS_NAMES = list_of(STRING, "QOS_NAMES", storage="pointers")

QOS_ID = QosId(
    name="QOS_ID",
    kind="derived",
    options={"function": "qos_name", "dumped_as": STRING},
    type="string",
    needs=("qos",),
    constants=("INFINITE",),
)
QOS_STRING_ID_LIST = QosIds(
    name="QOS_STRING_ID_LIST",
    kind="derived",
    options={"function": "qos_names", "dumped_as": QOS_NAMES},
    type="array",
    items=STRING,
    needs=("qos",),
)
QOS_ID_STRING_CSV_LIST = QosIds(
    name="QOS_ID_STRING_CSV_LIST",
    kind="derived",
    options={"function": "qos_names", "dumped_as": QOS_NAMES},
    shown_as=STRING,
    needs=("qos",),
)

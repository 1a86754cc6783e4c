"""QOS: numbers in C, names in JSON."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_int, to_text
from pyslurmrestd.data_parser.model import Codec, list_of
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record
from pyslurmrestd.serializer import until_nul

from .strings import STRING, STRING_LIST, CsvStringList

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


@record(kw_only=True, eq=False)
class QosId(Codec):
    """A QOS by its name; null and an empty text are none."""

    def parse(self, context: ParseContext, value: Any) -> int:
        """The id, or INFINITE for none.

        :raises ParseError: slurmdbd has no such QOS.
        """
        if value is None or value == "":
            return context.constant("INFINITE")
        return _number(context, value)


@record(kw_only=True, eq=False)
class QosIds(CsvStringList):
    """A list of QOS; C keeps the ids as texts.

    :ivar signed: a sign before one adds it to the list that there is, or takes it away.
    :ivar live: those that are deleted are refused.
    """

    signed: bool = True
    live: bool = False

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
                sign = self._sign(item)
                number = _number(context, item[1:] if sign else item)
                if self.live and context.lookups.qos_is_deleted(number):
                    context.fail(ErrorCode.INVALID_QOS, f"QOS {context.got(item)} is deleted")
                found.append(f"{sign}{number}")
        return found

    def _sign(self, item: Any) -> str:
        return item[:1] if self.signed and isinstance(item, str) and item[:1] in _SIGNS else ""


@record(kw_only=True, eq=False)
class PreemptedQos(QosIds):
    """The QOS whose jobs may be preempted: a bitmap where they are told, a list where given."""

    def parse(self, context: ParseContext, value: Any) -> Any:
        """``preempt_list``.

        :raises ParseError: slurmdbd has no such QOS.
        """
        found = super().parse(context, value)
        return {} if found is None else {"preempt_list": found}


@record(kw_only=True, eq=False)
class QosName(Codec):
    """A QOS by its name, or by its id."""

    def parse(self, context: ParseContext, value: Any) -> str:
        """The name. One that slurmdbd does not know stays: it will say so itself.

        :raises ParseError: it is no text, or empty.
        """
        number = None if isinstance(value, bool | list | dict) else to_int(value)
        known: str | None = context.lookups.qos_name(number) if number else None
        name = known or to_text(value)
        if not name:
            context.fail(ErrorCode.INVALID_QOS, f"Unable to resolve QOS {context.got(value)}")
        return until_nul(name)


@record(kw_only=True, eq=False)
class QosNames(CsvStringList):
    """A list of QOS, by their names or ids."""

    def parse(self, context: ParseContext, value: Any) -> list[str] | None:
        """The names."""
        items = value if isinstance(value, list) else super().parse(context, value)
        if items is None:
            return None
        found = []
        for index, item in enumerate(items):
            with context.at_index(index):
                found.append(QOS_NAME.parse(context, item))
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
    live=True,
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
QOS_PREEMPT_LIST = PreemptedQos(
    signed=False,
    live=True,
    name="QOS_PREEMPT_LIST",
    kind="derived",
    options={"function": "preempted_qos", "dumped_as": QOS_NAMES},
    type="array",
    items=STRING,
    needs=("qos",),
    members=("preempt_list",),
)
QOS_NAME = QosName(name="QOS_NAME", kind="string", type="string", needs=("qos",))
QOS_NAME_CSV_LIST = QosNames(
    name="QOS_NAME_CSV_LIST",
    kind="same",
    options={"dumped_as": STRING_LIST},
    shown_as=STRING,
    needs=("qos",),
)

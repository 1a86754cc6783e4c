"""Switches of conditions: booleans that are one bit each of the condition's ``flags``."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_bool
from pyslurmrestd.data_parser.model import Codec
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record, replace

from ..versions import V40, V41
from .numbers import BOOL


@record(kw_only=True, eq=False)
class Switch(Codec):
    """One bit of a condition's ``flags``, as a boolean of its own.

    :ivar bit: the C constant.
    """

    bit: str = ""

    def parse(self, context: ParseContext, value: Any) -> dict[str, int]:
        """``flags`` with the bit; a false one sets nothing."""
        chosen = to_bool(value)
        if chosen is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected boolean but got {context.got(value)}"
            )
        return {
            "flags": (context.record.flags or 0) | (context.constant(self.bit) if chosen else 0)
        }


def _switch(name: str, bit: str) -> Switch:
    return Switch(
        name=name,
        kind="constant",
        options={"data": False},
        shown_as=BOOL,
        bit=bit,
        members=("flags",),
        constants=(bit,),
        until=V41,
    )


def _old(kind: str, bit: str) -> Switch:
    return _switch(f"{kind}_CONDITION_{bit}_OLD", f"{kind}_COND_FLAG_{bit}")


ASSOC_CONDITION_ONLY_DEFS_OLD = _old("ASSOC", "ONLY_DEFS")
ASSOC_CONDITION_WITH_USAGE_OLD = _old("ASSOC", "WITH_USAGE")
ASSOC_CONDITION_WITH_DELETED_OLD = _old("ASSOC", "WITH_DELETED")
ASSOC_CONDITION_RAW_QOS_OLD = _old("ASSOC", "RAW_QOS")
ASSOC_CONDITION_SUB_ACCTS_OLD = _old("ASSOC", "SUB_ACCTS")
ASSOC_CONDITION_WOPI_OLD = _old("ASSOC", "WOPI")
ASSOC_CONDITION_WOPL_OLD = _old("ASSOC", "WOPL")


QOS_CONDITION_WITH_DELETED_OLD = _old("QOS", "WITH_DELETED")


def _account(name: str, bit: str) -> Switch:
    return replace(_switch(f"ACCOUNT_CONDITION_{name}_V40", f"SLURMDB_ACCT_FLAG_{bit}"), until=V40)


ACCOUNT_CONDITION_WITH_ASSOC_V40 = _account("WITH_ASSOC", "WASSOC")
ACCOUNT_CONDITION_WITH_WCOORD_V40 = _account("WITH_WCOORD", "WCOORD")
ACCOUNT_CONDITION_WITH_DELETED_V40 = _account("WITH_DELETED", "DELETED")

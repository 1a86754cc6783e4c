"""Hostlists: one text in C (``c[1-3],d7``), in JSON a list of the names it stands for."""

from __future__ import annotations

import re
from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_text
from pyslurmrestd.data_parser.model import Codec, either
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record
from pyslurmrestd.serializer import until_nul

from ..versions import V43, V44
from .strings import STRING, STRING_ARRAY

MOST_HOSTS: Final = 1 << 16
"""Of one text: libslurm makes the names of a few short ranges by the billion."""

_SHOWN: Final = 1000
"""Characters of a refused text that its error repeats."""

_BETWEEN: Final = re.compile(r"[,\s]*")
_NAMES: Final = re.compile(r"(?:[^\[\],\s]|\[[^\[\]]*\])+")
_RANGES: Final = re.compile(r"\[([^\[\]]*)\]")
_RANGE: Final = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?", re.ASCII)


@record(kw_only=True, eq=False)
class Hostlist(Codec):
    """Names of hosts, with ranges.

    :ivar errno: of what is no hostlist.
    """

    errno: int

    def parse(self, context: ParseContext, value: Any) -> str | None:
        """The text; an empty list is an empty text, null and an empty text say nothing."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            self._check(context, value, f"Invalid hostlist string: {value[:_SHOWN]}")
            return until_nul(value)
        if not isinstance(value, list):
            context.fail(self.errno, f"string expected but got {context.got(value)}")
        hosts = [self._host(context, item) for item in value]
        text = ",".join(host for host in hosts if host)
        self._check(context, text, "Too many hosts")
        return text

    def _host(self, context: ParseContext, item: Any) -> str:
        text = to_text(item)
        if text is None:
            context.fail(self.errno, f"string expected but got {context.got(item)}")
        self._check(context, text, f"Invalid host string: {text[:_SHOWN]}")
        return until_nul(text)

    def _check(self, context: ParseContext, text: str, refusal: str) -> None:
        count = count_hosts(text)
        if count is None or count > MOST_HOSTS:
            context.fail(self.errno, refusal)


def count_hosts(text: str) -> int | None:
    """How many names a hostlist stands for; None when it is none."""
    found = 0
    place = 0
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if place == len(text):
            return found
        names = _NAMES.match(text, place)
        if names is None:
            return None
        place = names.end()
        count = 1
        for ranges in _RANGES.findall(names[0]):
            size = _count_ranges(ranges)
            if size is None:
                return None
            count *= size
        found += count
        if found > MOST_HOSTS:
            return found


def _count_ranges(text: str) -> int | None:
    found = 0
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            return None
        low, high = int(match[1]), int(match[2] or match[1])
        if low > high:
            return None
        found += high - low + 1
    return found


_DUMP: Final = {"function": "hostlist_names", "dumped_as": STRING_ARRAY, "reads": "s"}

HOSTLIST_STRING = either(
    Hostlist(
        name="HOSTLIST_STRING",
        kind="derived",
        options=_DUMP,
        type="array",
        items=STRING,
        errno=ErrorCode.CONVERSION_FAILED,
        until=V43,
    ),
    Hostlist(
        name="HOSTLIST_STRING",
        kind="derived",
        options=_DUMP,
        type="array",
        items=STRING,
        errno=ErrorCode.BAD_INPUT,
        since=V44,
    ),
)
HOSTLIST_STRING_TO_STRING = Hostlist(
    name="HOSTLIST_STRING_TO_STRING",
    kind="derived",
    options={"function": "hostlist_ranged", "dumped_as": STRING, "reads": "s"},
    type="string",
    errno=ErrorCode.BAD_INPUT,
    since=V44,
)

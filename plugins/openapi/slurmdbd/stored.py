"""What slurmdbd keeps, in the form in which a body gives it: so that the two can be compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyslurmrestd.application.context import Context
from pyslurmrestd.data_parser.model import Struct
from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.data_parser.resolve import resolve

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records

__all__ = ["as_given"]

_PLAIN: frozenset[str] = frozenset()
_FAST = frozenset({"fast"})


def as_given(ctx: Context, response: Struct, source: str, records: Records) -> list[Parsed]:
    """Records as a body in the request's version would give them.

    :param response: the struct of an answer that tells such records under ``source``.
    """
    # The build reads the definitions before these are compiled.
    from pyslurmrestd.data_parser.engine import Dump
    from pyslurmrestd.data_parser.plan import response_plan
    from pyslurmrestd.slurm.layout import LAYOUT

    shape = resolve(response, ctx.version)
    assert isinstance(shape, Struct)
    plan = response_plan(shape, ctx.version, _PLAIN, "json_compact", LAYOUT)
    lookups = ctx.session.lookups
    lookups.load(plan.needs)
    text = b"".join(Dump(plan, {source: records}, [source], quiet=True, lookups=lookups))
    context = ParseContext(ctx.version, _FAST, LAYOUT.constants, lambda: lookups)
    parsed = parse_value(response, json.loads(text), context)
    found: list[Parsed] = parsed[source]
    return found

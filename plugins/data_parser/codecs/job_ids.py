"""Lists of job ids, as texts that the controller reads: ``12``, ``12_3``, ``12+1``."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import type_name
from pyslurmrestd.data_parser.model import Codec
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from .strings import STRING


@record(kw_only=True, eq=False)
class JobIds(Codec):
    """An array of job ids and its length: its two ``members``."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """The ids and their number. A lone one that is not in a list is refused."""
        if isinstance(value, dict):
            # Slurm: an object stands for one job, but none can be read from it.
            parse_value(STRING, value, context)
        if not isinstance(value, list):
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"Unexpected type {type_name(value)} when expecting a list",
            )
        # null is an empty id, which the controller refuses.
        ids = [parse_value(STRING, item, context) or "" for item in value]
        array, count = self.members
        return {array: ids, count: len(ids)}


KILL_JOBS_MSG_JOBS_ARRAY = JobIds(
    name="KILL_JOBS_MSG_JOBS_ARRAY",
    kind="input",
    type="array",
    items=STRING,
    members=("jobs_array", "jobs_cnt"),
)

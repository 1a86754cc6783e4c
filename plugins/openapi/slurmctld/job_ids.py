"""What the operations on jobs share: the job that a path names, and what is told of tasks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pyslurmrestd.application.context import Context
from pyslurmrestd.errors import ErrorCode, Rejected
from pyslurmrestd.openapi.path import Told

from ...data_parser.codecs.steps import Selected

__all__ = ["CONSTANTS", "bad_params", "results_of_tasks", "selected_job"]

CONSTANTS = ("MAX_JOB_ID",)


def bad_params(source: str) -> Told:
    """How an operation tells of a path that names no job."""
    return Told("Rejecting request. Failure parsing parameters", source)


def selected_job(ctx: Context, source: str) -> Selected:
    """The job that the path names, unless its number is none of this cluster's."""
    selected: Selected = ctx.params.job_id
    if selected.job_id >= ctx.constant("MAX_JOB_ID"):
        raise Rejected(
            ErrorCode.INVALID_JOB_ID, f"Invalid JobID={selected.job_id} rejected", source
        )
    return selected


def results_of_tasks(ctx: Context, results: Iterable[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """Entries of JOB_ARRAY_RESPONSE_MSG_ENTRY for (job id text, error code, message)."""
    return [
        {
            "job_id": int(re.split("[_+]", text)[0]),
            "step_id": text,
            "error": ctx.error_text(code),
            "error_code": code,
            "why": why,
        }
        for text, code, why in results
    ]

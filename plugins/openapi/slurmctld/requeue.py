"""Jobs put back into the queue: one, or those of a list."""

from __future__ import annotations

import time
from typing import Final

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.job_replies import OPENAPI_JOB_REQUEUE_RESP, OPENAPI_JOBS_REQUEUE_RESP
from ...data_parser.tables.job_requests import (
    OPENAPI_JOB_REQUEUE_QUERY,
    OPENAPI_JOBS_REQUEUE_QUERY,
)
from ...data_parser.tables.jobs import OPENAPI_JOB_INFO_PARAM
from .job_ids import bad_params, results_of_tasks

__all__ = ["CONSTANTS", "JOBS_REQUEUE", "JOB_REQUEUE", "PATHS"]

CONSTANTS = ("JOB_REQUEUE_HOLD", "JOB_SPECIAL_EXIT")

_ONE = "op_handler_job_requeue"
_SEVERAL = "op_handler_jobs_requeue"

_SHARE: Final = 0.75
"""Of a request's time that a list may take, so that what was done can still be told."""


def _checked(ctx: Context, flags: int | None, source: str) -> int:
    """The flags, which may not name a special exit without holding the job."""
    flags = flags or 0
    if flags & ctx.constant("JOB_SPECIAL_EXIT") and not flags & ctx.constant("JOB_REQUEUE_HOLD"):
        raise Rejected(ErrorCode.BAD_REQUEST, "SpecialExit requires Hold mode", source)
    return flags


def requeue_job(ctx: Context) -> Reply:
    """Requeue one job, array or task; of an array the answer tells each group of tasks."""
    flags = _checked(ctx, ctx.query.flags, _ONE)
    updated = ctx.slurmctld.requeue_job(ctx.params.job_id.text, flags)
    if not updated.results:
        return Reply()
    return Reply(status=results_of_tasks(ctx, updated.results))


def requeue_jobs(ctx: Context) -> Reply:
    """Requeue the jobs of a list. One that is refused does not stop the others."""
    wanted: Parsed = ctx.body or Parsed()
    if not wanted.jobs:
        raise Rejected(ErrorCode.INVALID_JOB_ID, "Query missing JobIds", _SEVERAL)
    flags = _checked(ctx, wanted.flags, _SEVERAL)
    end = None if ctx.timeout is None else time.monotonic() + _SHARE * ctx.timeout
    status = []
    for number, selected in enumerate(wanted.jobs):
        if end is not None and time.monotonic() > end:
            left = len(wanted.jobs) - number
            text = f"The last {left} jobs were not requeued: there was no time left"
            ctx.error(SlurmError(ErrorCode.SOCKET_TIMEOUT, text, _SEVERAL))
            break
        try:
            updated = ctx.slurmctld.requeue_job(selected.text, flags)
        except SlurmError as error:
            error.tell(f"Requeue JobId={selected.text} failed", _SEVERAL)
            ctx.error(error)
        else:
            if updated.results:
                status.append(results_of_tasks(ctx, updated.results))
    return Reply(status=status)


JOB_REQUEUE = Path(
    url="/slurm/{data_parser}/job/{job_id}/requeue",
    get=Operation(
        handler=requeue_job,
        summary="requeue a job",
        description="A running job ends first. Slurm makes this a GET although it changes the job.",
        params=OPENAPI_JOB_INFO_PARAM,
        query=OPENAPI_JOB_REQUEUE_QUERY,
        response=OPENAPI_JOB_REQUEUE_RESP,
        changes=True,
        failed=Told("Requeue JobID={job_id.text} failed", _ONE),
        bad_params=bad_params(_ONE),
        bad_query=Told("Rejecting request. Failure parsing query", _ONE),
    ),
)

JOBS_REQUEUE = Path(
    url="/slurm/{data_parser}/jobs/requeue",
    post=Operation(
        handler=requeue_jobs,
        summary="requeue jobs",
        description="Running jobs end first. The answer tells the errors of those that could not "
        "be requeued, and of arrays each group of tasks.",
        body=OPENAPI_JOBS_REQUEUE_QUERY,
        response=OPENAPI_JOBS_REQUEUE_RESP,
        bad_body=Told("Rejecting request. Failure parsing query", _SEVERAL),
    ),
)

PATHS = (JOB_REQUEUE, JOBS_REQUEUE)

"""Jobs that slurmdbd keeps: those that a query finds."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.accounted_jobs import (
    OPENAPI_JOB_MODIFY_REQ,
    OPENAPI_JOB_MODIFY_RESP,
    OPENAPI_SLURMDBD_JOBS_RESP,
)
from ...data_parser.tables.job_conditions import JOB_CONDITION
from . import job_changes, job_conditions
from .job_changes import JOBS_KEPT, NOT_CHANGED, bad_change, change_jobs
from .job_conditions import chooses, chosen, condition

__all__ = ["CONSTANTS", "DUMP", "FAILED", "JOBS", "PATHS", "bad_request"]

CONSTANTS = (*job_changes.CONSTANTS, *job_conditions.CONSTANTS)

DUMP = "_dump_jobs"
_UPDATE = "_jobs_post_update"
FAILED = Told("slurmdb_jobs_get failed", DUMP)


def bad_request(source: str) -> Told:
    """How an operation on jobs tells of a request that it does not understand."""
    return Told("Rejecting request. Failure parsing query parameters", source)


def dump_jobs(ctx: Context) -> Reply:
    """The jobs that the query asks for; without one those of today, on any cluster."""
    wanted = condition(ctx)
    if chooses(ctx):
        jobs = chosen(ctx, JOBS_KEPT.get(ctx, wanted))
    else:
        jobs = ctx.slurmdbd.load_jobs(ctx.record(JOB_CONDITION, wanted))
    if not len(jobs):
        ctx.warn("slurmdb_jobs_get() found nothing", DUMP)
    return Reply(jobs=jobs)


def update_jobs(ctx: Context) -> Reply:
    """Change jobs, all alike."""
    if not ctx.body.job_id_list or "job_rec" not in ctx.body:
        raise Rejected(
            ErrorCode.BAD_INPUT,
            "A change of jobs needs job_id_list and job_rec",
            _UPDATE,
        )
    return change_jobs(ctx, ctx.body.job_id_list, ctx.body.job_rec, _UPDATE)


JOBS = Path(
    url="/slurmdb/{data_parser}/jobs/",
    get=Operation(
        handler=dump_jobs,
        summary="get jobs",
        description="Without a state or a step those of today, unless times are given.",
        query=JOB_CONDITION,
        response=OPENAPI_SLURMDBD_JOBS_RESP,
        failed=FAILED,
        bad_query=bad_request("op_handler_jobs"),
    ),
    post=Operation(
        handler=update_jobs,
        summary="change jobs",
        description="All are changed, or none. What is not mentioned stays as it is.",
        body=OPENAPI_JOB_MODIFY_REQ,
        response=OPENAPI_JOB_MODIFY_RESP,
        failed=NOT_CHANGED,
        bad_body=bad_change(_UPDATE),
    ),
)

PATHS = (JOBS,)

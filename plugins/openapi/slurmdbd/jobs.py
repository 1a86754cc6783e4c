"""Jobs that slurmdbd keeps: those that a query finds."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.accounted_jobs import (
    OPENAPI_JOB_MODIFY_REQ,
    OPENAPI_JOB_MODIFY_RESP,
    OPENAPI_SLURMDBD_JOBS_RESP,
)
from ...data_parser.tables.job_conditions import JOB_CONDITION
from . import job_changes
from .job_changes import JOBS_KEPT, NOT_CHANGED, bad_change, change_jobs

__all__ = ["CONSTANTS", "FAILED", "JOBS", "PATHS", "all_runs", "bad_request", "jobs_found"]

CONSTANTS = (*job_changes.CONSTANTS, "JOBCOND_FLAG_DUP", "JOBCOND_FLAG_NO_TRUNC")

_DUMP = "_dump_jobs"
_UPDATE = "_jobs_post_update"
FAILED = Told("slurmdb_jobs_get failed", _DUMP)


def bad_request(source: str) -> Told:
    """How an operation on jobs tells of a request that it does not understand."""
    return Told("Rejecting request. Failure parsing query parameters", source)


def all_runs(ctx: Context) -> int:
    """The flags of a condition for all runs of a job, with their times as they are."""
    return ctx.constant("JOBCOND_FLAG_DUP") | ctx.constant("JOBCOND_FLAG_NO_TRUNC")


def jobs_found(ctx: Context, condition: dict[str, Any]) -> Reply:
    """The jobs that a condition is true of, by its members."""
    return Reply(jobs=JOBS_KEPT.found(ctx, condition, _DUMP))


def dump_jobs(ctx: Context) -> Reply:
    """The jobs that the query asks for; without one those of today, on any cluster."""
    condition: dict[str, Any] = dict(ctx.query)
    condition["db_flags"] = ctx.query.db_flags or ctx.constant("SLURMDB_JOB_FLAG_NOTSET")
    if ctx.asked:
        condition["flags"] = ctx.query.flags or all_runs(ctx)
        condition["cluster_list"] = ctx.query.cluster_list or [ctx.slurmdbd.cluster]
        condition["step_list"] = [step.record() for step in ctx.query.step_list or ()]
    return jobs_found(ctx, condition)


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

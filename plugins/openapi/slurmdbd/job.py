"""One of the jobs that slurmdbd keeps."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path

from ...data_parser.tables.accounted_jobs import (
    JOB_MODIFY,
    OPENAPI_JOB_MODIFY_RESP,
    OPENAPI_SLURMDBD_JOB_PARAM,
    OPENAPI_SLURMDBD_JOBS_RESP,
)
from . import jobs
from .job_changes import JOBS_KEPT, NOT_CHANGED, bad_change, change_jobs
from .job_conditions import all_runs
from .jobs import DUMP, FAILED, bad_request

__all__ = ["CONSTANTS", "JOB", "PATHS"]

CONSTANTS = jobs.CONSTANTS

_UPDATE = "_job_post_update"


def dump_job(ctx: Context) -> Reply:
    """One job, with all its steps and all its runs; of an array all tasks."""
    condition = {
        "db_flags": ctx.constant("SLURMDB_JOB_FLAG_NOTSET"),
        "flags": all_runs(ctx),
        "cluster_list": [ctx.slurmdbd.cluster],
        "step_list": [ctx.params.id.record()],
    }
    return Reply(jobs=JOBS_KEPT.found(ctx, condition, DUMP))


def update_job(ctx: Context) -> Reply:
    """Change one job, or all tasks of an array."""
    return change_jobs(ctx, [ctx.params.id], ctx.body or {}, _UPDATE)


JOB = Path(
    url="/slurmdb/{data_parser}/job/{job_id}",
    get=Operation(
        handler=dump_job,
        summary="get one job",
        params=OPENAPI_SLURMDBD_JOB_PARAM,
        response=OPENAPI_SLURMDBD_JOBS_RESP,
        failed=FAILED,
        bad_params=bad_request("op_handler_job"),
    ),
    post=Operation(
        handler=update_job,
        summary="change a job",
        description="What is not mentioned stays as it is.",
        params=OPENAPI_SLURMDBD_JOB_PARAM,
        body=JOB_MODIFY,
        response=OPENAPI_JOB_MODIFY_RESP,
        failed=NOT_CHANGED,
        bad_params=bad_request("op_handler_job"),
        bad_body=bad_change(_UPDATE),
    ),
)

PATHS = (JOB,)

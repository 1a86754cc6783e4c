"""Jobs: all of them, their states alone, and one job to show or update."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.job_desc import JOB_DESC_MSG
from ...data_parser.tables.job_replies import (
    OPENAPI_JOB_INFO_DELETE_QUERY,
    OPENAPI_JOB_POST_RESPONSE,
    OPENAPI_KILL_JOB_RESP,
    OPENAPI_KILL_JOBS_RESP,
)
from ...data_parser.tables.job_requests import KILL_JOBS_MSG
from ...data_parser.tables.job_states import OPENAPI_JOB_STATE_QUERY, OPENAPI_JOB_STATE_RESP
from ...data_parser.tables.jobs import (
    OPENAPI_JOB_INFO_PARAM,
    OPENAPI_JOB_INFO_QUERY,
    OPENAPI_JOB_INFO_RESP,
)
from . import job_ids, signals
from .job_ids import bad_params, results_of_tasks, selected_job
from .signals import signal_job, signal_jobs

if TYPE_CHECKING:
    from pyslurmrestd.slurm.message import Message

__all__ = ["CONSTANTS", "JOB", "JOBS", "JOBS_STATE", "PATHS"]

CONSTANTS = (*job_ids.CONSTANTS, *signals.CONSTANTS, "SHOW_ALL", "SHOW_DETAIL")
_BAD_PARAMS = bad_params("op_handler_job")


def _show_flags(ctx: Context) -> int:
    """What the query asks to see; all of it if it does not say."""
    return int(ctx.query.show_flags or ctx.constant("SHOW_ALL") | ctx.constant("SHOW_DETAIL"))


def dump_jobs(ctx: Context) -> Reply:
    """All jobs. None changed since ``update_time`` is an empty list and a warning."""
    update_time = ctx.query.update_time or 0
    flags = _show_flags(ctx)
    backfill = _last_backfill(ctx) if ctx.keeps or ctx.revalidates else None
    try:
        message = ctx.slurmctld.load_jobs(update_time, flags)
    except SlurmError as error:
        if error.errno != ErrorCode.NO_CHANGE:
            raise
        if not ctx.revalidates:
            return _no_change(ctx, update_time)
        if _hold_still(ctx, update_time, backfill):
            raise
        message = ctx.slurmctld.load_jobs(0, flags)
    if ctx.keeps:
        ctx.holds = _holds(ctx, message, backfill)
    return _jobs(message)


def _last_backfill(ctx: Context) -> int | None:
    """When backfill last began; None where it may be changing jobs under an earlier time."""
    try:
        return ctx.slurmctld.last_backfill()
    except SlurmError:
        return None


def _hold_still(ctx: Context, since: int, backfill: int | None) -> bool:
    """Whether jobs are told as before, beside what the controller counts as their change.

    Of a partition its time limit is told where the job has none.
    """
    if backfill is None or backfill >= since:
        return False
    try:
        ctx.slurmctld.load_partitions(since, _show_flags(ctx))
    except SlurmError as error:
        return error.errno == ErrorCode.NO_CHANGE
    return False


def _holds(ctx: Context, jobs: Message, backfill: int | None) -> int:
    """For how many seconds no change of the jobs means that their answer is the same."""
    if backfill != jobs.last_backfill:
        return 0
    start = ctx.slurmctld.next_expected_start(jobs)
    return ctx.holds if start is None else min(ctx.holds, start - jobs.last_update)


def _no_change(ctx: Context, update_time: int) -> Reply:
    since = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(update_time))
    ctx.warn(f"No job changes since update_time[{update_time}]={since}", "op_handler_jobs")
    return Reply()


def _jobs(message: Message) -> Reply:
    return Reply(
        jobs=message.records,
        last_backfill=message.last_backfill,
        last_update=message.last_update,
    )


def dump_job_states(ctx: Context) -> Reply:
    """States of all jobs, or of those asked for; an id that is not known is left out."""
    wanted = [selected.text for selected in ctx.query.job_id_list or ()]
    states = ctx.slurmctld.load_job_states(wanted)
    return Reply(jobs=states, last_backfill=None, last_update=None)


def dump_job(ctx: Context) -> Reply:
    """One job; of an array all tasks. The query's ``update_time`` is read and not used."""
    selected = selected_job(ctx, "op_handler_job")
    if selected.task is not None:
        ctx.warn(
            "Job array Ids are not currently supported for job searches. "
            "Showing all jobs in array instead.",
            "_handle_job_get",
        )
    if selected.step is not None:
        ctx.warn(
            "Job steps are not supported for job searches. Showing whole job instead.",
            "_handle_job_get",
        )
    job_id = selected.job_id + (selected.component or 0)
    return _jobs(ctx.slurmctld.load_job(job_id, _show_flags(ctx)))


def update_job(ctx: Context) -> Reply:
    """Change a job or a whole array; the answer tells what the controller said of each task."""
    selected = selected_job(ctx, "op_handler_job")
    job = str(selected.job_id)
    if selected.component is not None:
        job = f"{job}+{selected.component}"
    source = "_job_post_update"
    if selected.task is not None:
        text = (
            "Rejecting request. Submit job update against Array Job's JobID "
            "instead of array task id."
        )
        return _not_updated(ctx, SlurmError(ErrorCode.REST_INVALID_QUERY, text, source))
    if selected.step is not None:
        ctx.warn(
            "Job step information ignored. Job update requests apply to whole job and can not be "
            "targeted to specific steps.",
            source,
        )
    try:
        updated = ctx.slurmctld.update_job(job, JOB_DESC_MSG, ctx.body or Parsed())
    except SlurmError as error:
        error.tell("Job update requested failed", "slurm_update_job2()")
        return _not_updated(ctx, error)
    for _, code, _ in updated.results:
        if code:
            ctx.warn(
                f"Job update resulted in non-zero return-code[{code}]: {ctx.error_text(code)}",
                "slurm_update_job2()",
            )
    results = results_of_tasks(ctx, updated.results)
    return Reply(**_results(ctx, results))


def _not_updated(ctx: Context, error: SlurmError) -> Reply:
    """The error, beside the payload of an update without results."""
    ctx.error(error)
    return Reply(**_results(ctx, []))


def _results(ctx: Context, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The payload of an update. Slurm: nothing to tell is null, but [] in v0.0.40."""
    first: dict[str, Any] = results[0] if results else {}
    return {
        "results": results if results or not ctx.version.null_objects else None,
        "job_id": first.get("step_id", ""),
        "step_id": "",
        "job_submit_user_msg": first.get("why", ""),
    }


JOBS = Path(
    url="/slurm/{data_parser}/jobs/",
    get=Operation(
        handler=dump_jobs,
        summary="get all jobs",
        revalidates=True,
        query=OPENAPI_JOB_INFO_QUERY,
        response=OPENAPI_JOB_INFO_RESP,
        failed=Told("Unable to query jobs", "slurm_load_jobs()"),
        bad_query=Told("Rejecting request. Failure parsing query.", "op_handler_jobs"),
    ),
    delete=Operation(
        handler=signal_jobs,
        summary="cancel or signal jobs",
        description="Those that are listed, and those that fit all filters given. Jobs of others "
        "are left alone, unless an administrator asks.",
        body=KILL_JOBS_MSG,
        response=OPENAPI_KILL_JOBS_RESP,
        failed=Told("Signal request failed", "slurm_kill_jobs()"),
    ),
)

JOBS_STATE = Path(
    url="/slurm/{data_parser}/jobs/state/",
    get=Operation(
        handler=dump_job_states,
        summary="get the states of jobs",
        description="Costs the controller much less than asking for the jobs.",
        query=OPENAPI_JOB_STATE_QUERY,
        response=OPENAPI_JOB_INFO_RESP,
        dumps=OPENAPI_JOB_STATE_RESP,
        failed=Told("Unable to query job states", "slurm_load_job_state()"),
        bad_query=Told("Rejecting request. Failure parsing query", "op_handler_job_states"),
    ),
)

JOB = Path(
    url="/slurm/{data_parser}/job/{job_id}",
    get=Operation(
        handler=dump_job,
        summary="get one job",
        params=OPENAPI_JOB_INFO_PARAM,
        query=OPENAPI_JOB_INFO_QUERY,
        response=OPENAPI_JOB_INFO_RESP,
        failed=Told("Unable to query JobId={job_id.text}", "_handle_job_get"),
        bad_params=_BAD_PARAMS,
        bad_query=Told("Rejecting request. Failure parsing query.", "_handle_job_get"),
    ),
    post=Operation(
        handler=update_job,
        summary="update a job",
        description="Changes the fields given and leaves the others.",
        params=OPENAPI_JOB_INFO_PARAM,
        body=JOB_DESC_MSG,
        response=OPENAPI_JOB_POST_RESPONSE,
        bad_params=_BAD_PARAMS,
        bad_body=Told("Rejecting request. Failure parsing job update request.", "_job_post_update"),
    ),
    delete=Operation(
        handler=signal_job,
        summary="cancel or signal a job",
        params=OPENAPI_JOB_INFO_PARAM,
        query=OPENAPI_JOB_INFO_DELETE_QUERY,
        response=OPENAPI_KILL_JOB_RESP,
        failed=Told("Signal request failed", "slurm_kill_jobs()"),
        bad_params=_BAD_PARAMS,
    ),
)

PATHS = (JOBS, JOBS_STATE, JOB)

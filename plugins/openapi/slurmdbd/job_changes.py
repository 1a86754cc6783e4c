"""What the operations that change finished jobs have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Told

from ...data_parser.codecs.steps import Selected
from ...data_parser.tables.accounted_jobs import JOB_MODIFY
from ...data_parser.tables.job_conditions import JOB_CONDITION
from .changes import Kept

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records

__all__ = ["CONSTANTS", "JOBS_KEPT", "NOT_CHANGED", "bad_change", "change_jobs"]

CONSTANTS = ("JOBCOND_FLAG_NO_DEFAULT_USAGE", "JOBCOND_FLAG_NO_STEP", "SLURMDB_JOB_FLAG_NOTSET")

JOBS_KEPT = Kept(
    kind="jobs", record=JOB_MODIFY, condition=JOB_CONDITION, source="slurmdb_job_modify()"
)

NOT_CHANGED = Told("slurmdb_job_modify failed", "slurmdb_job_modify()")


def bad_change(source: str) -> Told:
    """How an operation tells of a body that it does not understand."""
    return Told("Rejecting request. Failure parsing job update request.", source)


def change_jobs(
    ctx: Context, selected: Sequence[Selected], values: Mapping[str, Any], source: str
) -> Reply:
    """Give jobs of this cluster the values; all of them, or none.

    :raises Rejected: one of several is not known.
    """
    if any(job.step is not None for job in selected):
        ctx.warn(
            "Job step information ignored. Job update requests apply to whole job and can not be "
            "targeted to specific steps.",
            source,
        )
    if not any(value is not None for value in values.values()):
        raise SlurmError(ErrorCode.NO_CHANGE, "", source)
    condition = {
        "db_flags": ctx.constant("SLURMDB_JOB_FLAG_NOTSET"),
        "flags": ctx.constant("JOBCOND_FLAG_NO_DEFAULT_USAGE")
        | ctx.constant("JOBCOND_FLAG_NO_STEP"),
        # Slurm: without a cluster jobs of these ids are changed on all of them.
        "cluster_list": [ctx.slurmdbd.cluster],
        "step_list": [job.record() for job in selected],
    }
    with ctx.slurmdbd.transaction():
        known = JOBS_KEPT.get(ctx, condition)
        if len(known):
            _check_all_known(ctx, selected, known, source)
        try:
            changed = ctx.slurmdbd.modify(
                "jobs", ctx.record(JOB_CONDITION, condition), ctx.record(JOB_MODIFY, values)
            )
        except SlurmError as error:
            error.tell(NOT_CHANGED.text, source)
            raise
    return Reply(results=changed)


def _check_all_known(
    ctx: Context, selected: Sequence[Selected], known: Records, source: str
) -> None:
    """Slurm: those that are not known are left out without a word."""
    there = set(_selections(ctx, known))
    unknown = [job.text for job in selected if (job.job_id, job.task, job.component) not in there]
    if unknown:
        raise Rejected(ErrorCode.INVALID_JOB_ID, f"Unknown jobs: {', '.join(unknown)}", source)


def _selections(ctx: Context, jobs: Records) -> Iterator[tuple[int, int | None, int | None]]:
    """Job, task and component by which each of the jobs can be selected."""
    members = ("jobid", "array_job_id", "array_task_id", "het_job_id", "het_job_offset")
    columns = [JOBS_KEPT.values(ctx, jobs, member) for member in members]
    for job, array, task, het, component in zip(*columns, strict=True):
        yield job, None, None
        yield array, None, None
        yield array, task, None
        yield het, None, None
        yield het, None, component

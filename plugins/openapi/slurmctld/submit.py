"""Submission of batch jobs, plain and heterogeneous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import BadQuery, ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.job_desc import JOB_DESC_MSG, JOB_SUBMIT_REQ
from ...data_parser.tables.job_replies import OPENAPI_JOB_SUBMIT_RESPONSE

if TYPE_CHECKING:
    from pyslurmrestd.slurm.outcomes import Submitted

__all__ = ["CONSTANTS", "NOT_FATAL", "PATHS", "SUBMIT"]

NOT_FATAL = (
    "ESLURM_NODES_BUSY",
    "ESLURM_RESERVATION_BUSY",
    "ESLURM_JOB_HELD",
    "ESLURM_NODE_NOT_AVAIL",
    "ESLURM_QOS_THRES",
    "ESLURM_ACCOUNTING_POLICY",
    "ESLURM_RESERVATION_NOT_USABLE",
    "ESLURM_REQUESTED_PART_CONFIG_UNAVAILABLE",
    "ESLURM_BURST_BUFFER_WAIT",
    "ESLURM_PARTITION_DOWN",
    "ESLURM_LICENSES_UNAVAILABLE",
    "ESLURM_PORTS_BUSY",
)
"""Why a job that was taken cannot start yet; the job waits for it to pass."""

CONSTANTS = (
    *NOT_FATAL,
    "EXTERNAL_JOB",
    "MAX_HET_JOB_COMPONENTS",
)

_CHECK = "_job_post"
_HET_CHECK = "_job_post_het_submit"
_CALL = "slurm_submit_batch_job()"
_HET_CALL = "slurm_submit_batch_het_job()"


def submit_job(ctx: Context) -> Reply:
    """Submit the body's job, or its list of components as one heterogeneous job."""
    request: Parsed = Parsed() if ctx.body is None else ctx.body
    if request.jobs is None and not request.script and not _has_script(ctx, request.job):
        raise BadQuery('Populated "script" field is required for job submission', _CHECK)
    if request.job is not None and request.jobs is not None:
        raise BadQuery('Specify only one "job" or "jobs" fields but never both', _CHECK)
    if request.jobs is not None:
        return _submit_het(ctx, request.jobs, request.script)
    if request.job is None:
        raise BadQuery(
            'Specifying either "job" or "jobs" fields are required to submit job', _CHECK
        )
    return _submit(ctx, request.job, request.script)


def _has_script(ctx: Context, job: Parsed | None) -> bool:
    """Whether the job comes with a script, even an empty one, or is one that has none."""
    return job is not None and (job.script is not None or _is_external(ctx, job))


def _is_external(ctx: Context, job: Parsed) -> bool:
    return bool((job.bitflags or 0) & ctx.constant("EXTERNAL_JOB"))


def _submit(ctx: Context, job: Parsed, script: str | None) -> Reply:
    if script is not None:
        job["script"] = script
    if not job.script and not _is_external(ctx, job):
        raise Rejected(ErrorCode.JOB_SCRIPT_MISSING, "Batch job script empty or missing", "script")
    return _submitted(ctx, ctx.slurmctld.submit(JOB_DESC_MSG, job), "Job", _CALL)


def _submit_het(ctx: Context, jobs: list[Parsed], script: str | None) -> Reply:
    most = ctx.constant("MAX_HET_JOB_COMPONENTS")
    if not jobs:
        raise BadQuery("Refusing HetJob submission without any components", _HET_CHECK)
    if len(jobs) > most:
        raise BadQuery(
            f"Refusing HetJob submission too many components: {len(jobs)} > {most}", _HET_CHECK
        )
    if script is not None:
        jobs[0]["script"] = script
    if not jobs[0].script and not _is_external(ctx, jobs[0]):
        raise Rejected(
            ErrorCode.JOB_SCRIPT_MISSING,
            "Refusing HetJob submission without batch script or empty batch script for first "
            "component",
            _HET_CHECK,
        )
    try:
        submitted = ctx.slurmctld.submit_het(JOB_DESC_MSG, jobs)
    except SlurmError as error:
        error.tell("HetJob submission failed", _HET_CALL)
        raise
    return _submitted(ctx, submitted, "HetJob", _HET_CALL)


def _submitted(ctx: Context, submitted: Submitted, kind: str, call: str) -> Reply:
    """The new job's id; why it does not start at once is a warning, given twice."""
    code = submitted.error_code
    text = ctx.error_text(code)
    if code:
        ctx.warn(f"{kind} submission resulted in non-zero return code: {text}", call)
        if code in map(ctx.constant, NOT_FATAL):
            ctx.warn(text, _CALL)
        else:
            ctx.error(SlurmError(code, "", call))
    result = {
        "job_id": submitted.job_id,
        "step_id": submitted.step_id,
        "error_code": code,
        "error": text,
        "job_submit_user_msg": submitted.job_submit_user_msg,
    }
    return Reply(
        result=result,
        job_id=submitted.job_id,
        step_id=submitted.step_id,
        job_submit_user_msg=submitted.job_submit_user_msg,
    )


SUBMIT = Path(
    url="/slurm/{data_parser}/job/submit",
    post=Operation(
        handler=submit_job,
        summary="submit a batch job",
        description="One job, or the components of a heterogeneous job. The script may stand "
        "beside them or in the first of them.",
        body=JOB_SUBMIT_REQ,
        response=OPENAPI_JOB_SUBMIT_RESPONSE,
        failed=Told("Batch job submission failed", _CALL),
    ),
)

PATHS = (SUBMIT,)

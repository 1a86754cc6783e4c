"""Allocations: jobs without a script. The answer is there when they have their resources."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import BadQuery, ErrorCode, NotInTime, SlurmError
from pyslurmrestd.openapi.path import Operation, Path

from ...data_parser.tables.job_desc import JOB_ALLOC_REQ, JOB_DESC_MSG
from ...data_parser.tables.job_replies import OPENAPI_JOB_ALLOC_RESP
from .submit import NOT_FATAL

if TYPE_CHECKING:
    from pyslurmrestd.slurm.outcomes import Allocated

__all__ = ["ALLOCATE", "CONSTANTS", "PATHS"]

CONSTANTS = (
    *NOT_FATAL,
    "KILL_FULL_JOB",
    "MAX_HET_JOB_COMPONENTS",
    "NO_VAL",
    "SLURM_AUTH_NOBODY",
)

_CHECK = "op_handler_alloc_job"
_HET_CHECK = "_job_post_het_allocate"
_CALL = "slurm_allocate_resources_blocking()"
_HET_CALL = "slurm_allocate_het_job_blocking()"
_FAILED = "Job allocation request failed"

_SHARE: Final = 0.75
"""Of a request's time that is spent waiting: to cancel the job takes calls too."""

_PATIENCE: Final = 60.0
"""Seconds to wait where nothing limits the request."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
"""Seconds between two looks at a job that waits."""


def allocate_job(ctx: Context) -> Reply:
    """Allocate the body's job, or its components as one heterogeneous job.

    Nobody is told of a job that is granted its resources later, so it is cancelled when the
    request's time is up.
    """
    request: Parsed = ctx.body or Parsed()
    if request.job is not None and request.hetjob is not None:
        raise BadQuery('Specify only one "job" or "hetjob" fields but never both', _CHECK)
    if request.hetjob is not None:
        return _allocate_het(ctx, request.hetjob)
    if request.job is None:
        raise BadQuery(
            'Specifying either "job" or "hetjob" fields are required to allocate job', _CHECK
        )
    job = _completed(ctx, request.job)
    try:
        first = ctx.slurmctld.allocate(JOB_DESC_MSG, job)
        return _allocated(ctx, first, _granted(ctx, first, ctx.slurmctld.load_allocation, _CALL))
    except SlurmError as error:
        error.tell(_FAILED, _CALL)
        raise


def _allocate_het(ctx: Context, jobs: list[Parsed]) -> Reply:
    most = ctx.constant("MAX_HET_JOB_COMPONENTS")
    if not jobs:
        raise BadQuery("Refusing HetJob submission without any components", _HET_CHECK)
    if len(jobs) > most:
        raise BadQuery(
            f"Refusing HetJob submission too many components: {len(jobs)} > {most}", _HET_CHECK
        )
    components = [_completed(ctx, job) for job in jobs]
    load = ctx.slurmctld.load_het_allocation
    try:
        first = ctx.slurmctld.allocate_het(JOB_DESC_MSG, components)
        return _allocated(ctx, first, _granted(ctx, first, load, _HET_CALL))
    except SlurmError as error:
        error.tell(_FAILED, _HET_CALL)
        raise


def _completed(ctx: Context, job: Parsed) -> Parsed:
    """The description with what is not the client's to say.

    The token says whose job it is, nobody listens for messages about it, and it needs a node.
    """
    nobody = ctx.constant("SLURM_AUTH_NOBODY")
    forced: dict[str, Any] = {"user_id": nobody, "group_id": nobody}
    forced |= {"other_port": 0, "alloc_resp_port": 0}
    if not 0 < (job.min_nodes or 0) < ctx.constant("NO_VAL"):
        forced["min_nodes"] = 1
    return Parsed({**job, **forced})


def _granted(
    ctx: Context,
    first: list[Allocated],
    load: Callable[[int], list[Allocated]],
    source: str,
) -> list[Allocated]:
    """What the job has got once it has, in all its components."""
    if not first:
        raise SlurmError(ErrorCode.UNEXPECTED_MESSAGE)
    if all(component.nodes for component in first):
        return first
    job_id = first[0].job_id
    seconds = _PATIENCE if ctx.timeout is None else ctx.timeout * _SHARE
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
        try:
            return load(job_id)
        except SlurmError as error:
            # A controller that limits requests has the job all the same.
            if error.errno not in (ErrorCode.JOB_PENDING, ErrorCode.CONTROLLER_BACKOFF):
                _cancel(ctx, job_id)
                raise
    cancelled = "cancelled" if _cancel(ctx, job_id) else "not cancelled"
    text = f"{_FAILED}: JobId={job_id} has nothing after {seconds:g} seconds and is {cancelled}"
    raise NotInTime(ErrorCode.JOB_PENDING, text, source)


def _cancel(ctx: Context, job_id: int) -> bool:
    """Cancel a job that nobody waits for any more; whether that was possible."""
    try:
        ctx.slurmctld.kill_job(str(job_id), signal.SIGKILL, ctx.constant("KILL_FULL_JOB"))
    except SlurmError:
        return False
    return True


def _allocated(ctx: Context, first: list[Allocated], granted: list[Allocated]) -> Reply:
    """The id of the job, of a heterogeneous one that of its leader, by which it is cancelled."""
    for component in granted:
        code = component.error_code
        if code in map(ctx.constant, NOT_FATAL):
            ctx.warn(ctx.error_text(code), "slurm_submit_batch_job()")
        elif code:
            ctx.error(SlurmError(code, "", _CALL))
    told = [component.job_submit_user_msg for component in (*first, *granted)]
    return Reply(
        job_id=granted[0].job_id,
        job_submit_user_msg=next((message for message in told if message), None),
    )


ALLOCATE = Path(
    url="/slurm/{data_parser}/job/allocate",
    post=Operation(
        handler=allocate_job,
        summary="allocate resources",
        description="Waits until the job has them. A job that has none by the end of the "
        "request's time is cancelled.",
        body=JOB_ALLOC_REQ,
        response=OPENAPI_JOB_ALLOC_RESP,
        waits=True,
    ),
)

PATHS = (ALLOCATE,)

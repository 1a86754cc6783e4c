"""What the controller says of jobs submitted, allocated, changed or signalled, as values."""

from __future__ import annotations

from ..data_parser.engine import Records
from ..record import record

__all__ = ["Allocated", "Killed", "Submitted", "Updated"]


@record
class Submitted:
    """A submission that the controller took (submit_response_msg_t).

    :ivar job_id: the new job's id.
    :ivar error_code: 0, or why the job cannot start yet.
    :ivar job_submit_user_msg: what a job_submit plugin tells the user, if it does.
    :ivar step_id: the step that the id names.
    """

    job_id: int
    error_code: int
    job_submit_user_msg: str | None
    step_id: str = "batch"


@record
class Allocated:
    """What the controller says of an allocation (resource_allocation_response_msg_t).

    :ivar job_id: of the job, or of one component of a heterogeneous job.
    :ivar nodes: how many it has; 0 while it waits.
    :ivar error_code: 0, or what the controller has to say beside it.
    :ivar job_submit_user_msg: what a job_submit plugin tells the user, if it does.
    """

    job_id: int
    nodes: int
    error_code: int
    job_submit_user_msg: str | None


@record
class Updated:
    """An update or a requeue that the controller took (job_array_resp_msg_t).

    :ivar results: (job id text, error code, message) of each task that it told about.
    """

    results: list[tuple[str, int, str]]


@record
class Killed:
    """A signal that the controller took (kill_jobs_resp_msg_t).

    :ivar records: kill_jobs_resp_job_t of each job that it told about.
    :ivar failures: (error code, text) of those that could not be signalled.
    """

    records: Records
    failures: list[tuple[int, str]]

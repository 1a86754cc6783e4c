"""Signals to jobs: to one, or to all that a list names or that fit filters; by default KILL."""

from __future__ import annotations

import pwd
import signal

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, SlurmError

from ...data_parser.tables.job_requests import KILL_JOBS_MSG
from .job_ids import selected_job

__all__ = ["CONSTANTS", "signal_job", "signal_jobs"]

CONSTANTS = ("KILL_FULL_JOB", "KILL_JOBS_VERBOSE", "SLURM_AUTH_NOBODY")


def signal_job(ctx: Context) -> Reply:
    """Signal one job, array task, component or step: by default end the whole job.

    A job that could not be signalled is told in ``status``, and the answer is no error. Versions
    that have no ``status`` tell it as an error.
    """
    selected = selected_job(ctx, "op_handler_job")
    number = ctx.query.signal or signal.SIGKILL
    flags = ctx.query.flags or ctx.constant("KILL_FULL_JOB")
    try:
        reply = ctx.slurmctld.kill_job(selected.text, number, flags)
    except SlurmError as error:
        if error.errno != ErrorCode.ALREADY_DONE:
            raise
        ctx.warn(f"Job was already sent signal {signal.strsignal(number)}", "_signal_job")
        return Reply()
    if flags & ctx.constant("KILL_JOBS_VERBOSE") and not reply.records:
        ctx.warn(f"Zero jobs sent signal {signal.strsignal(number)}", "_signal_job")
    if ctx.version.release == "24.11":
        for code, text in reply.failures:
            if code != ErrorCode.ALREADY_DONE:
                ctx.error(SlurmError(code, text, "slurm_kill_jobs()"))
    return Reply(status=reply.records)


def signal_jobs(ctx: Context) -> Reply:
    """Signal all jobs that are listed and that fit the filters: by default end them.

    A job that could not be signalled is told in ``status``, and the answer is no error.
    """
    wanted: Parsed = ctx.body or Parsed()
    nobody = ctx.constant("SLURM_AUTH_NOBODY")
    if wanted.user_name and wanted.get("user_id", nobody) == nobody:
        wanted["user_id"] = _user_id(wanted.user_name)
    killed = ctx.slurmctld.kill_jobs(ctx.record(KILL_JOBS_MSG, wanted))
    return Reply(status=killed.records)


def _user_id(name: str) -> int:
    """The number of a user of this host, by name or number."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        pass
    try:
        return pwd.getpwuid(int(name)).pw_uid
    except (KeyError, ValueError, OverflowError):
        raise SlurmError(
            ErrorCode.USER_ID_UNKNOWN,
            f"Unable to resolve {name} to numeric user id",
            "uid_from_string()",
        ) from None

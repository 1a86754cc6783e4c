"""What a query of finished jobs means to slurmdbd, which checks little of it itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyslurmrestd.application.context import Context
from pyslurmrestd.errors import ErrorCode, Rejected

from .changes import check_hosts
from .job_changes import JOBS_KEPT

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records

__all__ = ["CONSTANTS", "all_runs", "chooses", "chosen", "condition"]

CONSTANTS = (
    "JOBCOND_FLAG_DUP",
    "JOBCOND_FLAG_ENV",
    "JOBCOND_FLAG_NO_TRUNC",
    "JOBCOND_FLAG_SCRIPT",
    "SLURMDB_JOB_FLAG_NOTSET",
)

_FILTERED_HERE = ("exitcode", "resv_list")
"""Slurm: the exit code is not looked at, and a name of a reservation finds other jobs, or all."""


def all_runs(ctx: Context) -> int:
    """The flags of a condition for all runs of a job, with their times as they are."""
    return ctx.constant("JOBCOND_FLAG_DUP") | ctx.constant("JOBCOND_FLAG_NO_TRUNC")


def condition(ctx: Context) -> dict[str, Any]:
    """The members of the condition that the query stands for.

    :raises Rejected: slurmdbd would not understand it, or take it for another.
    """
    members = {key: value for key, value in ctx.query.items() if key not in _FILTERED_HERE}
    members["db_flags"] = ctx.query.db_flags or ctx.constant("SLURMDB_JOB_FLAG_NOTSET")
    if not ctx.asked:
        return members
    members["flags"] = ctx.query.flags or all_runs(ctx)
    members["cluster_list"] = ctx.query.cluster_list or [ctx.slurmdbd.cluster]
    members["step_list"] = [step.record() for step in ctx.query.step_list or ()]
    for member, key, number_of in (
        ("qos_list", "qos", _qos),
        ("reason_list", "reason", _reason),
        ("associd_list", "association", _number),
        ("resvid_list", "reservation_id", _number),
    ):
        if ctx.query.get(member):
            members[member] = _numbers(ctx, members[member], key, number_of)
    for what in ("cpus", "nodes", "timelimit"):
        if members.get(f"{what}_max") and not members.get(f"{what}_min"):
            # Slurm: without a least number the most is not looked at.
            members[f"{what}_min"] = 1
    _check_nodes(ctx, members["cluster_list"])
    _check_scripts(ctx, members["flags"])
    return members


def chooses(ctx: Context) -> bool:
    """Whether the query says what slurmdbd cannot choose jobs by; see :func:`chosen`."""
    return ctx.query.exitcode is not None or bool(ctx.query.resv_list)


def chosen(ctx: Context, jobs: Records) -> Records:
    """Those of the jobs that slurmdbd cannot choose itself."""
    code: int | None = ctx.query.exitcode
    if code is not None:
        # As wait(2) keeps the code of a process that ended by itself.
        jobs = _having(ctx, jobs, "exitcode", {code << 8})
    if ctx.query.resv_list:
        jobs = _having(ctx, jobs, "resv_name", set(ctx.query.resv_list))
    return jobs


def _having(ctx: Context, jobs: Records, member: str, values: set[Any]) -> Records:
    told = JOBS_KEPT.values(ctx, jobs, member)
    return jobs.select([place for place, value in enumerate(told) if value in values])


def _numbers(
    ctx: Context, items: list[str], key: str, number_of: Callable[[Context, str], int | None]
) -> list[str]:
    """The numbers that items stand for, as texts.

    :raises Rejected: one stands for none.
    """
    found = []
    for index, item in enumerate(items):
        number = int(item) if item.isascii() and item.isdecimal() else number_of(ctx, item)
        if number is None or number >= 1 << 32:
            raise Rejected(
                ErrorCode.INVALID_QOS if key == "qos" else ErrorCode.CONVERSION_FAILED,
                f"Unable to resolve {key}: {item}",
                f"#/{key}[{index}]/",
            )
        found.append(str(number))
    return found


def _qos(ctx: Context, name: str) -> int | None:
    return ctx.session.lookups.qos_id(name)


def _reason(ctx: Context, word: str) -> int | None:
    return ctx.session.lookups.reason(word)


def _number(ctx: Context, text: str) -> int | None:
    return None


def _check_nodes(ctx: Context, clusters: list[str]) -> None:
    nodes = ctx.query.used_nodes
    if not nodes:
        return
    check_hosts(nodes, "#/node/")
    if len(clusters) != 1:
        # Slurm: nothing would be found.
        raise Rejected(ErrorCode.BAD_INPUT, "Nodes need a cluster, and only one", "#/node/")


def _check_scripts(ctx: Context, flags: int) -> None:
    script = flags & ctx.constant("JOBCOND_FLAG_SCRIPT")
    environment = flags & ctx.constant("JOBCOND_FLAG_ENV")
    if script and environment:
        raise Rejected(
            ErrorCode.BAD_INPUT,
            "show_batch_script and show_job_environment exclude one another",
            "#/show_job_environment/",
        )
    if (script or environment) and not ctx.query.step_list:
        # Slurm: nothing would be found.
        key = "show_batch_script" if script else "show_job_environment"
        raise Rejected(ErrorCode.BAD_INPUT, f"{key} needs a step", f"#/{key}/")

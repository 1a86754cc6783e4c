"""slurmdbd itself: whether it answers, what it has counted, its configuration."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.accounting_daemon import (
    OPENAPI_SLURMDBD_PING_RESP,
    OPENAPI_SLURMDBD_STATS_RESP,
)

__all__ = ["DIAG", "PATHS", "PING"]


def dump_diag(ctx: Context) -> Reply:
    """What slurmdbd has counted; for administrators."""
    return Reply(statistics=ctx.slurmdbd.load_statistics())


def dump_ping(ctx: Context) -> Reply:
    """Every slurmdbd that is asked. Where none takes a connection, that is told as an error."""
    return Reply(pings=ctx.slurmdbd.ping())


DIAG = Path(
    url="/slurmdb/{data_parser}/diag/",
    get=Operation(
        handler=dump_diag,
        summary="get slurmdbd's statistics",
        description="For administrators of the database.",
        response=OPENAPI_SLURMDBD_STATS_RESP,
        failed=Told("stats query failed", "slurmdb_get_stats"),
    ),
)

PING = Path(
    url="/slurmdb/{data_parser}/ping/",
    get=Operation(
        handler=dump_ping,
        summary="ping slurmdbd",
        description="Asks slurmdbd for a sign of life and times it; its backup if it gives none.",
        response=OPENAPI_SLURMDBD_PING_RESP,
        failed=Told("ping query failed", "slurmdb_ping_all"),
    ),
)

PATHS = (DIAG, PING)

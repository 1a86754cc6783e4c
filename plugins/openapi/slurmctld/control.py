"""The controllers themselves: whether they answer, what they have counted, their configuration."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.diag import OPENAPI_DIAG_RESP
from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.ping import OPENAPI_PING_ARRAY_RESP

__all__ = ["DIAG", "PATHS", "PING", "RECONFIGURE"]


def reconfigure(ctx: Context) -> Reply:
    """Have all daemons read slurm.conf again; for root and SlurmUser."""
    ctx.slurmctld.reconfigure()
    return Reply()


def dump_diag(ctx: Context) -> Reply:
    """What the controller has counted since its start or since the numbers were reset."""
    return Reply(statistics=ctx.slurmctld.load_statistics())


def dump_ping(ctx: Context) -> Reply:
    """Every controller of the cluster. One that does not answer is no error."""
    return Reply(pings=ctx.slurmctld.ping())


RECONFIGURE = Path(
    url="/slurm/{data_parser}/reconfigure/",
    get=Operation(
        handler=reconfigure,
        summary="reconfigure the cluster",
        description="All daemons of Slurm read their configuration again. Only root may ask.",
        response=OPENAPI_RESP,
        changes=True,
        failed=Told("slurm_reconfigure() failed", "op_handler_reconfigure"),
    ),
)

DIAG = Path(
    url="/slurm/{data_parser}/diag/",
    get=Operation(
        handler=dump_diag,
        summary="get the controller's statistics",
        response=OPENAPI_DIAG_RESP,
        failed=Told("slurm_get_statistics() failed to get slurmctld statistics", "op_handler_diag"),
    ),
)

PING = Path(
    url="/slurm/{data_parser}/ping/",
    get=Operation(
        handler=dump_ping,
        summary="ping the controllers",
        description="Asks every configured controller for a sign of life and times the answer.",
        response=OPENAPI_PING_ARRAY_RESP,
    ),
)

PATHS = (RECONFIGURE, DIAG, PING)

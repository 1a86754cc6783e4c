"""The controllers themselves: whether they answer."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path

from ...data_parser.tables.ping import OPENAPI_PING_ARRAY_RESP

__all__ = ["PATHS", "PING"]


def dump_ping(ctx: Context) -> Reply:
    """Every controller of the cluster. One that does not answer is no error."""
    return Reply(pings=ctx.slurmctld.ping())


PING = Path(
    url="/slurm/{data_parser}/ping/",
    get=Operation(
        handler=dump_ping,
        summary="ping the controllers",
        description="Asks every configured controller for a sign of life and times the answer.",
        response=OPENAPI_PING_ARRAY_RESP,
    ),
)

PATHS = (PING,)

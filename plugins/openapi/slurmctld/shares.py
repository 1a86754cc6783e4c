"""Shares of associations."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.shares import OPENAPI_SHARES_RESP, SHARES_REQ_MSG

__all__ = ["PATHS", "SHARES"]


def dump_shares(ctx: Context) -> Reply:
    """The shares of all associations that the caller may see."""
    # Slurm: the document has these two parameters, and slurmrestd never looks at them.
    for row in SHARES_REQ_MSG.fields:
        if ctx.query.get(str(row.source)):
            ctx.warn(f'"{row.key}" is without effect: all associations are told', "_dump_shares")
    return Reply(shares=ctx.slurmctld.load_shares())


SHARES = Path(
    url="/slurm/{data_parser}/shares",
    get=Operation(
        handler=dump_shares,
        summary="get shares of associations",
        description="All associations are told that the caller may see, whatever is asked for.",
        query=SHARES_REQ_MSG,
        response=OPENAPI_SHARES_RESP,
        failed=Told("slurm_associations_get_shares() failed: GET", "_dump_shares"),
        bad_query=Told("Rejecting request. Failure parsing parameters.", "_dump_shares"),
    ),
)

PATHS = (SHARES,)

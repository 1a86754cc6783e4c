"""Hostlists into names of hosts, and the other way round. No daemon of Slurm's is asked."""

from __future__ import annotations

from typing import Final

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.hostlists import OPENAPI_HOSTLIST_REQ_RESP, OPENAPI_HOSTNAMES_REQ_RESP

__all__ = ["HOSTLIST", "HOSTNAMES", "PATHS"]

_BAD_BODY: Final = Told("Rejecting request. Failure parsing request", "_convert_hostnames_hostlist")


def expand(ctx: Context) -> Reply:
    """The names that a hostlist stands for, in its order and as often as it has them."""
    return Reply(hostnames=ctx.body.hostlist or "")


def fold(ctx: Context) -> Reply:
    """The hostlist of some names, in their order."""
    return Reply(hostlist=ctx.body.hostnames or "")


HOSTNAMES = Path(
    url="/util/{data_parser}/hostnames",
    post=Operation(
        handler=expand,
        summary="turn a hostlist into names of hosts",
        description="At most 65,536 names; their order and repetitions are kept.",
        body=OPENAPI_HOSTLIST_REQ_RESP,
        response=OPENAPI_HOSTNAMES_REQ_RESP,
        bad_body=_BAD_BODY,
    ),
)

HOSTLIST = Path(
    url="/util/{data_parser}/hostlist",
    post=Operation(
        handler=fold,
        summary="turn names of hosts into a hostlist",
        description="At most 65,536 names; their order and repetitions are kept.",
        body=OPENAPI_HOSTNAMES_REQ_RESP,
        response=OPENAPI_HOSTLIST_REQ_RESP,
        bad_body=_BAD_BODY,
    ),
)

PATHS = (HOSTNAMES, HOSTLIST)

"""TRES: all that slurmdbd counts. They are added by the controller, and cannot be by requests."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.tres import OPENAPI_TRES_RESP

__all__ = ["PATHS", "TRES"]


def dump_tres(ctx: Context) -> Reply:
    """All TRES, deleted ones too."""
    return Reply(TRES=ctx.slurmdbd.tres())


def update_tres(ctx: Context) -> Reply:
    """Refused: a TRES cannot keep its number, by which all else tells it."""
    raise Rejected(
        ErrorCode.NOT_SUPPORTED, "Updating TRES is not currently supported", "op_handler_tres"
    )


TRES = Path(
    url="/slurmdb/{data_parser}/tres/",
    get=Operation(
        handler=dump_tres,
        summary="get TRES",
        response=OPENAPI_TRES_RESP,
        failed=Told("slurmdb_tres_get failed", "op_handler_tres"),
    ),
    post=Operation(
        handler=update_tres,
        summary="refused: TRES are added by the controller",
        body=OPENAPI_TRES_RESP,
        response=OPENAPI_RESP,
    ),
)

PATHS = (TRES,)

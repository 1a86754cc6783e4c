"""Reservations: all of them, or one by name."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, NotFound, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Rejection

from ...data_parser.tables.reservations import (
    OPENAPI_RESERVATION_PARAM,
    OPENAPI_RESERVATION_QUERY,
    OPENAPI_RESERVATION_RESP,
)
from .failure import failed

__all__ = ["RESERVATION", "RESERVATIONS"]

_BAD_PARAMS = Rejection("Rejecting request. Failure parsing parameters", "_parse_resv_name_param")
_UNABLE = ("Unable to query reservations", "slurm_load_reservations()")


def dump_reservations(ctx: Context) -> Reply:
    """All reservations that the caller may see."""
    try:
        message = ctx.slurmctld.load_reservations(ctx.query.update_time or 0)
    except SlurmError as error:
        if error.errno == ErrorCode.NO_CHANGE:
            raise
        return failed(ctx, error, *_UNABLE, reservations=[], last_update=0)
    return Reply(reservations=message.records, last_update=message.last_update)


def dump_reservation(ctx: Context) -> Reply:
    """One reservation, by name; the case of letters is irrelevant."""
    name = ctx.params.reservation_name
    try:
        message = ctx.slurmctld.load_reservations(ctx.query.update_time or 0)
    except SlurmError as error:
        if error.errno == ErrorCode.NO_CHANGE:
            raise
        return failed(ctx, error, *_UNABLE, reservations=[], last_update=0)
    found = message.named(name, any_case=True)
    if found is None:
        missing = NotFound(ErrorCode.RESERVATION_INVALID)
        text = f"Unable to find reservation {name}"
        return failed(
            ctx,
            missing,
            text,
            "_get_single_reservation",
            reservations=[],
            last_update=message.last_update,
        )
    return Reply(reservations=found, last_update=message.last_update)


RESERVATIONS = Path(
    url="/slurm/{data_parser}/reservations/",
    get=Operation(
        handler=dump_reservations,
        summary="get all reservations",
        query=OPENAPI_RESERVATION_QUERY,
        response=OPENAPI_RESERVATION_RESP,
        bad_query=Rejection("Rejecting request. Failure parsing query", "_get_reservations"),
    ),
)

RESERVATION = Path(
    url="/slurm/{data_parser}/reservation/{reservation_name}",
    get=Operation(
        handler=dump_reservation,
        summary="get one reservation",
        params=OPENAPI_RESERVATION_PARAM,
        query=OPENAPI_RESERVATION_QUERY,
        response=OPENAPI_RESERVATION_RESP,
        bad_params=_BAD_PARAMS,
        bad_query=Rejection("Rejecting request. Failure parsing query", "_get_single_reservation"),
    ),
)

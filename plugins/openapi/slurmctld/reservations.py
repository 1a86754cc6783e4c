"""Reservations: all of them, or one by name."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, NotFound
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.reservations import (
    OPENAPI_RESERVATION_PARAM,
    OPENAPI_RESERVATION_QUERY,
    OPENAPI_RESERVATION_RESP,
)

__all__ = ["PATHS", "RESERVATION", "RESERVATIONS"]

_UNABLE = Told("Unable to query reservations", "slurm_load_reservations()")
_BAD_NAME = Told("Rejecting request. Failure parsing parameters", "_parse_resv_name_param")


def dump_reservations(ctx: Context) -> Reply:
    """All reservations that the caller may see."""
    message = ctx.slurmctld.load_reservations(ctx.query.update_time or 0)
    return Reply(reservations=message.records, last_update=message.last_update)


def dump_reservation(ctx: Context) -> Reply:
    """One reservation, by name; the case of letters is irrelevant."""
    name = ctx.params.reservation_name
    message = ctx.slurmctld.load_reservations(ctx.query.update_time or 0)
    found = message.named(name, any_case=True)
    if found is None:
        raise NotFound(
            ErrorCode.RESERVATION_INVALID,
            f"Unable to find reservation {name}",
            "_get_single_reservation",
        )
    return Reply(reservations=found, last_update=message.last_update)


RESERVATIONS = Path(
    url="/slurm/{data_parser}/reservations/",
    get=Operation(
        handler=dump_reservations,
        summary="get all reservations",
        query=OPENAPI_RESERVATION_QUERY,
        response=OPENAPI_RESERVATION_RESP,
        failed=_UNABLE,
        bad_query=Told("Rejecting request. Failure parsing query", "_get_reservations"),
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
        failed=_UNABLE,
        bad_params=_BAD_NAME,
        bad_query=Told("Rejecting request. Failure parsing query", "_get_single_reservation"),
    ),
)

PATHS = (RESERVATIONS, RESERVATION)

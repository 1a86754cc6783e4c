"""Reservations: all of them or one by name; made, changed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import BadQuery, ErrorCode, NotFound, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.reservations import (
    OPENAPI_RESERVATION_MOD_RESP,
    OPENAPI_RESERVATION_PARAM,
    OPENAPI_RESERVATION_QUERY,
    OPENAPI_RESERVATION_RESP,
    RESERVATION_DESC_MSG,
    RESERVATION_MOD_REQ,
)
from ...data_parser.versions import V42

__all__ = ["CONSTANTS", "MODIFY_RESERVATION", "PATHS", "RESERVATION", "RESERVATIONS"]

CONSTANTS = ("ESLURM_NODES_BUSY", "ESLURM_REQUESTED_NODE_CONFIG_UNAVAILABLE")
"""Why nodes were not found for a reservation that names none."""

_UNABLE = Told("Unable to query reservations", "slurm_load_reservations()")
_BAD_BODY: Final = "Rejecting request. Failure parsing parameters"
_NOTHING: Final = "No reservation descriptions specified in reservations array"
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


def write_reservation(ctx: Context) -> Reply:
    """Make the body's reservation, or change the one that has its name."""
    description: Parsed = Parsed() if ctx.body is None else ctx.body
    _check_names([description], "Reservation must be given.", "_mod_reservation")
    return _write(ctx, [description])


def write_reservations(ctx: Context) -> Reply:
    """Likewise each of the body's reservations. One that is refused does not stop the others."""
    descriptions = None if ctx.body is None else ctx.body.reservations
    if descriptions is None:
        raise BadQuery(_NOTHING, "_parse_resv_desc_list")
    if not descriptions:
        ctx.warn(_NOTHING, "_parse_resv_desc_list")
        return Reply(reservations=[])
    _check_names(descriptions, "Reservation must be given", "_check_resv_name")
    return _write(ctx, descriptions)


def _check_names(descriptions: Sequence[Parsed], text: str, source: str) -> None:
    if any(description.name is None for description in descriptions):
        raise Rejected(ErrorCode.RESERVATION_INVALID, text, source)


def _write(ctx: Context, descriptions: Sequence[Parsed]) -> Reply:
    """Tell what was done, and of the rest why it was not."""
    # All of them first: nothing is done if one cannot be written.
    records = [ctx.record(RESERVATION_DESC_MSG, description) for description in descriptions]
    known = ctx.slurmctld.load_reservations(0)
    done = []
    for description, record in zip(descriptions, records, strict=True):
        name = description.name
        exists = known.named(name, any_case=True) is not None
        try:
            if exists:
                ctx.slurmctld.update_reservation(record)
            else:
                ctx.slurmctld.create_reservation(record)
        except SlurmError as error:
            if error.errno == ErrorCode.ERROR:
                # No reason was given, as for a user whom nobody knows.
                error.errno = ErrorCode.RESERVATION_INVALID
            if exists:
                error.tell(f"Error updating reservation {name}", "slurm_update_reservation")
            else:
                error.tell(_not_created(ctx, description, error), "slurm_create_reservation")
            ctx.error(error)
            if error.errno == ErrorCode.CONTROLLER_CONNECT:
                break
        else:
            done.append(record)
    return Reply(reservations=ctx.records(done))


def _not_created(ctx: Context, description: Parsed, error: SlurmError) -> str:
    if error.errno in map(ctx.constant, CONSTANTS) and not description.node_list:
        return (
            f"Error creating reservation {description.name}. Note, unless nodes are directly"
            " requested a reservation must exist in a single partition. If no partition is"
            " requested the default partition is assumed."
        )
    return f"Error creating reservation  {description.name}"


def delete_reservation(ctx: Context) -> Reply:
    """Delete one reservation, by name."""
    ctx.slurmctld.delete_reservation(ctx.params.reservation_name)
    return Reply()


RESERVATIONS = Path(
    url="/slurm/{data_parser}/reservations/",
    get=Operation(
        handler=dump_reservations,
        summary="get all reservations",
        revalidates=True,
        query=OPENAPI_RESERVATION_QUERY,
        response=OPENAPI_RESERVATION_RESP,
        failed=_UNABLE,
        bad_query=Told("Rejecting request. Failure parsing query", "_get_reservations"),
    ),
    post=Operation(
        handler=write_reservations,
        summary="create or update reservations",
        description="A reservation is created where there is none of the name, else updated.",
        body=RESERVATION_MOD_REQ,
        response=OPENAPI_RESERVATION_MOD_RESP,
        failed=_UNABLE,
        bad_body=Told(_BAD_BODY, "_parse_resv_desc_list"),
    ),
)

RESERVATION = Path(
    url="/slurm/{data_parser}/reservation/{reservation_name}",
    get=Operation(
        handler=dump_reservation,
        summary="get one reservation",
        revalidates=True,
        params=OPENAPI_RESERVATION_PARAM,
        query=OPENAPI_RESERVATION_QUERY,
        response=OPENAPI_RESERVATION_RESP,
        failed=_UNABLE,
        bad_params=_BAD_NAME,
        bad_query=Told("Rejecting request. Failure parsing query", "_get_single_reservation"),
    ),
    delete=Operation(
        handler=delete_reservation,
        summary="delete a reservation",
        params=OPENAPI_RESERVATION_PARAM,
        response=OPENAPI_RESP,
        since=V42,
        failed=Told("Error deleting reservation {reservation_name}", "slurm_delete_reservation"),
        bad_params=_BAD_NAME,
    ),
)

MODIFY_RESERVATION = Path(
    url="/slurm/{data_parser}/reservation",
    post=Operation(
        handler=write_reservation,
        summary="create or update a reservation",
        description="It is created where there is none of the name, else updated.",
        body=RESERVATION_DESC_MSG,
        response=OPENAPI_RESERVATION_MOD_RESP,
        failed=_UNABLE,
        bad_body=Told(_BAD_BODY, "_parse_resv_desc"),
    ),
)

PATHS = (RESERVATIONS, RESERVATION, MODIFY_RESERVATION)

"""TRES: all that slurmdbd counts. They are added by the controller, and cannot be by requests."""

from __future__ import annotations

from collections.abc import Sequence

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.codecs.tres import TRES as TRES_REC
from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.tres import OPENAPI_TRES_RESP
from .changes import part

__all__ = ["PATHS", "TRES", "store_tres"]


_NAMED = ("bb", "fs", "gres", "ic", "license")
"""Types of which there are several; slurmdbd takes none of them without a name."""


def dump_tres(ctx: Context) -> Reply:
    """All TRES, deleted ones too."""
    return Reply(TRES=ctx.slurmdbd.tres())


def store_tres(ctx: Context, given: Sequence[Parsed]) -> None:
    """Add TRES that there are not yet, for limits to name.

    slurmdbd commits when it has added one: so this comes before all else of a transaction.
    """
    known = _names(ctx)
    new = [
        (place, tres)
        for place, tres in enumerate(given)
        if _name(tres.type, tres.name) not in known
    ]
    for place, tres in new:
        if tres.type.lower() in _NAMED and not tres.name:
            raise Rejected(
                ErrorCode.BAD_INPUT, f"A TRES of type {tres.type} needs a name", f"#/tres[{place}]/"
            )
    if not new:
        return
    with part("slurmdb_tres_add()", f"TRES {new[0][1].type}", "update_tres"):
        ctx.slurmdbd.add(
            "tres",
            [ctx.record(TRES_REC, {"type": t.type, "name": t.name or None}) for _, t in new],
        )


def _names(ctx: Context) -> set[tuple[str, str]]:
    records = ctx.slurmdbd.tres()
    members = (ctx.slurmdbd.values(records, "slurmdb_tres_rec_t", m) for m in ("type", "name"))
    return {_name(type, name) for type, name in zip(*members, strict=True)}


def _name(type: str | None, name: str | None) -> tuple[str, str]:
    return (type or "").lower(), (name or "").lower()


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

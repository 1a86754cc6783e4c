"""Wckeys: all of them or one, added and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import BadQuery, ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.wckeys import (
    OPENAPI_WCKEY_PARAM,
    OPENAPI_WCKEY_REMOVED_RESP,
    OPENAPI_WCKEY_RESP,
    WCKEY,
    WCKEY_CONDITION,
)
from .changes import Kept

__all__ = ["CONSTANTS", "KEPT", "PATHS", "WCKEYS", "WCKEY_PATH", "store_wckeys"]

CONSTANTS = ("SLURMDB_WCKEY_FLAG_DELETED",)

_DUMP = "_dump_wckeys"
_UPDATE = "_update_wckeys"
_DELETE = "_delete_wckey"

KEPT = Kept(
    kind="wckeys",
    record=WCKEY,
    condition=WCKEY_CONDITION,
    source=_UPDATE,
    unstored={"DELETED": "SLURMDB_WCKEY_FLAG_DELETED"},
)

_WHO = ("cluster", "name", "user")
"""What tells which wckey it is: all that is stored of one."""


def dump_wckeys(ctx: Context) -> Reply:
    """All wckeys that the query asks for."""
    for index, number in enumerate(ctx.query.id_list or ()):
        if not _is_number(number):
            # Slurm: it would stand in the database's query as it is.
            raise Rejected(
                ErrorCode.CONVERSION_FAILED,
                f"Expected wckey id but got {number}",
                f"#/id[{index}]/",
            )
    return Reply(wckeys=KEPT.found(ctx, ctx.query, _DUMP))


def dump_wckey(ctx: Context) -> Reply:
    """The wckeys of a name, of all users and clusters; or the one of a number."""
    return Reply(wckeys=KEPT.found(ctx, _named(ctx), _DUMP))


def _named(ctx: Context) -> dict[str, Any]:
    """The condition of a path: what it names is a name before it is a number."""
    name: str | None = ctx.params.wckey
    if not name:
        raise BadQuery("wckey required for singular query", "op_handler_wckey")
    by_name = {"name_list": [name]}
    if _is_number(name) and not len(KEPT.get(ctx, by_name)):
        return {"id_list": [name]}
    return by_name


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def update_wckeys(ctx: Context) -> Reply:
    """Add wckeys that there are not yet; all of them, or none."""
    if not ctx.body.wckeys:
        ctx.warn("ignoring empty or non-existent wckeys array for update", _UPDATE)
        return Reply()
    with ctx.slurmdbd.transaction():
        store_wckeys(
            ctx, [(f"#/wckeys[{place}]/", wckey) for place, wckey in enumerate(ctx.body.wckeys)]
        )
    return Reply()


def store_wckeys(ctx: Context, given: Sequence[tuple[str, Parsed]]) -> None:
    """Add wckeys that there are not yet. Those that there are stay as they are.

    :param given: each with its place in the body.
    """
    new: dict[tuple[str, ...], tuple[Parsed, str]] = {}
    known = _known(ctx) if given else set()
    for place, wckey in given:
        for key in ("cluster", "user"):
            if not wckey.get(key):
                raise Rejected(
                    ErrorCode.BAD_INPUT,
                    f"A wckey needs a {key}",
                    f"{place}{key}/",
                )
        KEPT.flags(ctx, wckey.flags)
        who = _key(*_values(wckey).values())
        if who not in known:
            new.setdefault(who, (wckey, place))
    if not new:
        return
    told = ", ".join(_told(wckey) for wckey, _ in new.values())
    KEPT.add(ctx, told, *(_values(wckey) for wckey, _ in new.values()))
    stored = _known(ctx)
    for who, (wckey, where) in new.items():
        if who not in stored:
            # Slurm: what cannot be added, as on an unknown cluster, is left out without a word.
            raise Rejected(ErrorCode.BAD_INPUT, f"slurmdbd did not store the {_told(wckey)}", where)


def _values(wckey: Parsed) -> dict[str, str]:
    return {member: wckey.get(member) or "" for member in _WHO}


def _known(ctx: Context) -> set[tuple[str, ...]]:
    """All that there are, in the way of the database: without regard to the case of letters."""
    records = KEPT.get(ctx, {})
    columns = [KEPT.values(ctx, records, member) for member in _WHO]
    return {_key(*who) for who in zip(*columns, strict=True)}


def _key(*who: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in who)


def _told(wckey: Parsed) -> str:
    return f"wckey {wckey.name} of user {wckey.user} on cluster {wckey.cluster}"


def remove_wckeys(ctx: Context) -> Reply:
    """Remove the wckeys of a name, or the one of a number."""
    with ctx.slurmdbd.transaction():
        removed = KEPT.remove(ctx, _named(ctx))
    if not removed:
        ctx.warn("slurmdb_wckeys_remove() found nothing", _DELETE)
    return Reply(deleted_wckeys=removed)


_UNABLE = Told("slurmdb_wckeys_get failed", _DUMP)

WCKEY_PATH = Path(
    url="/slurmdb/{data_parser}/wckey/{id}",
    get=Operation(
        handler=dump_wckey,
        summary="get the wckeys of a name",
        params=OPENAPI_WCKEY_PARAM,
        response=OPENAPI_WCKEY_RESP,
        failed=_UNABLE,
    ),
    delete=Operation(
        handler=remove_wckeys,
        summary="remove the wckeys of a name",
        params=OPENAPI_WCKEY_PARAM,
        response=OPENAPI_WCKEY_REMOVED_RESP,
        failed=Told("slurmdb_wckeys_remove failed", _DELETE),
    ),
)

WCKEYS = Path(
    url="/slurmdb/{data_parser}/wckeys/",
    get=Operation(
        handler=dump_wckeys,
        summary="get wckeys",
        query=WCKEY_CONDITION,
        response=OPENAPI_WCKEY_RESP,
        failed=_UNABLE,
    ),
    post=Operation(
        handler=update_wckeys,
        summary="add wckeys",
        description="All are stored, or none.",
        query=WCKEY_CONDITION,
        body=OPENAPI_WCKEY_RESP,
        response=OPENAPI_RESP,
        failed=Told("slurmdb_wckeys_add() failed", _UPDATE),
    ),
)

PATHS = (WCKEY_PATH, WCKEYS)

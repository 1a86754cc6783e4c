"""Associations: those that a query finds, added, changed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.associations import (
    ASSOC,
    ASSOC_CONDITION,
    OPENAPI_ASSOCS_REMOVED_RESP,
    OPENAPI_ASSOCS_RESP,
)
from ...data_parser.tables.envelope import OPENAPI_RESP
from .changes import Kept, check_limits

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records

__all__ = [
    "ASSOCIATION",
    "ASSOCIATIONS",
    "CONSTANTS",
    "KEPT",
    "PATHS",
    "READ_ONLY",
    "check_association",
    "store_association",
    "written_values",
]

CONSTANTS = ("ASSOC_FLAG_DELETED",)

_DUMP = "_dump_assoc_cond"
_UPDATE = "_foreach_update_assoc"
_DELETE = "_delete_assoc"

KEPT = Kept(
    kind="associations",
    record=ASSOC,
    condition=ASSOC_CONDITION,
    source=_UPDATE,
    denies=True,
    unstored={"DELETED": "ASSOC_FLAG_DELETED"},
)

_WHO = ("acct", "cluster", "partition", "user", "id")
"""What tells which association it is, and is not changed."""

READ_ONLY = ("accounting_list", "lineage")

_FILTERS = (
    "acct_list",
    "cluster_list",
    "def_qos_id_list",
    "id_list",
    "parent_acct_list",
    "partition_list",
    "qos_list",
    "user_list",
)
"""Members of a condition that leave associations out."""


def dump_associations(ctx: Context) -> Reply:
    """All associations that the caller may see and the query asks for."""
    return Reply(associations=KEPT.found(ctx, ctx.query, _DUMP))


def dump_association(ctx: Context) -> Reply:
    """The one association that the query asks for."""
    return Reply(associations=KEPT.only(ctx, ctx.query, "association", _DUMP))


def update_associations(ctx: Context) -> Reply:
    """Add associations, and change those that there are; all of them, or none."""
    with ctx.slurmdbd.transaction():
        for index, association in enumerate(ctx.body.associations):
            store_association(ctx, association, f"#/associations[{index}]/")
    return Reply()


def check_association(association: Parsed, place: str) -> None:
    """Refuse what is none."""
    if not (association.acct and association.cluster):
        raise Rejected(ErrorCode.BAD_INPUT, "An association needs an account and a cluster", place)


def store_association(ctx: Context, association: Parsed, place: str) -> None:
    """One association, added or changed; what it does not mention stays as it is."""
    check_association(association, place)
    who: dict[str, Any] = {
        "acct_list": [association.acct],
        "cluster_list": [association.cluster],
        "user_list": [association.user or ""],
        "partition_list": [association.partition or ""],
    }
    if association.id:
        who["id_list"] = [str(association.id)]
    values = written_values(ctx, association, place)
    known = KEPT.get(ctx, who)
    if len(known):
        _change(ctx, association, who, known, values, place)
    else:
        _add(ctx, association, who, values, place)


def written_values(ctx: Context, association: Parsed, place: str) -> dict[str, Any]:
    """The values of an association that are written; what is read from one may be written to it."""
    values = {member: value for member, value in association.items() if member not in READ_ONLY}
    if "flags" in values:
        values["flags"] = KEPT.flags(ctx, values["flags"])
    if association.user and values.get("parent_acct") in ("", association.acct):
        del values["parent_acct"]
    check_limits(ASSOC, values, place)
    return values


def _change(
    ctx: Context,
    association: Parsed,
    who: dict[str, Any],
    known: Records,
    values: dict[str, Any],
    place: str,
) -> None:
    what = _told(association)
    values = {member: value for member, value in values.items() if member not in _WHO}
    parent = values.get("parent_acct")
    if parent in _parents(ctx, known):
        # Slurm: to stay where it is is no change, and told like one that is not allowed.
        del values["parent_acct"]
    KEPT.modify(ctx, what, who, values)
    if "parent_acct" in values:
        # Slurm: a parent that cannot be one is passed over without a word.
        stored = KEPT.get(ctx, who)
        if parent not in _parents(ctx, stored):
            raise Rejected(
                ErrorCode.INVALID_PARENT_ACCOUNT,
                f"The {what} cannot be below account {parent}",
                f"{place}parent_account/",
            )


def _add(
    ctx: Context, association: Parsed, who: dict[str, Any], values: dict[str, Any], place: str
) -> None:
    what = _told(association)
    _check_place(ctx, association, what, place)
    # Slurm: an empty user would be a user without a name, outside the tree of accounts.
    values = {member: value for member, value in values.items() if value != ""}
    KEPT.add(ctx, what, values)
    KEPT.check_stored(ctx, what, who, place)


def _told(association: Parsed) -> str:
    words = [f"account {association.acct}", f"cluster {association.cluster}"]
    words += [f"user {association.user}"] if association.user else []
    words += [f"partition {association.partition}"] if association.partition else []
    return f"association of {', '.join(words)}"


def _parents(ctx: Context, associations: Records) -> list[str]:
    return KEPT.values(ctx, associations, "parent_acct")


def _check_place(ctx: Context, association: Parsed, what: str, place: str) -> None:
    """Refuse an association that there is no place for: slurmdbd would not say that it is none."""
    if association.id:
        raise Rejected(
            ErrorCode.BAD_INPUT, f"There is no {what} with id {association.id}", f"{place}id/"
        )
    above, key = association.parent_acct, "parent_account"
    if association.user:
        above, key = association.acct, "account"
    elif not above:
        raise Rejected(
            ErrorCode.INVALID_PARENT_ACCOUNT,
            f"A new {what} needs a parent_account",
            f"{place}{key}/",
        )
    on_cluster = {"cluster_list": [association.cluster], "user_list": [""]}
    if not len(KEPT.get(ctx, {**on_cluster, "acct_list": [above]})):
        error = ErrorCode.INVALID_ACCOUNT if association.user else ErrorCode.INVALID_PARENT_ACCOUNT
        raise Rejected(
            error, f"Cluster {association.cluster} knows no account {above}", f"{place}{key}/"
        )


def remove_associations(ctx: Context) -> Reply:
    """Remove all associations that the query asks for."""
    if not any(ctx.query.get(filter_) for filter_ in _FILTERS):
        raise Rejected(
            ErrorCode.AMBIGUOUS_MODIFY, "Rejecting request to remove all associations", _DELETE
        )
    with ctx.slurmdbd.transaction():
        return Reply(removed_associations=KEPT.remove(ctx, ctx.query))


def remove_association(ctx: Context) -> Reply:
    """Remove the one association that the query asks for."""
    with ctx.slurmdbd.transaction():
        if len(KEPT.get(ctx, ctx.query)) > 1:
            raise Rejected(
                ErrorCode.AMBIGUOUS_MODIFY,
                "ambiguous request: More than 1 association would have been deleted.",
                _DELETE,
            )
        return Reply(removed_associations=KEPT.remove(ctx, ctx.query))


_UNABLE = Told("slurmdb_associations_get failed", _DUMP)
_NOT_REMOVED = Told("slurmdb_associations_remove failed", _DELETE)

ASSOCIATIONS = Path(
    url="/slurmdb/{data_parser}/associations/",
    get=Operation(
        handler=dump_associations,
        summary="get associations",
        query=ASSOC_CONDITION,
        response=OPENAPI_ASSOCS_RESP,
        failed=_UNABLE,
    ),
    post=Operation(
        handler=update_associations,
        summary="add or change associations",
        description="All are stored, or none. What is not mentioned stays as it is.",
        body=OPENAPI_ASSOCS_RESP,
        response=OPENAPI_RESP,
        failed=Told("Unable to change associations", _UPDATE),
    ),
    delete=Operation(
        handler=remove_associations,
        summary="remove associations",
        query=ASSOC_CONDITION,
        response=OPENAPI_ASSOCS_REMOVED_RESP,
        failed=_NOT_REMOVED,
    ),
)

ASSOCIATION = Path(
    url="/slurmdb/{data_parser}/association/",
    get=Operation(
        handler=dump_association,
        summary="get one association",
        query=ASSOC_CONDITION,
        response=OPENAPI_ASSOCS_RESP,
        failed=_UNABLE,
    ),
    delete=Operation(
        handler=remove_association,
        summary="remove one association",
        query=ASSOC_CONDITION,
        response=OPENAPI_ASSOCS_REMOVED_RESP,
        failed=_NOT_REMOVED,
    ),
)

PATHS = (ASSOCIATIONS, ASSOCIATION)

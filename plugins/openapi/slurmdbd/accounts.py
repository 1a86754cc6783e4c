"""Accounts: all of them or one, added, changed and removed."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.accounts import (
    ACCOUNT,
    ACCOUNT_CONDITION,
    ACCOUNT_SHORT,
    ACCOUNTS_ADD_COND,
    OPENAPI_ACCOUNT_PARAM,
    OPENAPI_ACCOUNT_QUERY,
    OPENAPI_ACCOUNTS_ADD_COND_RESP,
    OPENAPI_ACCOUNTS_ADD_COND_RESP_STR,
    OPENAPI_ACCOUNTS_REMOVED_RESP,
    OPENAPI_ACCOUNTS_RESP,
)
from ...data_parser.tables.associations import ASSOC_REC_SET
from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.users import USER_CONDITION
from .changes import Kept, check_limits, part

__all__ = [
    "ACCOUNTS",
    "ACCOUNTS_ASSOCIATION",
    "ACCOUNT_PATH",
    "CONSTANTS",
    "KEPT",
    "PATHS",
    "check_account",
    "coordinate",
    "coordinators",
    "store_account",
]

CONSTANTS = (
    "SLURMDB_ACCT_FLAG_DELETED",
    "SLURMDB_ACCT_FLAG_WASSOC",
    "SLURMDB_ACCT_FLAG_WCOORD",
)

_UPDATE = "_foreach_update_acct"
_ADD = "_add_accounts_association"
_DUMP = "_dump_accounts"

KEPT = Kept(
    kind="accounts",
    record=ACCOUNT,
    condition=ACCOUNT_CONDITION,
    source=_UPDATE,
    denies=True,
    unstored={"DELETED": "SLURMDB_ACCT_FLAG_DELETED"},
)


def dump_accounts(ctx: Context) -> Reply:
    """All accounts that the caller may see and the query asks for."""
    return Reply(accounts=KEPT.found(ctx, ctx.query, _DUMP))


def dump_account(ctx: Context) -> Reply:
    """One account, by name."""
    flags = 0
    for asked, flag in (
        (ctx.query.with_assocs, "SLURMDB_ACCT_FLAG_WASSOC"),
        (ctx.query.with_coords, "SLURMDB_ACCT_FLAG_WCOORD"),
        (ctx.query.with_deleted, "SLURMDB_ACCT_FLAG_DELETED"),
    ):
        flags |= ctx.constant(flag) if asked else 0
    return Reply(accounts=KEPT.found(ctx, _named(ctx.params.name, flags), _DUMP))


def _named(name: str | None, flags: int = 0) -> dict[str, Any]:
    return {"assoc_cond": {"acct_list": [name or ""]}, "flags": flags}


def update_accounts(ctx: Context) -> Reply:
    """Add accounts, and change those that there are; all of them, or none."""
    with ctx.slurmdbd.transaction():
        for index, account in enumerate(ctx.body.accounts):
            store_account(ctx, account, f"#/accounts[{index}]/")
    return Reply()


def check_account(account: Parsed, place: str) -> None:
    """Refuse what could not be added."""
    if not (account.name and account.description and account.organization):
        raise Rejected(
            ErrorCode.BAD_INPUT, "An account needs a name, a description and an organization", place
        )


def store_account(ctx: Context, account: Parsed, place: str) -> None:
    """One account, added or changed; what it does not mention stays as it is."""
    check_account(account, place)
    if account.assoc_list:
        ctx.warn(
            "Account associations ignored. They must be set via the associations end point.",
            _UPDATE,
        )
    values = {
        "description": account.description,
        "organization": account.organization,
        "flags": KEPT.flags(ctx, account.flags),
    }
    with_coordinators = ctx.constant("SLURMDB_ACCT_FLAG_WCOORD")
    known = KEPT.get(ctx, _named(account.name, with_coordinators))
    what = f"account {account.name}"
    if len(known):
        KEPT.modify(ctx, what, _named(account.name), values)
    else:
        KEPT.add(ctx, what, {"name": account.name, **values})
    if "coordinators" in account:
        now = set(ctx.slurmdbd.direct_coordinators(known))
        coordinate(ctx, account.name, coordinators(account), now, place)


def coordinators(account: Parsed) -> set[str]:
    """The account's own; those of an account above it are told with them."""
    return {
        coordinator.name
        for coordinator in account.coordinators or ()
        if coordinator.name and coordinator.get("direct", 1)
    }


def coordinate(ctx: Context, account: str, wanted: set[str], now: set[str], place: str) -> None:
    """Let an account have just the coordinators that are wanted."""
    _check_users(ctx, wanted - now, f"{place}coordinators/")
    for names, call, write in (
        (now - wanted, "slurmdb_coord_remove()", ctx.slurmdbd.remove_coordinators),
        (wanted - now, "slurmdb_coord_add()", ctx.slurmdbd.add_coordinators),
    ):
        if names:
            condition = {"assoc_cond": {"user_list": sorted(names)}}
            with part(call, f"account {account}", _UPDATE):
                write([account], ctx.record(USER_CONDITION, condition))


def _check_users(ctx: Context, names: set[str], place: str) -> None:
    """Slurm: a coordinator that is no user of the database is dropped without a word."""
    if not names:
        return
    condition = ctx.record(USER_CONDITION, {"assoc_cond": {"user_list": sorted(names)}})
    users = ctx.slurmdbd.get("users", condition)
    unknown = names - set(ctx.slurmdbd.values(users, "slurmdb_user_rec_t", "name"))
    if unknown:
        raise Rejected(
            ErrorCode.USER_ID_UNKNOWN,
            f"Unable to resolve user: {', '.join(sorted(unknown))}",
            place,
        )


def remove_account(ctx: Context) -> Reply:
    """Remove an account; its associations go with it."""
    with ctx.slurmdbd.transaction():
        return Reply(removed_accounts=KEPT.remove(ctx, _named(ctx.params.name)))


def add_accounts_association(ctx: Context) -> Reply:
    """Add accounts and their associations on clusters, all with the same limits."""
    condition = ctx.body.association_condition or Parsed()
    if not condition.acct_list:
        raise SlurmError(ErrorCode.EMPTY_LIST, "slurmdb_accounts_add_cond() failed", _ADD)
    check_limits(ASSOC_REC_SET, condition.assoc or {}, "#/association_condition/association/")
    with ctx.slurmdbd.transaction():
        try:
            added = ctx.slurmdbd.add_with(
                "accounts",
                ctx.record(ACCOUNTS_ADD_COND, condition),
                ctx.record(ACCOUNT_SHORT, ctx.body.account or {}),
            )
        except SlurmError as error:
            if error.text:
                error.text = f"slurmdb_accounts_add_cond() failed: {error.text}"
                error.source = _ADD
            raise
    return Reply(added_accounts=added)


ACCOUNTS = Path(
    url="/slurmdb/{data_parser}/accounts/",
    get=Operation(
        handler=dump_accounts,
        summary="get all accounts",
        query=ACCOUNT_CONDITION,
        response=OPENAPI_ACCOUNTS_RESP,
        failed=Told("slurmdb_accounts_get failed", _DUMP),
    ),
    post=Operation(
        handler=update_accounts,
        summary="add or change accounts",
        description="All are stored, or none. What is not mentioned stays as it is.",
        body=OPENAPI_ACCOUNTS_RESP,
        response=OPENAPI_RESP,
        failed=Told("Unable to change accounts", _UPDATE),
    ),
)

ACCOUNT_PATH = Path(
    url="/slurmdb/{data_parser}/account/{account_name}",
    get=Operation(
        handler=dump_account,
        summary="get one account",
        params=OPENAPI_ACCOUNT_PARAM,
        query=OPENAPI_ACCOUNT_QUERY,
        response=OPENAPI_ACCOUNTS_RESP,
        failed=Told("slurmdb_accounts_get failed", _DUMP),
    ),
    delete=Operation(
        handler=remove_account,
        summary="remove an account",
        params=OPENAPI_ACCOUNT_PARAM,
        response=OPENAPI_ACCOUNTS_REMOVED_RESP,
        failed=Told("slurmdb_accounts_remove failed", "_delete_account"),
    ),
)

ACCOUNTS_ASSOCIATION = Path(
    url="/slurmdb/{data_parser}/accounts_association/",
    post=Operation(
        handler=add_accounts_association,
        summary="add accounts with associations",
        description="All are stored, or none.",
        body=OPENAPI_ACCOUNTS_ADD_COND_RESP,
        response=OPENAPI_ACCOUNTS_ADD_COND_RESP_STR,
        failed=Told("slurmdb_accounts_add_cond() failed", _ADD),
    ),
)

PATHS = (ACCOUNT_PATH, ACCOUNTS_ASSOCIATION, ACCOUNTS)

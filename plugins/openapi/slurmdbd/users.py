"""Users: all of them or one, added, changed and removed."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.associations import ASSOC_CONDITION, ASSOC_REC_SET
from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.partitions import OPENAPI_PARTITIONS_QUERY
from ...data_parser.tables.users import (
    OPENAPI_USER_PARAM,
    OPENAPI_USER_QUERY,
    OPENAPI_USERS_ADD_COND_RESP,
    OPENAPI_USERS_ADD_COND_RESP_STR,
    OPENAPI_USERS_REMOVED_RESP,
    OPENAPI_USERS_RESP,
    USER,
    USER_CONDITION,
    USER_SHORT,
    USERS_ADD_COND,
)
from .changes import Kept, check_limits

__all__ = ["CONSTANTS", "KEPT", "PATHS", "USERS", "USERS_ASSOCIATION", "USER_PATH", "store_user"]

CONSTANTS = ("SLURMDB_USER_FLAG_DELETED",)

_DUMP = "_dump_users"
_UPDATE = "_foreach_update_user"

KEPT = Kept(
    kind="users",
    record=USER,
    condition=USER_CONDITION,
    source=_UPDATE,
    denies=True,
    unstored={"DELETED": "SLURMDB_USER_FLAG_DELETED"},
)

_CHANGED = ("admin_level", "default_acct", "default_wckey")
"""What can be changed. Empty values are those that a query tells which was not asked for more."""


def dump_users(ctx: Context) -> Reply:
    """All users that the caller may see and the query asks for."""
    return Reply(users=KEPT.found(ctx, ctx.query, _DUMP))


def dump_user(ctx: Context) -> Reply:
    """One user, by name; a number is no name."""
    condition: dict[str, Any] = {"assoc_cond": {"user_list": [_name(ctx)]}}
    for switch in ("with_deleted", "with_assocs", "with_coords", "with_wckeys"):
        condition[switch] = ctx.query.get(switch) or 0
    return Reply(users=KEPT.found(ctx, condition, _DUMP))


def _name(ctx: Context) -> str:
    """The user that the path names."""
    name: str | None = ctx.params.name
    if not name:
        raise Rejected(
            ErrorCode.USER_ID_MISSING,
            "User name must be provided for singular query",
            "op_handler_user",
        )
    return name


def update_users(ctx: Context) -> Reply:
    """Add users, and change those that there are; all of them, or none."""
    with ctx.slurmdbd.transaction():
        for index, user in enumerate(ctx.body.users):
            store_user(ctx, user, f"#/users[{index}]/")
    return Reply()


def store_user(ctx: Context, user: Parsed, place: str) -> None:
    """One user, added or changed; what it does not mention stays as it is."""
    if not user.name:
        raise Rejected(ErrorCode.AMBIGUOUS_MODIFY, "ambiguous user modify request", _UPDATE)
    for key, given, end_points in (
        ("associations", user.assoc_list, "the associations end point"),
        ("coordinators", user.coord_accts, "the coordinators or accounts end point"),
        ("wckeys", user.wckey_list, "the wckeys end point"),
    ):
        if given:
            ctx.warn(
                f"User {user.name} {key} list ignored. They must be set via {end_points}.", _UPDATE
            )
    KEPT.flags(ctx, user.flags)
    values = {member: user[member] for member in _CHANGED if user.get(member)}
    known_as = user.old_name or user.name
    condition = {"assoc_cond": {"user_list": [known_as]}}
    known = KEPT.get(ctx, condition)
    if not len(known) and user.old_name:
        raise Rejected(
            ErrorCode.USER_ID_UNKNOWN, f"Unable to resolve user: {known_as}", f"{place}old_name/"
        )
    if user.default_acct:
        _check_account(ctx, known_as, user.default_acct, f"{place}default/account/")
    if user.old_name or not len(known):
        values["name"] = user.name
    if len(known):
        KEPT.modify(ctx, f"user {user.name}", condition, values)
    else:
        KEPT.add(ctx, f"user {user.name}", values)
    if user.default_wckey or user.def_qos_id:
        _check_defaults(ctx, user, place)


def _check_account(ctx: Context, user: str, account: str, place: str) -> None:
    """Slurm: a default account that the user has no association with is dropped without a word."""
    condition = ctx.record(ASSOC_CONDITION, {"user_list": [user], "acct_list": [account]})
    if not len(ctx.slurmdbd.get("associations", condition)):
        raise Rejected(
            ErrorCode.INVALID_ACCOUNT,
            f"User {user} has no association with account {account}",
            place,
        )


def _check_defaults(ctx: Context, user: Parsed, place: str) -> None:
    """Slurm: so are a default wckey that the user has not, and any default QOS: that belongs to
    associations."""
    condition = {"assoc_cond": {"user_list": [user.name]}, "with_assocs": 1, "with_wckeys": 1}
    stored = KEPT.get(ctx, condition)
    for member, key, error, text in (
        ("default_wckey", "wckey", ErrorCode.INVALID_WCKEY, "User {0} has no wckey {1}"),
        (
            "def_qos_id",
            "qos",
            ErrorCode.INVALID_QOS,
            "The default QOS of user {0} is that of an association, and set there",
        ),
    ):
        given = user.get(member)
        now = KEPT.values(ctx, stored, member)
        # A star marks the default that jobs got which named none.
        if given and given not in [had.lstrip("*") if isinstance(had, str) else had for had in now]:
            raise Rejected(error, text.format(user.name, given), f"{place}default/{key}/")


def remove_user(ctx: Context) -> Reply:
    """Remove a user, with all associations."""
    condition = {"assoc_cond": {"user_list": [_name(ctx)]}}
    with ctx.slurmdbd.transaction():
        return Reply(removed_users=KEPT.remove(ctx, condition))


def add_users_association(ctx: Context) -> Reply:
    """Add users and their associations with accounts, all with the same limits."""
    condition = ctx.body.association_condition
    if not condition.user_list:
        raise SlurmError(ErrorCode.EMPTY_LIST, "Empty list", "slurmdb_users_add_cond")
    if not condition.acct_list and not condition.wckey_list:
        raise SlurmError(
            ErrorCode.AMBIGUOUS_QUERY,
            "Need name of account(s) or wckey(s) to add",
            "_add_users_association",
        )
    check_limits(ASSOC_REC_SET, condition.assoc or {}, "#/association_condition/association/")
    _check_accounts(ctx, condition)
    with ctx.slurmdbd.transaction():
        try:
            added = ctx.slurmdbd.add_with(
                "users",
                ctx.record(USERS_ADD_COND, condition),
                ctx.record(USER_SHORT, ctx.body.user or {}),
            )
        except SlurmError as error:
            error.source = "slurmdb_users_add_cond"
            raise
    return Reply(added_users=added)


def _check_accounts(ctx: Context, condition: Parsed) -> None:
    """Slurm: what there is no account for is skipped; with nothing left, nothing has changed."""
    if not condition.acct_list:
        return
    who: dict[str, Any] = {"acct_list": condition.acct_list, "user_list": [""]}
    if condition.cluster_list:
        who["cluster_list"] = condition.cluster_list
    found = ctx.slurmdbd.get("associations", ctx.record(ASSOC_CONDITION, who))
    for key, given, member in (
        ("accounts", condition.acct_list, "acct"),
        ("clusters", condition.cluster_list or (), "cluster"),
    ):
        known = {name.lower() for name in ctx.slurmdbd.values(found, "slurmdb_assoc_rec_t", member)}
        for index, name in enumerate(given):
            if name.lower() not in known:
                raise Rejected(
                    ErrorCode.INVALID_ACCOUNT,
                    f"None of these accounts is on cluster {name}"
                    if key == "clusters"
                    else f"No cluster asked for knows account {name}",
                    f"#/association_condition/{key}[{index}]/",
                )


USERS = Path(
    url="/slurmdb/{data_parser}/users/",
    get=Operation(
        handler=dump_users,
        summary="get all users",
        query=USER_CONDITION,
        response=OPENAPI_USERS_RESP,
        failed=Told("slurmdb_users_get failed", _DUMP),
    ),
    post=Operation(
        handler=update_users,
        summary="add or change users",
        description="All are stored, or none. What is not mentioned stays as it is.",
        body=OPENAPI_USERS_RESP,
        response=OPENAPI_RESP,
        failed=Told("Unable to change users", _UPDATE),
    ),
)

USER_PATH = Path(
    url="/slurmdb/{data_parser}/user/{name}",
    get=Operation(
        handler=dump_user,
        summary="get one user",
        params=OPENAPI_USER_PARAM,
        query=OPENAPI_USER_QUERY,
        response=OPENAPI_USERS_RESP,
        failed=Told("slurmdb_users_get failed", _DUMP),
    ),
    delete=Operation(
        handler=remove_user,
        summary="remove a user",
        params=OPENAPI_USER_PARAM,
        response=OPENAPI_RESP,
        dumps=OPENAPI_USERS_REMOVED_RESP,
        failed=Told("slurmdb_users_remove failed", "_delete_user"),
    ),
)

USERS_ASSOCIATION = Path(
    url="/slurmdb/{data_parser}/users_association/",
    post=Operation(
        handler=add_users_association,
        summary="add users with associations",
        description="All are stored, or none.",
        body=OPENAPI_USERS_ADD_COND_RESP,
        query=OPENAPI_PARTITIONS_QUERY,
        response=OPENAPI_USERS_ADD_COND_RESP_STR,
        failed=Told("slurmdb_users_add_cond() failed", "slurmdb_users_add_cond"),
    ),
)

PATHS = (USER_PATH, USERS_ASSOCIATION, USERS)

"""A whole configuration stored: what there is not is added in bulk, what differs is changed.

Nothing is removed. Numbers of the database (of associations, QOS, TRES) are not looked at: who
something is tells its name, or its place in the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pyslurmrestd.application.context import Context
from pyslurmrestd.data_parser.model import Struct
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError

from ...data_parser.tables.accounts import OPENAPI_ACCOUNTS_RESP
from ...data_parser.tables.associations import ASSOC, OPENAPI_ASSOCS_RESP
from ...data_parser.tables.qos import OPENAPI_SLURMDBD_QOS_RESP, QOS
from ...data_parser.tables.users import OPENAPI_USERS_RESP
from . import accounts, associations, qos, users, wckeys
from .changes import Kept
from .clusters import store_clusters
from .stored import as_given
from .tres import store_tres

__all__ = ["CONSTANTS", "store"]

_DELETED: Final = {
    "clusters": "CLUSTER_FLAG_DELETED",
    "qos": "QOS_FLAG_DELETED",
    "accounts": "SLURMDB_ACCT_FLAG_DELETED",
    "users": "SLURMDB_USER_FLAG_DELETED",
    "associations": "ASSOC_FLAG_DELETED",
    "wckeys": "SLURMDB_WCKEY_FLAG_DELETED",
}
"""The lists of a body, and the flag of what was deleted where it comes from."""

CONSTANTS = (*_DELETED.values(), "SLURMDB_ACCT_FLAG_WCOORD")

_BULK: Final = 1000
"""Records that slurmdbd is given in one call: it has to answer before the call's time is over."""

_DEFAULTS: Final = ("default_acct", "default_wckey")

_WHO: Final = ("cluster", "acct", "user", "partition")
"""What tells which association it is, in any database."""

_NUMBER: Final = re.compile(r"(?<![0-9=])[0-9]{10}(?![0-9])")
"""What a number that stands for another one looks like in a text; behind ``=`` are counts."""

Item = tuple[str, Parsed]
"""Something of the body, and its place there."""


def store(ctx: Context, body: Parsed) -> None:
    """Store all parts of a body, or none of them.

    slurmdbd takes a QOS as a default, and a TRES in a limit, only once it is committed. So what
    there is none of yet gets its name first, in a transaction of its own; where the rest cannot be
    stored, the QOS are taken away again.

    :raises SlurmError: a part cannot be stored; its source is the place of that part.
    """
    given = {name: _living(ctx, body, name, flag) for name, flag in _DELETED.items()}
    _warn_of_ignored(ctx, given)
    added = _add_names(ctx, body, given["qos"])
    try:
        with ctx.slurmdbd.transaction():
            _store(ctx, given)
    except BaseException:
        _take_back(ctx, added)
        raise


def _add_names(ctx: Context, body: Parsed, given: Sequence[Item]) -> list[str]:
    """The names of TRES and QOS that there are none of yet; gives those of QOS."""
    with ctx.slurmdbd.transaction():
        with _part("tres"):
            store_tres(ctx, body.tres or [])
        with _part("qos"):
            known = set(qos.KEPT.values(ctx, qos.KEPT.get(ctx, {}), "name"))
            new = [
                (place, Parsed(name=item.name))
                for place, item in given
                if item.name and item.name not in known
            ]
            _add(ctx, qos.KEPT, new)
            _check_added(ctx, qos.KEPT, new, "name")
    return [item.name for _, item in new]


def _take_back(ctx: Context, names: Sequence[str]) -> None:
    if not names:
        return
    try:
        with ctx.slurmdbd.transaction():
            qos.KEPT.remove(ctx, {"name_list": names})
    except SlurmError:
        ctx.warn(f"QOS without limits stay in the database: {', '.join(names)}", "#/qos/")


def _store(ctx: Context, given: Mapping[str, Sequence[Item]]) -> None:
    # slurmdbd makes tables of a cluster, which ends a transaction in MySQL, so these come first.
    with _part("clusters"):
        store_clusters(ctx, given["clusters"])
    with _part("qos"):
        _store_qos(ctx, _settled(ctx, QOS, given["qos"]))
    with _part("accounts"):
        _store_accounts(ctx, given["accounts"])
    with _part("users"):
        _store_users(ctx, given["users"])
    with _part("associations"):
        _store_associations(ctx, _settled(ctx, ASSOC, given["associations"]))
    with _part("wckeys"):
        wckeys.store_wckeys(ctx, given["wckeys"])
    with _part("users"):
        _store_defaults(ctx, given["users"])
    with _part("accounts"):
        _store_coordinators(ctx, given["accounts"], given["users"])


@contextmanager
def _part(name: str) -> Iterator[None]:
    """Tell an error by its place in the body: that of the part, if nothing closer is known."""
    try:
        yield
    except SlurmError as error:
        if not error.source.startswith("#"):
            error.tell(f"Unable to store {name}", "")
            error.source = f"#/{name}/"
        raise


def _living(ctx: Context, body: Parsed, name: str, deleted: str) -> list[Item]:
    """What a list of the body holds, without what was deleted where it comes from."""
    items = [(f"#/{name}[{index}]/", item) for index, item in enumerate(body.get(name) or ())]
    flag = ctx.constant(deleted)
    living = [item for item in items if not (item[1].flags or 0) & flag]
    if len(living) < len(items):
        ctx.warn(f"Ignoring {len(items) - len(living)} that are deleted", f"#/{name}/")
    return living


def _settled(ctx: Context, struct: Struct, items: Sequence[Item]) -> list[Item]:
    """With the numbers of TRES and QOS that were stored meanwhile."""
    numbers = ctx.session.lookups.stored()
    if not numbers:
        return list(items)
    members = {
        member
        for row in struct.fields
        if getattr(row.parser, "needs", ())
        for member in (getattr(row.parser, "members", ()) or (row.source,))
    }

    def settled(value: Any, place: str) -> Any:
        if isinstance(value, list):
            return [settled(part, place) for part in value]
        if isinstance(value, str):
            return _NUMBER.sub(lambda found: str(settled(int(found[0]), place)), value)
        now = numbers.get(value, value)
        if now is None:
            raise Rejected(ErrorCode.INVALID_QOS, "It names a QOS that is deleted", place)
        return now

    return [
        (
            place,
            Parsed(
                (member, settled(value, place) if member in members else value)
                for member, value in item.items()
            ),
        )
        for place, item in items
    ]


def _changes(given: Parsed, stored: Parsed, *ignored: str) -> dict[str, Any]:
    """The values of what is given that are not those of what is stored."""
    return {
        member: value
        for member, value in given.items()
        if member not in ignored and stored.get(member) != value
    }


def _add(ctx: Context, kept: Kept, new: Sequence[Item]) -> None:
    """Add many; which of them an error is about, slurmdbd does not say."""
    for first in range(0, len(new), _BULK):
        some = new[first : first + _BULK]
        what = f"one of {some[0][0]} to {some[-1][0]}"
        kept.add(ctx, what, *(values for _, values in some))


def _check_added(ctx: Context, kept: Kept, new: Sequence[Item], *members: str) -> None:
    """Slurm: some of what cannot be added is left out without a word.

    :param members: what tells one from another.
    """
    if not new:
        return
    records = kept.get(ctx, {})
    values = [kept.values(ctx, records, member) for member in members]
    there = set(zip(*values, strict=True))
    for place, given in new:
        if tuple(given.get(member) or "" for member in members) not in there:
            raise Rejected(ErrorCode.BAD_INPUT, "slurmdbd did not store this", place)


def _all(ctx: Context, kept: Kept, response: Struct, **condition: Any) -> list[Parsed]:
    return as_given(ctx, response, kept.kind, kept.get(ctx, condition))


def _store_qos(ctx: Context, given: Sequence[Item]) -> None:
    stored = {kept.name: kept for kept in _all(ctx, qos.KEPT, OPENAPI_SLURMDBD_QOS_RESP)}
    for place, item in given:
        changes = _changes(item, stored.get(item.name, Parsed()), "id", "name")
        if changes or item.name not in stored:
            qos.store_qos(ctx, Parsed(changes, name=item.name), place)


def _store_accounts(ctx: Context, given: Sequence[Item]) -> None:
    stored = {kept.name: kept for kept in _all(ctx, accounts.KEPT, OPENAPI_ACCOUNTS_RESP)}
    new = []
    for place, account in given:
        values = Parsed(
            (member, account[member])
            for member in ("name", "description", "organization", "flags")
            if member in account
        )
        if account.name not in stored:
            accounts.check_account(account, place)
            new.append((place, values))
        elif _changes(values, stored[account.name]):
            accounts.store_account(ctx, values, place)
    _add(ctx, accounts.KEPT, new)
    _check_added(ctx, accounts.KEPT, new, "name")


def _store_users(ctx: Context, given: Sequence[Item]) -> None:
    """Users and what they may do; what they have by default is stored when they have it."""
    stored = {kept.name: kept for kept in _all(ctx, users.KEPT, OPENAPI_USERS_RESP)}
    new = []
    for place, user in given:
        if not user.name:
            raise Rejected(ErrorCode.AMBIGUOUS_MODIFY, "ambiguous user modify request", place)
        values = Parsed(name=user.name)
        if user.admin_level:
            values["admin_level"] = user.admin_level
        if user.name not in stored:
            new.append((place, values))
        elif _changes(values, stored[user.name]):
            users.store_user(ctx, values, place)
    _add(ctx, users.KEPT, new)
    _check_added(ctx, users.KEPT, new, "name")


def _store_defaults(ctx: Context, given: Sequence[Item]) -> None:
    wanted = [
        (place, user, {member: user[member] for member in _DEFAULTS if user.get(member)})
        for place, user in given
    ]
    if not any(values for _, _, values in wanted):
        return
    condition = {"with_assocs": 1, "with_wckeys": 1}
    stored = {kept.name: kept for kept in _all(ctx, users.KEPT, OPENAPI_USERS_RESP, **condition)}
    for place, user, values in wanted:
        changes = _changes(Parsed(values), stored.get(user.name, Parsed()))
        if changes:
            users.store_user(ctx, Parsed(changes, name=user.name), place)


def _who(association: Parsed) -> tuple[str, ...]:
    return tuple(association.get(member) or "" for member in _WHO)


def _new_association(ctx: Context, association: Parsed, place: str) -> Parsed:
    values = associations.written_values(ctx, association, place)
    # Slurm: an empty user would be a user without a name, outside the tree of accounts.
    return Parsed((name, value) for name, value in values.items() if value != "" and name != "id")


def _store_associations(ctx: Context, given: Sequence[Item]) -> None:
    """Associations of accounts from the top of their trees on, then those of users."""
    stored = {_who(kept): kept for kept in _all(ctx, associations.KEPT, OPENAPI_ASSOCS_RESP)}
    of_accounts: list[Item] = []
    of_users: list[Item] = []
    for place, association in given:
        associations.check_association(association, place)
        known = stored.get(_who(association))
        if known is None:
            values = _new_association(ctx, association, place)
            (of_users if association.user else of_accounts).append((place, values))
            continue
        changes = _changes(association, known, "id", *associations.READ_ONLY)
        if changes:
            who = {member: association.get(member) for member in _WHO}
            associations.store_association(ctx, Parsed({**changes, **who}), place)
    there = {(who[0], who[1]) for who in stored if not who[2]}
    waiting = of_accounts
    while waiting:
        # A call's order is slurmdbd's own, so each is for one level of the trees.
        below = [item for item in waiting if (item[1].cluster, item[1].parent_acct) in there]
        if not below:
            place, association = waiting[0]
            error = ErrorCode.INVALID_PARENT_ACCOUNT
            raise _unknown_account(
                association.cluster, association.parent_acct, error, f"{place}parent_account/"
            )
        _add(ctx, associations.KEPT, below)
        there |= {(item.cluster, item.acct) for _, item in below}
        waiting = [item for item in waiting if (item[1].cluster, item[1].acct) not in there]
    for place, association in of_users:
        if (association.cluster, association.acct) not in there:
            error = ErrorCode.INVALID_ACCOUNT
            raise _unknown_account(association.cluster, association.acct, error, f"{place}account/")
    _add(ctx, associations.KEPT, of_users)
    _check_added(ctx, associations.KEPT, [*of_accounts, *of_users], *_WHO)


def _unknown_account(cluster: str, account: str | None, error: ErrorCode, place: str) -> Rejected:
    return Rejected(error, f"Cluster {cluster} knows no account {account or ''}", place)


def _warn_of_ignored(ctx: Context, given: Mapping[str, Sequence[Item]]) -> None:
    """What users and accounts tell besides, and is to be told by lists of its own."""
    listed = {_who(association) for _, association in given["associations"]}
    for name in ("accounts", "users"):
        told = {_who(short) for _, item in given[name] for short in item.assoc_list or ()}
        if told - listed:
            ctx.warn(
                f"Ignoring {len(told - listed)} that are not among associations",
                f"#/{name}/",
            )
    if any(user.wckey_list for _, user in given["users"]):
        ctx.warn("Ignoring wckeys of users. They are to be among wckeys", "#/users/")


def _store_coordinators(
    ctx: Context, all_accounts: Sequence[Item], all_users: Sequence[Item]
) -> None:
    """Coordinators, as accounts and users tell of them. Those of accounts above are no own ones."""
    of_users: dict[str, set[str]] = {}
    for _, user in all_users:
        for coordinated in user.coord_accts or ():
            if coordinated.get("direct", 1):
                of_users.setdefault(coordinated.name, set()).add(user.name)
    wanted = [
        (place, account, accounts.coordinators(account) | of_users.get(account.name, set()))
        for place, account in all_accounts
        if "coordinators" in account or account.name in of_users
    ]
    if not wanted:
        return
    condition = {"flags": ctx.constant("SLURMDB_ACCT_FLAG_WCOORD")}
    stored = {
        kept.name: accounts.coordinators(kept)
        for kept in _all(ctx, accounts.KEPT, OPENAPI_ACCOUNTS_RESP, **condition)
    }
    for place, account, names in wanted:
        now = stored.get(account.name, set())
        if names != now:
            accounts.coordinate(ctx, account.name, names, now, place)

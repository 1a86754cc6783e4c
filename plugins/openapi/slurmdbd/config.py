"""All of accounting: told in one answer, and stored from one body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.accounting_config import CONFIG_BODY, OPENAPI_SLURMDBD_CONFIG_RESP
from ...data_parser.tables.envelope import OPENAPI_RESP
from . import accounts, associations, clusters, qos, restore, users, wckeys
from .changes import Kept

if TYPE_CHECKING:
    from pyslurmrestd.data_parser.engine import Records

__all__ = ["CONFIG", "CONSTANTS", "PATHS"]

_TOLD = (
    "ASSOC_COND_FLAG_RAW_QOS",
    "ASSOC_COND_FLAG_SUB_ACCTS",
    "ASSOC_COND_FLAG_WITH_DELETED",
    "ASSOC_COND_FLAG_WITH_USAGE",
)

CONSTANTS = (
    *_TOLD,
    *restore.CONSTANTS,
    "QOS_COND_FLAG_WITH_DELETED",
    "SLURMDB_ACCT_FLAG_WASSOC",
)

_DUMP = "_dump"


def dump_config(ctx: Context) -> Reply:
    """Everything but jobs, also what is deleted; for administrators."""
    all_told = {"flags": sum(ctx.constant(flag) for flag in _TOLD)}
    of_accounts = ("DELETED", "WASSOC", "WCOORD")
    account_flags = sum(ctx.constant(f"SLURMDB_ACCT_FLAG_{flag}") for flag in of_accounts)
    deleted_qos = {"flags": ctx.constant("QOS_COND_FLAG_WITH_DELETED")}
    both = {"with_deleted": 1, "with_usage": 1}
    with_all = {"assoc_cond": all_told, "with_deleted": 1, "with_assocs": 1, "with_coords": 1}
    return Reply(
        clusters=_found(ctx, clusters.KEPT, both),
        tres=ctx.slurmdbd.tres(),
        accounts=_found(ctx, accounts.KEPT, {"assoc_cond": all_told, "flags": account_flags}),
        users=_found(ctx, users.KEPT, with_all),
        qos=_found(ctx, qos.KEPT, deleted_qos),
        wckeys=_found(ctx, wckeys.KEPT, both, may_be_none=True),
        associations=_found(ctx, associations.KEPT, all_told),
        instances=[],
    )


def _found(
    ctx: Context, kept: Kept, condition: dict[str, Any], *, may_be_none: bool = False
) -> Records:
    try:
        return kept.get(ctx, condition) if may_be_none else kept.found(ctx, condition, _DUMP)
    except SlurmError as error:
        error.tell(f"slurmdb_{kept.kind}_get failed", _DUMP)
        raise


def update_config(ctx: Context) -> Reply:
    """Store all that the body has, or nothing of it."""
    restore.store(ctx, ctx.body)
    return Reply()


CONFIG = Path(
    url="/slurmdb/{data_parser}/config",
    get=Operation(
        handler=dump_config,
        summary="get all of accounting",
        description="Everything but jobs, also what is deleted. For administrators.",
        response=OPENAPI_SLURMDBD_CONFIG_RESP,
        failed=Told("Unable to tell all of accounting", _DUMP),
    ),
    post=Operation(
        handler=update_config,
        summary="store all of accounting",
        description="What there is not is added, what differs is changed, nothing is removed; all"
        " of it, or none. Numbers of the database are not looked at.",
        body=CONFIG_BODY,
        response=OPENAPI_RESP,
        failed=Told("Unable to store all of accounting", "#/"),
    ),
)

PATHS = (CONFIG,)

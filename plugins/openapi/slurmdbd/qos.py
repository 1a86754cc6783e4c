"""QOS: all of them or one, added, changed and removed."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import BadQuery, ErrorCode, Rejected
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.qos import (
    OPENAPI_SLURMDBD_QOS_PARAM,
    OPENAPI_SLURMDBD_QOS_QUERY,
    OPENAPI_SLURMDBD_QOS_REMOVED_RESP,
    OPENAPI_SLURMDBD_QOS_RESP,
    QOS,
    QOS_CONDITION,
)
from .changes import Kept, check_limits

__all__ = ["ALL_QOS", "CONSTANTS", "KEPT", "ONE_QOS", "PATHS", "store_qos"]

CONSTANTS = (
    "PREEMPT_MODE_COND_OFF",
    "QOS_COND_FLAG_WITH_DELETED",
    "QOS_FLAG_DELETED",
    "QOS_FLAG_PART_QOS",
)

_SOURCE = "_op_handler_qos"
_UPDATE = "_foreach_update_qos"

KEPT = Kept(
    kind="qos",
    record=QOS,
    condition=QOS_CONDITION,
    source=_UPDATE,
    unstored={"DELETED": "QOS_FLAG_DELETED", "PARTITION_QOS": "QOS_FLAG_PART_QOS"},
)

_FACTORS = (
    # (member, key, whether it may be 0)
    ("limit_factor", "limits/factor", False),
    ("usage_factor", "usage_factor", True),
    ("usage_thres", "usage_threshold", True),
)


def dump_all_qos(ctx: Context) -> Reply:
    """All QOS that the query asks for."""
    condition = dict(ctx.query)
    if condition.get("preempt_mode") == 0:
        # DISABLED, which is no bit.
        condition["preempt_mode"] = ctx.constant("PREEMPT_MODE_COND_OFF")
    return Reply(qos=KEPT.found(ctx, condition, _SOURCE))


def dump_qos(ctx: Context) -> Reply:
    """One QOS, by name or number."""
    flags = ctx.constant("QOS_COND_FLAG_WITH_DELETED") if ctx.query.with_deleted else 0
    return Reply(qos=KEPT.found(ctx, {"name_list": [ctx.params.name], "flags": flags}, _SOURCE))


def update_qos(ctx: Context) -> Reply:
    """Add QOS, and change those that there are; all of them, or none."""
    with ctx.slurmdbd.transaction():
        for index, qos in enumerate(ctx.body.qos):
            store_qos(ctx, qos, f"#/qos[{index}]/")
    return Reply()


def store_qos(ctx: Context, qos: Parsed, place: str) -> None:
    """One QOS, added or changed; what it does not mention stays as it is."""
    who: dict[str, Any] = {}
    if qos.id:
        who["id_list"] = [str(qos.id)]
    if qos.name:
        who["name_list"] = [qos.name]
    if not who:
        raise BadQuery("Cannot create a QOS without a name", place)
    values = {member: value for member, value in qos.items() if member not in ("id", "name")}
    check_limits(QOS, values, place)
    _check_factors(values, place)
    if "flags" in values:
        values["flags"] = KEPT.flags(ctx, values["flags"])
    if values.get("preempt_list") == []:
        # An empty text empties the list; an empty list says nothing.
        values["preempt_list"] = [""]
    what = f"QOS {qos.name or qos.id}"
    if len(KEPT.get(ctx, who)):
        KEPT.modify(ctx, what, who, values)
    elif qos.id:
        raise BadQuery("QOS was not found for the requested ID", f"{place}id/")
    else:
        KEPT.add(ctx, what, {"name": qos.name, **values})
        KEPT.check_stored(ctx, what, who, place)


def _check_factors(values: dict[str, Any], place: str) -> None:
    """Slurm: a factor that cannot be one is dropped without a word."""
    for member, key, may_be_zero in _FACTORS:
        factor = values.get(member)
        if factor is not None and (factor < 0 or (factor == 0 and not may_be_zero)):
            wanted = "0 or more" if may_be_zero else "more than 0"
            raise Rejected(
                ErrorCode.CONVERSION_FAILED,
                f"Expected a number of {wanted} but got {factor}",
                f"{place}{key}/",
            )


def remove_qos(ctx: Context) -> Reply:
    """Remove a QOS; associations and other QOS do not name it any more."""
    with ctx.slurmdbd.transaction():
        return Reply(removed_qos=KEPT.remove(ctx, {"name_list": [ctx.params.name]}))


_UNABLE = Told("slurmdb_qos_get failed", _SOURCE)

ONE_QOS = Path(
    url="/slurmdb/{data_parser}/qos/{qos}",
    get=Operation(
        handler=dump_qos,
        summary="get one QOS",
        params=OPENAPI_SLURMDBD_QOS_PARAM,
        query=OPENAPI_SLURMDBD_QOS_QUERY,
        response=OPENAPI_SLURMDBD_QOS_RESP,
        failed=_UNABLE,
    ),
    delete=Operation(
        handler=remove_qos,
        summary="remove a QOS",
        params=OPENAPI_SLURMDBD_QOS_PARAM,
        response=OPENAPI_SLURMDBD_QOS_REMOVED_RESP,
        failed=Told("slurmdb_qos_remove failed", _SOURCE),
    ),
)

ALL_QOS = Path(
    url="/slurmdb/{data_parser}/qos/",
    get=Operation(
        handler=dump_all_qos,
        summary="get all QOS",
        query=QOS_CONDITION,
        response=OPENAPI_SLURMDBD_QOS_RESP,
        failed=_UNABLE,
    ),
    post=Operation(
        handler=update_qos,
        summary="add or change QOS",
        description="All are stored, or none. What is not mentioned stays as it is.",
        body=OPENAPI_SLURMDBD_QOS_RESP,
        query=QOS_CONDITION,
        response=OPENAPI_RESP,
        failed=Told("Unable to change QOS", _UPDATE),
    ),
)

PATHS = (ONE_QOS, ALL_QOS)

"""Instances: machines in a cloud that nodes were."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.instances import INSTANCE, INSTANCE_CONDITION, OPENAPI_INSTANCES_RESP
from .changes import Kept, check_hosts

__all__ = ["ALL_INSTANCES", "ONE_INSTANCE", "PATHS"]

_DUMP = "_dump_instance_cond"

_KEPT = Kept(kind="instances", record=INSTANCE, condition=INSTANCE_CONDITION, source=_DUMP)


def dump_instances(ctx: Context) -> Reply:
    """All instances that the query asks for."""
    _check(ctx)
    return Reply(instances=_KEPT.found(ctx, ctx.query, _DUMP))


def dump_instance(ctx: Context) -> Reply:
    """The one instance that the query asks for."""
    _check(ctx)
    return Reply(instances=_KEPT.only(ctx, ctx.query, "instance", _DUMP))


def _check(ctx: Context) -> None:
    if ctx.query.node_list:
        check_hosts(ctx.query.node_list, "#/node_list/")


_UNABLE = Told("slurmdb_instances_get failed", _DUMP)

ALL_INSTANCES = Path(
    url="/slurmdb/{data_parser}/instances/",
    get=Operation(
        handler=dump_instances,
        summary="get instances",
        query=INSTANCE_CONDITION,
        response=OPENAPI_INSTANCES_RESP,
        failed=_UNABLE,
    ),
)

ONE_INSTANCE = Path(
    url="/slurmdb/{data_parser}/instance/",
    get=Operation(
        handler=dump_instance,
        summary="get one instance",
        query=INSTANCE_CONDITION,
        response=OPENAPI_INSTANCES_RESP,
        failed=_UNABLE,
    ),
)

PATHS = (ALL_INSTANCES, ONE_INSTANCE)

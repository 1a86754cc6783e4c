"""Partitions: all of them, or one by name."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, NotFound
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.partitions import (
    OPENAPI_PARTITION_PARAM,
    OPENAPI_PARTITION_RESP,
    OPENAPI_PARTITIONS_QUERY,
)

__all__ = ["CONSTANTS", "PARTITION", "PARTITIONS", "PATHS"]

CONSTANTS = ("SHOW_ALL",)


def dump_partitions(ctx: Context) -> Reply:
    """All partitions, without the hidden ones unless the query asks for them."""
    message = ctx.slurmctld.load_partitions(ctx.query.update_time or 0, ctx.query.show_flags or 0)
    return Reply(partitions=message.records, last_update=message.last_update)


def dump_partition(ctx: Context) -> Reply:
    """One partition, by name; the case of letters is irrelevant."""
    name = ctx.params.partition_name
    message = ctx.slurmctld.load_partitions(
        ctx.query.update_time or 0, ctx.query.show_flags or ctx.constant("SHOW_ALL")
    )
    found = message.named(name, any_case=True)
    if found is None:
        raise NotFound(
            ErrorCode.INVALID_PARTITION_NAME, f"Unable to find partition {name}", "_partition_get"
        )
    return Reply(partitions=found, last_update=message.last_update)


PARTITIONS = Path(
    url="/slurm/{data_parser}/partitions/",
    get=Operation(
        handler=dump_partitions,
        summary="get all partitions",
        description="Hidden partitions are left out unless the flag ALL is given.",
        query=OPENAPI_PARTITIONS_QUERY,
        response=OPENAPI_PARTITION_RESP,
        failed=Told("Unable to query partitions", "_partitions_get"),
        bad_query=Told("Rejecting request. Failure parsing query", "_partitions_get"),
    ),
)

PARTITION = Path(
    url="/slurm/{data_parser}/partition/{partition_name}",
    get=Operation(
        handler=dump_partition,
        summary="get one partition",
        params=OPENAPI_PARTITION_PARAM,
        query=OPENAPI_PARTITIONS_QUERY,
        response=OPENAPI_PARTITION_RESP,
        failed=Told("Unable to query partitions", "_partition_get"),
        bad_params=Told("Rejecting request. Failure parsing parameters", "op_handler_partition"),
        bad_query=Told("Rejecting request. Failure parsing query", "_partition_get"),
    ),
)

PATHS = (PARTITIONS, PARTITION)

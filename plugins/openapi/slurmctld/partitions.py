"""Partitions: all of them or one by name; made, changed and deleted."""

from __future__ import annotations

from typing import Final

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import BadQuery, ErrorCode, NotFound, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.partitions import (
    OPENAPI_PARTITION_PARAM,
    OPENAPI_PARTITION_RESP,
    OPENAPI_PARTITIONS_MOD_REQ,
    OPENAPI_PARTITIONS_QUERY,
    PARTITION_INFO,
)
from ...data_parser.versions import V45

__all__ = ["CONSTANTS", "PARTITION", "PARTITIONS", "PATHS"]

CONSTANTS = ("SHOW_ALL",)

_BAD_NAME = Told("Rejecting request. Failure parsing parameters", "op_handler_partition")
_CONFIGURATION: Final = "default"
"""Slurm: whoever writes a partition of this name changes what new ones begin with."""

_NOT_WRITTEN: Final = {
    "cluster_name": "cluster",
    "cr_type": "select_type",
    "resume_timeout": "timeouts/resume",
    "suspend_time": "suspend_time",
    "suspend_timeout": "timeouts/suspend",
    "total_cpus": "cpus/total",
    "total_nodes": "nodes/total",
    "tres_fmt_str": "tres/configured",
}
"""Members that the controller reports and takes no values for, with their keys."""


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


def write_partitions(ctx: Context) -> Reply:
    """Make each of the body's partitions, or change the one that has its name. One that is refused
    does not stop the others."""
    descriptions = ctx.body.partitions
    if descriptions is None:
        raise BadQuery("A partition description must be provided.", "_partitions_mod")
    known = ctx.slurmctld.load_partitions(0, ctx.constant("SHOW_ALL"))
    for index, description in enumerate(descriptions):
        name = description.name
        if not name:
            text = f"The partition description at index {index} must specify a name. Skipping"
            source = "_foreach_create_update_partition"
            ctx.error(SlurmError(ErrorCode.INVALID_PARTITION_NAME, text, source))
            continue
        _warn_of_ignored(ctx, index, description)
        record = ctx.record(PARTITION_INFO, _with_node_sets(description))
        exists = name.lower() == _CONFIGURATION or known.named(name) is not None
        do = "update" if exists else "create"
        try:
            if exists:
                ctx.slurmctld.update_partition(record)
            else:
                ctx.slurmctld.create_partition(record)
        except SlurmError as error:
            error.tell(
                f"Failed to {do} partition {name} with description at index {index}",
                f"slurm_{do}_partition",
            )
            ctx.error(error)
            if error.errno == ErrorCode.CONTROLLER_CONNECT:
                break
    return Reply()


def _warn_of_ignored(ctx: Context, index: int, description: Parsed) -> None:
    ignored = [key for source, key in _NOT_WRITTEN.items() if description.get(source)]
    if ignored:
        ctx.warn(
            f"The partition description at index {index} contains the following ignored fields: "
            + ", ".join(ignored),
            "_warn_on_ignore_values",
        )


def _with_node_sets(description: Parsed) -> Parsed:
    """The call takes node sets among the nodes; ALL is how the controller reports Nodes=ALL."""
    sets = description.nodesets
    if not sets or sets == "ALL":
        return description
    nodes = f"{description.nodes},{sets}" if description.nodes else sets
    return Parsed({**description, "nodes": nodes})


def delete_partition(ctx: Context) -> Reply:
    """Delete one partition, by name."""
    ctx.slurmctld.delete_partition(ctx.params.partition_name)
    return Reply()


PARTITIONS = Path(
    url="/slurm/{data_parser}/partitions/",
    get=Operation(
        handler=dump_partitions,
        summary="get all partitions",
        revalidates=True,
        description="Hidden partitions are left out unless the flag ALL is given.",
        query=OPENAPI_PARTITIONS_QUERY,
        response=OPENAPI_PARTITION_RESP,
        failed=Told("Unable to query partitions", "_partitions_get"),
        bad_query=Told("Rejecting request. Failure parsing query", "_partitions_get"),
    ),
    post=Operation(
        handler=write_partitions,
        summary="create or update partitions",
        description="A partition is created where there is none of the name, else updated.",
        body=OPENAPI_PARTITIONS_MOD_REQ,
        response=OPENAPI_RESP,
        failed=Told("Unable to query partitions", "slurm_load_partitions()"),
        bad_body=Told("Rejecting request. Failure parsing query", "_partitions_mod"),
    ),
)

PARTITION = Path(
    url="/slurm/{data_parser}/partition/{partition_name}",
    get=Operation(
        handler=dump_partition,
        summary="get one partition",
        revalidates=True,
        params=OPENAPI_PARTITION_PARAM,
        query=OPENAPI_PARTITIONS_QUERY,
        response=OPENAPI_PARTITION_RESP,
        failed=Told("Unable to query partitions", "_partition_get"),
        bad_params=_BAD_NAME,
        bad_query=Told("Rejecting request. Failure parsing query", "_partition_get"),
    ),
    delete=Operation(
        handler=delete_partition,
        summary="delete a partition",
        params=OPENAPI_PARTITION_PARAM,
        response=OPENAPI_RESP,
        since=V45,
        failed=Told("Unable to delete partition", "slurm_delete_partition()"),
        bad_params=_BAD_NAME,
    ),
)

PATHS = (PARTITIONS, PARTITION)

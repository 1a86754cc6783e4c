"""Nodes: all of them or one by name; changed, and dynamic ones deleted."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, NotFound, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.codecs.hostlists import count_hosts
from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.nodes import (
    OPENAPI_NODE_PARAM,
    OPENAPI_NODES_QUERY,
    OPENAPI_NODES_RESP,
    UPDATE_NODE_MSG,
)

__all__ = ["CONSTANTS", "NODE", "NODES", "PATHS"]

CONSTANTS = ("SHOW_ALL", "SHOW_DETAIL", "SHOW_MIXED")
_BAD_PARAMS = Told("Rejecting request. Failure parsing parameters", "op_handler_node")
_BAD_QUERY = Told("Rejecting request. Failure parsing query.", "_dump_nodes")


def _show_flags(ctx: Context) -> int:
    """What the query asks to see; all of it if it does not say."""
    if ctx.query.show_flags:
        return int(ctx.query.show_flags)
    return sum(map(ctx.constant, CONSTANTS))


def dump_nodes(ctx: Context) -> Reply:
    """All nodes, each with the partitions it is in."""
    flags = _show_flags(ctx)
    try:
        message = ctx.slurmctld.load_nodes(ctx.query.update_time or 0, flags)
    except SlurmError as error:
        if error.errno != ErrorCode.NO_CHANGE or not ctx.revalidates:
            raise
        # Partitions are told of too; this raises the same where they have not changed either.
        ctx.slurmctld.load_partitions(ctx.query.update_time, flags)
        message = ctx.slurmctld.load_nodes(0, flags)
    if ctx.keeps and ctx.slurmctld.measures_energy(message):
        ctx.holds = 0
    return Reply(nodes=message.records, last_update=message.last_update)


def dump_node(ctx: Context) -> Reply:
    """One node, by its exact name. The query's ``update_time`` is read and not used."""
    message = ctx.slurmctld.load_node(ctx.params.node_name, _show_flags(ctx))
    if not message.records:
        raise NotFound(ErrorCode.INVALID_NODE_NAME)
    return Reply(nodes=message.records, last_update=message.last_update)


def update_node(ctx: Context) -> Reply:
    """Change the node that the path names."""
    description: Parsed = ctx.body or Parsed()
    if description.node_names is not None:
        ctx.warn(
            f"node_names field {description.node_names} ignored for singular node update",
            "_update_node",
        )
    _update(ctx, {**description, "node_names": ctx.params.node_name})
    return Reply()


def update_nodes(ctx: Context) -> Reply:
    """Change the nodes that the body names, all in the same way."""
    description: Parsed = ctx.body or Parsed()
    try:
        _update(ctx, description)
    except SlurmError as error:
        names = "(null)" if description.node_names is None else description.node_names
        error.tell(f"Failure to update node {names}", "_update_nodes")
        raise
    return Reply()


def _update(ctx: Context, description: dict[str, Any]) -> None:
    several = count_hosts(description.get("node_names") or "") != 1
    ctx.slurmctld.update_nodes(ctx.record(UPDATE_NODE_MSG, description), several)


def delete_node(ctx: Context) -> Reply:
    """Delete a dynamic node, by name."""
    ctx.slurmctld.delete_nodes(ctx.params.node_name)
    return Reply()


NODES = Path(
    url="/slurm/{data_parser}/nodes/",
    get=Operation(
        handler=dump_nodes,
        summary="get all nodes",
        revalidates=True,
        query=OPENAPI_NODES_QUERY,
        response=OPENAPI_NODES_RESP,
        failed=Told("Failure to query nodes", "_dump_nodes"),
        bad_query=_BAD_QUERY,
    ),
    post=Operation(
        handler=update_nodes,
        summary="change nodes",
        description="What the body does not mention stays as it is.",
        body=UPDATE_NODE_MSG,
        response=OPENAPI_RESP,
    ),
)

NODE = Path(
    url="/slurm/{data_parser}/node/{node_name}",
    get=Operation(
        handler=dump_node,
        summary="get one node",
        params=OPENAPI_NODE_PARAM,
        query=OPENAPI_NODES_QUERY,
        response=OPENAPI_NODES_RESP,
        failed=Told("Failure to query node {node_name}", "_dump_nodes"),
        bad_params=_BAD_PARAMS,
        bad_query=_BAD_QUERY,
    ),
    post=Operation(
        handler=update_node,
        summary="change a node",
        description="What the body does not mention stays as it is.",
        params=OPENAPI_NODE_PARAM,
        body=UPDATE_NODE_MSG,
        response=OPENAPI_RESP,
        failed=Told("Failure to update node {node_name}", "_update_node"),
        bad_params=_BAD_PARAMS,
    ),
    delete=Operation(
        handler=delete_node,
        summary="delete a dynamic node",
        params=OPENAPI_NODE_PARAM,
        response=OPENAPI_RESP,
        failed=Told("Failure to delete node {node_name}", "op_handler_node"),
        bad_params=_BAD_PARAMS,
    ),
)

PATHS = (NODES, NODE)

"""Nodes: all of them, or one by name."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, NotFound
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.nodes import (
    OPENAPI_NODE_PARAM,
    OPENAPI_NODES_QUERY,
    OPENAPI_NODES_RESP,
)

__all__ = ["CONSTANTS", "NODE", "NODES", "PATHS"]

CONSTANTS = ("SHOW_ALL", "SHOW_DETAIL", "SHOW_MIXED")
_BAD_QUERY = Told("Rejecting request. Failure parsing query.", "_dump_nodes")


def _show_flags(ctx: Context) -> int:
    """What the query asks to see; all of it if it does not say."""
    if ctx.query.show_flags:
        return int(ctx.query.show_flags)
    return sum(map(ctx.constant, CONSTANTS))


def dump_nodes(ctx: Context) -> Reply:
    """All nodes, each with the partitions it is in."""
    message = ctx.slurmctld.load_nodes(ctx.query.update_time or 0, _show_flags(ctx))
    return Reply(nodes=message.records, last_update=message.last_update)


def dump_node(ctx: Context) -> Reply:
    """One node, by its exact name. The query's ``update_time`` is read and not used."""
    message = ctx.slurmctld.load_node(ctx.params.node_name, _show_flags(ctx))
    if not message.records:
        raise NotFound(ErrorCode.INVALID_NODE_NAME)
    return Reply(nodes=message.records, last_update=message.last_update)


NODES = Path(
    url="/slurm/{data_parser}/nodes/",
    get=Operation(
        handler=dump_nodes,
        summary="get all nodes",
        query=OPENAPI_NODES_QUERY,
        response=OPENAPI_NODES_RESP,
        failed=Told("Failure to query nodes", "_dump_nodes"),
        bad_query=_BAD_QUERY,
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
        bad_params=Told("Rejecting request. Failure parsing parameters", "op_handler_node"),
        bad_query=_BAD_QUERY,
    ),
)

PATHS = (NODES, NODE)

"""Dynamic nodes, which no slurm.conf names: made. :mod:`.nodes` has the rest of their life."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.nodes import OPENAPI_CREATE_NODE_REQ

__all__ = ["NEW_NODE", "PATHS"]


def create_node(ctx: Context) -> Reply:
    """Make the dynamic nodes that a line of slurm.conf describes."""
    line = ctx.body.node_conf
    if line is None:
        # Slurm: slurmctld ends when there is no text.
        raise Rejected(
            ErrorCode.PATH_NOT_FOUND,
            "Missing required field 'node_conf' in dictionary",
            "#/node_conf/",
        )
    try:
        ctx.slurmctld.create_nodes(line)
    except SlurmError as error:
        if error.errno == ErrorCode.ERROR:
            # No reason was given: the line could not be read.
            error.errno = ErrorCode.BAD_INPUT
        raise
    return Reply()


NEW_NODE = Path(
    url="/slurm/{data_parser}/new/node/",
    post=Operation(
        handler=create_node,
        summary="create dynamic nodes",
        body=OPENAPI_CREATE_NODE_REQ,
        response=OPENAPI_RESP,
        failed=Told("Failure to create node", "_create_node"),
    ),
)

PATHS = (NEW_NODE,)

"""slurmdbd.conf, as slurmdbd has read it."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.slurmdbd_conf import OPENAPI_SLURMDBD_CONF_RESP

__all__ = ["CONF", "PATHS"]


def dump_conf(ctx: Context) -> Reply:
    """The whole configuration."""
    return Reply(slurmdbd_conf=ctx.slurmdbd.load_configuration())


CONF = Path(
    url="/slurmdb/{data_parser}/conf",
    get=Operation(
        handler=dump_conf,
        summary="get slurmdbd.conf",
        description="What is secret in it is left out.",
        response=OPENAPI_SLURMDBD_CONF_RESP,
        failed=Told("slurmdb_config_get() failed", "_dump_conf"),
    ),
)

PATHS = (CONF,)

"""slurm.conf, as the controller has read it."""

from __future__ import annotations

import time

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import ErrorCode, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.slurm_conf import OPENAPI_CONF_QUERY, OPENAPI_CONF_RESP

__all__ = ["CONF", "PATHS"]


def dump_conf(ctx: Context) -> Reply:
    """The whole configuration; unchanged since ``update_time``, a warning instead of it."""
    update_time = ctx.query.update_time or 0
    try:
        conf = ctx.slurmctld.load_conf(update_time)
    except SlurmError as error:
        if error.errno != ErrorCode.NO_CHANGE:
            raise
    else:
        return Reply(slurm_conf=conf, slurm_conf_meta=conf)
    since = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(update_time))
    ctx.warn(f"No config changes since update_time[{update_time}]={since}", "_dump_config")
    return Reply()


CONF = Path(
    url="/slurm/{data_parser}/conf",
    get=Operation(
        handler=dump_conf,
        summary="get slurm.conf",
        description="What is secret in it is left out. Unchanged, it is told by a warning alone.",
        query=OPENAPI_CONF_QUERY,
        response=OPENAPI_CONF_RESP,
        failed=Told("slurm_load_ctl_conf() failed", "_dump_config"),
        bad_query=Told("Rejecting request. Failure parsing query.", "_dump_config"),
    ),
)

PATHS = (CONF,)

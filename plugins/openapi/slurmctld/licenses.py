"""Licenses: how many there are, in use and free."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.licenses import OPENAPI_LICENSES_RESP

__all__ = ["LICENSES", "PATHS"]


def dump_licenses(ctx: Context) -> Reply:
    """All licenses of slurm.conf and of license servers."""
    message = ctx.slurmctld.load_licenses()
    return Reply(licenses=message.records, last_update=message.last_update)


LICENSES = Path(
    url="/slurm/{data_parser}/licenses/",
    get=Operation(
        handler=dump_licenses,
        summary="get all licenses",
        response=OPENAPI_LICENSES_RESP,
        failed=Told("slurm_load_licenses() was unable to load licenses", "op_handler_licenses"),
    ),
)

PATHS = (LICENSES,)

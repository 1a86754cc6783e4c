"""Resources of a running job, as the controller laid them out on its nodes."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.jobs import OPENAPI_JOB_INFO_PARAM
from ...data_parser.tables.resource_layouts import OPENAPI_RESOURCE_LAYOUT_RESP
from . import job_ids
from .job_ids import bad_params, selected_job

__all__ = ["CONSTANTS", "PATHS", "RESOURCES"]

CONSTANTS = job_ids.CONSTANTS
_SOURCE = "op_handler_resources"


def dump_resources(ctx: Context) -> Reply:
    """What a job, an array task or a component has on each node; a step is its whole job."""
    selected = selected_job(ctx, _SOURCE)
    job_id = selected.job_id + (selected.component or 0)
    return Reply(nodes=ctx.slurmctld.load_resource_layout(job_id, selected.task))


RESOURCES = Path(
    url="/slurm/{data_parser}/resources/{job_id}",
    get=Operation(
        handler=dump_resources,
        summary="get the resources of a running job",
        params=OPENAPI_JOB_INFO_PARAM,
        response=OPENAPI_RESOURCE_LAYOUT_RESP,
        failed=Told("Unable to query JobId={job_id.text}", "_handle_get"),
        bad_params=bad_params(_SOURCE),
    ),
)

PATHS = (RESOURCES,)

"""The content plugin ``openapi/slurmctld``: what the controller knows and does."""

from pyslurmrestd.openapi.path import ContentPlugin

from . import control, jobs, nodes, partitions, reservations, submit

__all__ = ["PLUGIN"]

PLUGIN = ContentPlugin(
    name="openapi/slurmctld",
    title="Slurm OpenAPI slurmctld",
    tag="slurm",
    tag_description="Jobs, nodes, partitions and reservations, as the controller knows them",
    paths=(
        control.PING,
        submit.SUBMIT,
        jobs.JOBS,
        jobs.JOBS_STATE,
        jobs.JOB,
        nodes.NODES,
        nodes.NODE,
        partitions.PARTITIONS,
        partitions.PARTITION,
        reservations.RESERVATIONS,
        reservations.RESERVATION,
    ),
    constants=tuple(
        sorted({*jobs.CONSTANTS, *nodes.CONSTANTS, *partitions.CONSTANTS, *submit.CONSTANTS})
    ),
)
"""The entry point ``slurmctld``."""

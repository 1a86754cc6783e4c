"""The content plugin ``openapi/slurmctld``: what the controller knows and does."""

from pyslurmrestd.openapi.path import ContentPlugin, Domain

__all__ = ["PLUGIN"]

PLUGIN = ContentPlugin(
    name="openapi/slurmctld",
    title="Slurm OpenAPI slurmctld",
    tag="slurm",
    tag_description="Jobs, nodes, partitions, licenses and the rest that the controller knows",
    paths=(
        Domain(f"{__name__}.shares", "slurm", "shares"),
        Domain(f"{__name__}.control", "slurm", "reconfigure", "diag", "ping"),
        Domain(f"{__name__}.licenses", "slurm", "licenses"),
        Domain(f"{__name__}.submit", "slurm", "job"),
        Domain(f"{__name__}.allocate", "slurm", "job"),
        Domain(f"{__name__}.jobs", "slurm", "job", "jobs"),
        Domain(f"{__name__}.requeue", "slurm", "job", "jobs"),
        Domain(f"{__name__}.nodes", "slurm", "node", "nodes"),
        Domain(f"{__name__}.partitions", "slurm", "partition", "partitions"),
        Domain(f"{__name__}.reservations", "slurm", "reservation", "reservations"),
        Domain(f"{__name__}.dynamic_nodes", "slurm", "new"),
        Domain(f"{__name__}.resources", "slurm", "resources"),
        Domain(f"{__name__}.conf", "slurm", "conf"),
    ),
)
"""The entry point ``slurmctld``."""

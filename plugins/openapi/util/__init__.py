"""The content plugin ``openapi/util``: conversions that ask nobody."""

from pyslurmrestd.openapi.path import ContentPlugin, Domain

__all__ = ["PLUGIN"]

PLUGIN = ContentPlugin(
    name="openapi/util",
    title="Slurm OpenAPI util",
    tag="util",
    tag_description="Conversions of Slurm's notations",
    paths=(Domain(f"{__name__}.hostlists", "util", "hostnames", "hostlist"),),
)
"""The entry point ``util``."""

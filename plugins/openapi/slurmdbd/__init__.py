"""The content plugin ``openapi/slurmdbd``: what the accounting daemon knows and does."""

from pyslurmrestd.openapi.path import ContentPlugin, Domain

__all__ = ["PLUGIN"]

PLUGIN = ContentPlugin(
    name="openapi/slurmdbd",
    title="Slurm OpenAPI slurmdbd",
    tag="slurmdb",
    tag_description="What the accounting daemon keeps: jobs, accounts, users, associations, QOS",
    paths=(
        Domain(f"{__name__}.job", "slurmdb", "job"),
        Domain(f"{__name__}.config", "slurmdb", "config"),
        Domain(f"{__name__}.conf", "slurmdb", "conf"),
        Domain(f"{__name__}.tres", "slurmdb", "tres"),
        Domain(f"{__name__}.qos", "slurmdb", "qos"),
        Domain(f"{__name__}.associations", "slurmdb", "association", "associations"),
        Domain(f"{__name__}.instances", "slurmdb", "instance", "instances"),
        Domain(f"{__name__}.users", "slurmdb", "user", "users", "users_association"),
        Domain(f"{__name__}.clusters", "slurmdb", "cluster", "clusters"),
        Domain(f"{__name__}.wckeys", "slurmdb", "wckey", "wckeys"),
        Domain(f"{__name__}.accounts", "slurmdb", "account", "accounts", "accounts_association"),
        Domain(f"{__name__}.jobs", "slurmdb", "jobs"),
        Domain(f"{__name__}.control", "slurmdb", "diag", "ping"),
    ),
    needs_accounting=True,
)
"""The entry point ``slurmdbd``."""

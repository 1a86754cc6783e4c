"""The content plugin ``openapi/slurmdbd``: what the accounting daemon knows and does."""

from pyslurmrestd.openapi.path import ContentPlugin

from . import accounts, associations, users

__all__ = ["PLUGIN"]

PLUGIN = ContentPlugin(
    name="openapi/slurmdbd",
    title="Slurm OpenAPI slurmdbd",
    tag="slurmdb",
    tag_description="Accounts, users and associations, as the accounting daemon keeps them",
    paths=(
        associations.ASSOCIATIONS,
        associations.ASSOCIATION,
        users.USER_PATH,
        users.USERS_ASSOCIATION,
        users.USERS,
        accounts.ACCOUNT_PATH,
        accounts.ACCOUNTS_ASSOCIATION,
        accounts.ACCOUNTS,
    ),
    needs_accounting=True,
    constants=tuple(sorted({*accounts.CONSTANTS, *associations.CONSTANTS, *users.CONSTANTS})),
)
"""The entry point ``slurmdbd``."""

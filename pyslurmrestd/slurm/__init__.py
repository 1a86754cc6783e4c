"""libslurm: its calls, its records, and the identity under which calls are made."""

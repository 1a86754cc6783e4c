"""Processes that talk to Slurm: their pool, their lanes, their life."""

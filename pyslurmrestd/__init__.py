"""Slurm's REST daemon in Python: a drop-in for slurmrestd."""

"""The accounting daemon's calls, made as one caller: those of its tables and those of an own shape.

libslurm has to be loaded before this is imported.
"""

from __future__ import annotations

from . import accounted_jobs, accounting_daemon
from .slurmdbd import Slurmdbd

__all__ = ["Accounting"]


class Accounting(Slurmdbd):
    """The accounting daemon's calls for one caller."""

    load_jobs = accounted_jobs.load_jobs
    ping = accounting_daemon.ping
    load_statistics = accounting_daemon.load_statistics
    load_configuration = accounting_daemon.load_configuration

"""The controller's calls, made as one caller: an index of what each domain's module has.

Each call returns a message that owns what libslurm allocated, or raises SlurmError with Slurm's
number. libslurm has to be loaded before this is imported.
"""

from __future__ import annotations

from . import (
    allocation,
    configuration,
    controllers,
    jobs,
    licenses,
    nodes,
    reservations,
    shares,
    submission,
)
from .calls import Calls, error_text, settings

__all__ = ["Slurmctld", "error_text", "settings"]


class Slurmctld(Calls):
    """The controller's calls for one caller."""

    ping = controllers.ping
    vouch = controllers.vouch
    last_backfill = controllers.last_backfill
    load_statistics = controllers.load_statistics
    reconfigure = controllers.reconfigure

    load_conf = configuration.load_conf
    load_licenses = licenses.load_licenses
    load_shares = shares.load_shares

    load_jobs = jobs.load_jobs
    next_expected_start = jobs.next_expected_start
    load_job = jobs.load_job
    load_job_states = jobs.load_job_states
    submit = submission.submit
    submit_het = submission.submit_het
    update_job = submission.update_job
    kill_job = submission.kill_job
    kill_jobs = submission.kill_jobs
    requeue_job = submission.requeue_job
    load_resource_layout = jobs.load_resource_layout
    allocate = allocation.allocate
    allocate_het = allocation.allocate_het
    load_allocation = allocation.load_allocation
    load_het_allocation = allocation.load_het_allocation

    load_nodes = nodes.load_nodes
    load_node = nodes.load_node
    measures_energy = nodes.measures_energy
    create_nodes = nodes.create_nodes
    update_nodes = nodes.update_nodes
    delete_nodes = nodes.delete_nodes
    load_partitions = nodes.load_partitions
    create_partition = nodes.create_partition
    update_partition = nodes.update_partition
    delete_partition = nodes.delete_partition

    load_reservations = reservations.load_reservations
    create_reservation = reservations.create_reservation
    update_reservation = reservations.update_reservation
    delete_reservation = reservations.delete_reservation

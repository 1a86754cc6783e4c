"""Clusters: all of them or one, added, registered and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode, Rejected, SlurmError
from pyslurmrestd.openapi.path import Operation, Path, Told

from ...data_parser.tables.clusters import (
    CLUSTER_CONDITION,
    CLUSTER_REC,
    OPENAPI_CLUSTER_PARAM,
    OPENAPI_CLUSTERS_REMOVED_RESP,
    OPENAPI_CLUSTERS_RESP,
)
from ...data_parser.tables.envelope import OPENAPI_RESP
from ...data_parser.tables.reservations import OPENAPI_RESERVATION_QUERY
from .changes import Kept

__all__ = ["CLUSTERS", "CLUSTER_PATH", "CONSTANTS", "KEPT", "PATHS", "store_clusters"]

CONSTANTS = ("CLUSTER_FLAG_DELETED", "CLUSTER_FLAG_EXT")

_DUMP = "_dump_clusters"
_UPDATE = "update_clusters"
_DELETE = "_delete_cluster"

KEPT = Kept(
    kind="clusters",
    record=CLUSTER_REC,
    condition=CLUSTER_CONDITION,
    source=_UPDATE,
    denies=True,
    unstored={"DELETED": "CLUSTER_FLAG_DELETED"},
)

_REGISTERED = ("control_host", "control_port", "rpc_version")
"""What a controller tells when it registers. slurmdbd stores all of it, or nothing."""

_REPORTED = ("nodes", "tres_str")
"""What only the controller itself can tell."""


def dump_clusters(ctx: Context) -> Reply:
    """All clusters that the query asks for."""
    return Reply(clusters=KEPT.found(ctx, ctx.query, _DUMP))


def dump_cluster(ctx: Context) -> Reply:
    """One cluster, by name."""
    return Reply(clusters=KEPT.found(ctx, _named(ctx), _DUMP))


def _named(ctx: Context) -> dict[str, Any]:
    """The condition of a path: the cluster that it names, if the query does not rule it out."""
    return {**ctx.query, "cluster_list": [ctx.params.name or ""]}


def update_clusters(ctx: Context) -> Reply:
    """Add clusters, and register those whose controllers are told; all of them, or none."""
    if not ctx.body.clusters:
        raise SlurmError(ErrorCode.EMPTY_LIST, "slurmdb_clusters_add() failed", _UPDATE)
    with ctx.slurmdbd.transaction():
        store_clusters(
            ctx,
            [(f"#/clusters[{place}]/", cluster) for place, cluster in enumerate(ctx.body.clusters)],
        )
    return Reply()


def store_clusters(ctx: Context, given: Sequence[tuple[str, Parsed]]) -> None:
    """Add clusters that there are not yet; what a known one does not mention stays as it is.

    :param given: each with its place in the body.
    """
    for place, cluster in given:
        if not cluster.name:
            raise Rejected(ErrorCode.BAD_INPUT, "A cluster needs a name", f"{place}name/")
    if not given:
        return
    known = set(KEPT.values(ctx, KEPT.get(ctx, {}), "name"))
    new = {cluster.name: cluster for _, cluster in given if cluster.name not in known}
    if new:
        # All in one call: slurmdbd makes their tables first, which ends a transaction in MySQL.
        added = (_added(ctx, cluster) for cluster in new.values())
        KEPT.add(ctx, f"cluster {', '.join(new)}", *added)
    for place, cluster in given:
        _register(ctx, cluster, cluster.name in new, place)


def _added(ctx: Context, cluster: Parsed) -> dict[str, Any]:
    values: dict[str, Any] = {"name": cluster.name}
    if (cluster.flags or 0) & ctx.constant("CLUSTER_FLAG_EXT"):
        # It has no association at its top.
        values["flags"] = ctx.constant("CLUSTER_FLAG_EXT")
    return values


def _register(ctx: Context, cluster: Parsed, is_new: bool, place: str) -> None:
    """Store what the controller would tell of itself, where all of it is told.

    Nothing is written for a known cluster of which nothing is told, but slurmdbd is asked: it has
    to say whether the caller might.
    """
    given = {member: cluster.get(member) for member in _REGISTERED}
    values = {member: value for member, value in given.items() if value}
    if values and len(values) < len(_REGISTERED):
        raise Rejected(
            ErrorCode.BAD_INPUT,
            f"Cluster {cluster.name} needs controller/host, controller/port and rpc_version"
            " together, or none of them",
            place,
        )
    if values and "flags" in cluster:
        values["flags"] = KEPT.flags(ctx, cluster.flags)
    if any(cluster.get(member) for member in _REPORTED):
        ctx.warn(
            f"Cluster {cluster.name}: nodes and tres ignored. Its controller reports them.",
            _UPDATE,
        )
    if is_new and not values:
        return
    KEPT.modify(ctx, f"cluster {cluster.name}", {"cluster_list": [cluster.name]}, values)


def remove_cluster(ctx: Context) -> Reply:
    """Remove a cluster with its associations; not while it has jobs."""
    with ctx.slurmdbd.transaction():
        return Reply(deleted_clusters=KEPT.remove(ctx, _named(ctx)))


_UNABLE = Told("slurmdb_clusters_get failed", _DUMP)

CLUSTERS = Path(
    url="/slurmdb/{data_parser}/clusters/",
    get=Operation(
        handler=dump_clusters,
        summary="get clusters",
        # Slurm: documented is a query that this knows nothing of.
        query=OPENAPI_RESERVATION_QUERY,
        asks=CLUSTER_CONDITION,
        response=OPENAPI_CLUSTERS_RESP,
        failed=_UNABLE,
    ),
    post=Operation(
        handler=update_clusters,
        summary="add clusters",
        description="All are stored, or none. What is not mentioned stays as it is.",
        query=OPENAPI_RESERVATION_QUERY,
        body=OPENAPI_CLUSTERS_RESP,
        response=OPENAPI_RESP,
        failed=Told("slurmdb_clusters_add() failed", _UPDATE),
    ),
)

CLUSTER_PATH = Path(
    url="/slurmdb/{data_parser}/cluster/{cluster_name}",
    get=Operation(
        handler=dump_cluster,
        summary="get one cluster",
        params=OPENAPI_CLUSTER_PARAM,
        query=CLUSTER_CONDITION,
        response=OPENAPI_CLUSTERS_RESP,
        failed=_UNABLE,
    ),
    delete=Operation(
        handler=remove_cluster,
        summary="remove a cluster",
        params=OPENAPI_CLUSTER_PARAM,
        query=CLUSTER_CONDITION,
        response=OPENAPI_CLUSTERS_REMOVED_RESP,
        failed=Told("slurmdb_clusters_remove failed", _DELETE),
    ),
)

PATHS = (CLUSTER_PATH, CLUSTERS)

"""Clusters in the real database: what is stored, refused, left alone and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from laboratory import Answer, Lab

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V45

NAMES = "lab-a,lab-b,lab-c"
REGISTERED = {"controller": {"host": "127.0.0.1", "port": 1}, "rpc_version": 11520}


@pytest.fixture(autouse=True)
def forgotten(lab: Lab) -> Iterator[None]:
    """What a test stores goes with it."""
    yield
    lab.run(f"sacctmgr -i delete cluster {NAMES}", check=False)


def post(lab: Lab, *clusters: Any, user: str = "root", version: ApiVersion = V45) -> Answer:
    body = {"clusters": list(clusters)}
    return lab.ask("POST", f"/slurmdb/{version}/clusters/", user=user, body=body)


def one(lab: Lab, name: str, version: ApiVersion = V45) -> dict[str, Any]:
    told = lab.get(f"/slurmdb/{version}/cluster/{name}").json()
    (cluster,) = told["clusters"]
    return dict(cluster)


def stored(lab: Lab) -> list[str]:
    shown = "cluster,controlhost,controlport,rpc,share,classification,federation,qos"
    return lab.run(f"sacctmgr -nP show cluster format={shown}").splitlines()


def test_a_cluster_is_added_and_removed(lab: Lab, version: ApiVersion) -> None:
    before = stored(lab)
    assert post(lab, {"name": "lab-a"}, version=version).json()["errors"] == []
    told = one(lab, "lab-a", version)
    assert (told["name"], told["associations"]["root"]["account"]) == ("lab-a", "root")
    url = f"/slurmdb/{version}/cluster/lab-a"
    removed = lab.ask("DELETE", url, user="root")
    assert (removed.status, removed.json()["deleted_clusters"]) == (200, ["lab-a"])
    again = lab.ask("DELETE", url, user="root")
    assert (again.status, again.body) == (304, b"")
    assert stored(lab) == before


def test_what_a_controller_tells_of_itself_is_stored(lab: Lab, version: ApiVersion) -> None:
    cluster = {"name": "lab-a", **REGISTERED, "flags": ["MULTIPLE_SLURMD"]}
    assert post(lab, cluster, version=version).json()["errors"] == []
    told = one(lab, "lab-a", version)
    assert {key: told[key] for key in cluster} == cluster


def test_what_is_not_mentioned_stays_as_it_is(lab: Lab, version: ApiVersion) -> None:
    """The real daemons take flags and the federation away, and more."""
    post(lab, {"name": "lab-a", **REGISTERED, "flags": ["MULTIPLE_SLURMD"]})
    lab.run("sacctmgr -i modify cluster lab-a set fairshare=7 classification=capacity")
    before = stored(lab)
    assert post(lab, {"name": "lab-a"}, version=version).json()["errors"] == []
    assert stored(lab) == before
    assert one(lab, "lab-a")["flags"] == ["MULTIPLE_SLURMD"]


def test_what_is_read_may_be_written_again(lab: Lab, version: ApiVersion) -> None:
    before = stored(lab)
    told = lab.get(f"/slurmdb/{version}/clusters/").json()["clusters"]
    answer = post(lab, *told, version=version)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    assert answer.json()["warnings"][0] == {
        "description": "Cluster lab: nodes and tres ignored. Its controller reports them.",
        "source": "update_clusters",
    }
    assert stored(lab) == before


@pytest.mark.parametrize(
    ("clusters", "number", "source"),
    [
        ([{"name": "lab-b"}, {"name": ""}], 9216, "#/clusters[1]/name/"),
        ([{}], 9216, "#/clusters[0]/name/"),
        ([{"name": "lab-b"}, {"name": "lab-a", "rpc_version": 7}], 9216, "#/clusters[1]/"),
        ([{"name": "lab-b", "flags": ["BOGUS"]}], 9207, "#/clusters[0]/flags[0]/"),
        (
            [{"name": "lab-b", "controller": {"port": "x"}}],
            9202,
            "#/clusters[0]/controller/port/",
        ),
        ([{"name": "lab-b", "tres": [{"type": "nosuch"}]}], 2115, "#/clusters[0]/tres[0]/"),
        ([{"name": "lab-b", "associations": {"root": 7}}], 9209, None),
        (7, 9209, "#/clusters[0]/"),
    ],
)
def test_bad_input_is_told_by_its_place_and_nothing_is_stored(
    lab: Lab, version: ApiVersion, clusters: Any, number: int, source: str | None
) -> None:
    before = stored(lab)
    url = f"/slurmdb/{version}/clusters/"
    answer = lab.ask("POST", url, user="root", body={"clusters": clusters})
    error = answer.json()["errors"][0]
    assert (answer.status, error["error_number"]) == (422, number), error
    if source is not None:
        assert error["source"] == source
    assert stored(lab) == before


def test_a_cluster_that_cannot_be_added_takes_the_others_back(lab: Lab) -> None:
    before = stored(lab)
    answer = post(lab, {"name": "lab-b"}, {"name": "lab-" + "x" * 70})
    error = answer.json()["errors"][0]
    assert answer.status >= 400
    assert error["description"].startswith("slurmdb_clusters_add() failed for cluster lab-b, lab-x")
    assert stored(lab) == before


def test_what_no_administrator_asks_is_refused(lab: Lab, version: ApiVersion) -> None:
    before = stored(lab)
    for cluster in ({"name": "lab-a"}, {"name": "lab"}, {"name": "lab", **REGISTERED}):
        answer = post(lab, cluster, user="alice", version=version)
        assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 2002)
    answer = lab.ask("DELETE", f"/slurmdb/{version}/cluster/lab", user="alice")
    assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 2002)
    assert stored(lab) == before


def test_a_cluster_that_the_query_rules_out_is_left_alone(lab: Lab, version: ApiVersion) -> None:
    """The real daemons do not look at the query that their document has here."""
    post(lab, {"name": "lab-a"})
    url = f"/slurmdb/{version}/cluster/lab-a?classification=CAPABILITY"
    assert lab.get(url).json()["clusters"] == []
    assert lab.ask("DELETE", url, user="root").status == 304
    assert one(lab, "lab-a")["name"] == "lab-a"


@pytest.mark.parametrize("path", ["instances", "instance"])
@pytest.mark.parametrize("nodes", ["c[1-", "c[1-99999999]", "c[1-9999][1-9999]"])
def test_instances_of_nodes_without_end_are_refused(
    lab: Lab, version: ApiVersion, path: str, nodes: str
) -> None:
    url = f"/slurmdb/{version}/{path}/?instance_id=i-1&node_list={quote(nodes)}"
    answer = lab.get(url, user="root")
    assert answer.status == 422
    errors = [(error["error_number"], error["source"]) for error in answer.json()["errors"]]
    assert errors == [(9202, "#/node_list/")]

"""Nodes through the daemon: changed, drained and resumed, made and deleted, and refused.

What was changed is read back with the real daemon and with scontrol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from comparison import SERVED
from laboratory import Answer, Lab

each_version = pytest.mark.parametrize("version", SERVED)
each_making_version = pytest.mark.parametrize("version", ["v0.0.44", "v0.0.45"])

NAME = "lab-n1"
OTHER = "lab-n2"
NODES = f"{NAME},{OTHER}"
STATED = "NodeAddr=127.2.0.1 CPUs=4 RealMemory=100 Feature=old,new Weight=2 State=EXTERNAL"
NODE_TABLE = "/slurm/v0.0.45/nodes/?flags=FUTURE&flags=ALL&flags=DETAIL"
PASSING = ("boot_time", "cpu_load", "free_mem", "last_busy", "slurmd_start_time")


def number(value: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


@pytest.fixture(scope="module")
def made(lab: Lab) -> Iterator[None]:
    """Two dynamic nodes. Slurm tells its database of every node that is down whenever there is
    another node, so they are made once."""
    with lab.dynamic_nodes(f"NodeName={NODES} {STATED}"):
        yield


@pytest.fixture
def nodes(lab: Lab, made: None) -> dict[str, dict[str, Any]]:
    """The two as they were made, as the real daemon shows them, by name."""
    lab.run(
        f"scontrol update nodename={NODES} comment= extra= gres= features=old,new"
        " activefeatures=old,new weight=2 cpubind=off"
        f" nodeaddr=127.2.0.1,127.2.0.1 nodehostname={NODES}"
    )
    for state in ("down reason=reset", "resume"):
        lab.run(f"scontrol update nodename={NODES} state={state}")
    return both_shown(lab)


def update(
    lab: Lab, body: Any, *, version: str = "v0.0.45", name: str = NAME, **how: Any
) -> Answer:
    return lab.ask("POST", f"/slurm/{version}/node/{name}", body=body, **{"user": "root", **how})


def still(entry: dict[str, Any]) -> dict[str, Any]:
    """A node without what passes by itself: a node that was resumed has to answer first."""
    found = {key: value for key, value in entry.items() if key not in PASSING}
    return found | {"state": [word for word in entry["state"] if word != "NOT_RESPONDING"]}


def shown(lab: Lab, name: str = NAME) -> dict[str, Any]:
    """A node as the real daemon shows it."""
    told = lab.get(f"/slurm/v0.0.45/node/{name}", user="root", url=lab.reference["26.05"])
    (entry,) = told.repaired_json()["nodes"]
    return still(entry)


def both_shown(lab: Lab) -> dict[str, dict[str, Any]]:
    return {name: shown(lab, name) for name in (NAME, OTHER)}


def all_shown(lab: Lab) -> dict[str, dict[str, Any]]:
    """All nodes of the cluster."""
    return {entry["name"]: still(entry) for entry in lab.get(NODE_TABLE).json()["nodes"]}


def of_scontrol(lab: Lab, name: str = NAME) -> set[str]:
    """What scontrol prints of a node; times are left out of it."""
    text = lab.run(f"scontrol show node {name}")
    return set(re.sub(r"[@=]\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "@time", text).split())


def reason(text: str) -> dict[str, Any]:
    return {"reason": text, "reason_set_by_user": "root"}


@pytest.mark.parametrize(
    ("change", "effect", "printed"),
    [
        ({"comment": "spare"}, {"comment": "spare"}, {"Comment=spare"}),
        ({"cpu_bind": 4}, {"cpu_binding": 4}, {"CpuBind=cores"}),
        ({"extra": "rack=7"}, {"extra": "rack=7"}, {"Extra=rack=7"}),
        (
            {"features": ["old", "new", "a"]},
            {"features": ["old", "new", "a"], "active_features": ["old", "new", "a"]},
            {"AvailableFeatures=old,new,a", "ActiveFeatures=old,new,a"},
        ),
        (
            {"features": "", "features_act": ""},
            {"features": [], "active_features": []},
            {"AvailableFeatures=(null)", "ActiveFeatures="},
        ),
        ({"features_act": ["new"]}, {"active_features": ["new"]}, {"ActiveFeatures=new"}),
        ({"address": ["127.2.0.7"]}, {"address": "127.2.0.7"}, {"NodeAddr=127.2.0.7"}),
        ({"hostname": "elsewhere"}, {"hostname": "elsewhere"}, {"NodeHostName=elsewhere"}),
        ({"gres": "lab:1"}, {"gres": "lab:1"}, {"Gres=lab:1"}),
        ({"weight": number(9)}, {"weight": 9}, {"Weight=9"}),
        ({"weight": 9}, {"weight": 9}, {"Weight=9"}),
        (
            {"state": ["DRAIN"], "reason": "fan"},
            {"state": ["IDLE", "EXTERNAL", "DRAIN", "DYNAMIC_NORM"], **reason("fan")},
            {"State=IDLE+DRAIN+DYNAMIC_NORM+EXTERNAL", "Reason=fan", "[root@time]"},
        ),
        (
            {"state": "down", "reason": "fan"},
            {"state": ["DOWN", "EXTERNAL", "DYNAMIC_NORM"], **reason("fan")},
            {"State=DOWN+DYNAMIC_NORM+EXTERNAL", "Reason=fan", "[root@time]"},
        ),
        (
            {"state": ["FAIL"], "reason": "fan"},
            {"state": ["IDLE", "EXTERNAL", "FAIL", "DYNAMIC_NORM"], **reason("fan")},
            {"State=IDLE+DYNAMIC_NORM+EXTERNAL+FAIL", "Reason=fan", "[root@time]"},
        ),
        # The controller keeps a reason only of a node that is down, draining or failing.
        ({"reason": "why"}, {}, set()),
        ({"state": [], "features": [], "name": None, "comment": None, "weight": None}, {}, set()),
        ({"weight": {"set": False}, "address": None, "hostname": ""}, {}, set()),
        ({}, {}, set()),
    ],
    ids=str,
)
def test_an_update_changes_what_it_mentions_and_nothing_else(
    lab: Lab,
    nodes: dict[str, dict[str, Any]],
    change: dict[str, Any],
    effect: dict[str, Any],
    printed: set[str],
) -> None:
    before = of_scontrol(lab)
    answer = update(lab, change)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    found = both_shown(lab)
    expected = nodes[NAME] | effect
    if "reason" in effect:
        # It was set just now.
        expected["reason_changed_at"] = found[NAME]["reason_changed_at"]
    assert (found[NAME], found[OTHER]) == (expected, nodes[OTHER])
    assert of_scontrol(lab) - before == printed


@each_version
def test_every_version_writes_all_of_its_fields(
    lab: Lab, nodes: dict[str, dict[str, Any]], version: str
) -> None:
    body = {
        "comment": f"of {version}",
        "cpu_bind": 8,
        "extra": "e",
        "features": ["f", "g"],
        "features_act": ["g"],
        "address": ["127.2.0.8"],
        "hostname": ["h"],
        "state": ["DRAIN"],
        "reason": f"by {version}",
        "weight": number(3),
    }
    answer = update(lab, body, version=version)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    found = shown(lab)
    assert found == nodes[NAME] | {
        "comment": f"of {version}",
        "cpu_binding": 8,
        "extra": "e",
        "features": ["f", "g"],
        "active_features": ["g"],
        "address": "127.2.0.8",
        "hostname": "h",
        "state": ["IDLE", "EXTERNAL", "DRAIN", "DYNAMIC_NORM"],
        "reason": f"by {version}",
        "reason_set_by_user": "root",
        "reason_changed_at": found["reason_changed_at"],
        "weight": 3,
    }


@each_version
def test_a_real_node_is_drained_and_resumed(lab: Lab, version: str) -> None:
    def drains() -> bool:
        return "DRAIN" in shown(lab, "c4")["state"]

    drain = {"state": ["DRAIN"], "reason": "test"}
    before = drains()
    drained = update(lab, drain, version=version, name="c4").status, drains()
    resumed = update(lab, {"state": ["RESUME"]}, version=version, name="c4").status, drains()
    assert (before, drained, resumed) == (False, (200, True), (200, False))


def test_a_node_that_is_down_resumes_when_it_was_told_to(
    lab: Lab, nodes: dict[str, dict[str, Any]]
) -> None:
    down = {"state": ["DOWN"], "reason": "for an hour", "resume_after": number(3600)}
    assert update(lab, down).status == 200
    found = shown(lab)
    late = found["resume_after"]["number"] - found["reason_changed_at"]["number"]
    assert abs(late - 3600) <= 1


@each_version
def test_several_nodes_are_changed_at_once(
    lab: Lab, nodes: dict[str, dict[str, Any]], version: str
) -> None:
    url = f"/slurm/{version}/nodes/"
    body = {"name": "lab-n[1-2]", "comment": version, "address": ["127.2.0.3", "127.2.0.4"]}
    answer = lab.ask("POST", url, body=body, user="root")
    found = both_shown(lab)
    assert (answer.status, answer.json()["errors"]) == (200, [])
    assert (found[NAME], found[OTHER]) == (
        nodes[NAME] | {"comment": version, "address": "127.2.0.3"},
        nodes[OTHER] | {"comment": version, "address": "127.2.0.4"},
    )


def test_a_body_in_yaml_is_one_in_json(lab: Lab, nodes: dict[str, dict[str, Any]]) -> None:
    answer = update(
        lab,
        yaml.safe_dump({"comment": "of YAML", "weight": 5}),
        headers={"Content-Type": "application/yaml", "Accept": "application/yaml"},
    )
    assert (answer.status, yaml.safe_load(answer.body)["errors"]) == (200, [])
    assert shown(lab) == nodes[NAME] | {"comment": "of YAML", "weight": 5}


def test_a_name_in_the_body_of_one_node_is_a_warning(
    lab: Lab, nodes: dict[str, dict[str, Any]]
) -> None:
    answer = update(lab, {"name": [OTHER], "comment": "x"})
    found = both_shown(lab)
    assert (answer.status, answer.json()["warnings"]) == (
        200,
        [
            {
                "description": f"node_names field {OTHER} ignored for singular node update",
                "source": "_update_node",
            }
        ],
    )
    assert (found[NAME]["comment"], found[OTHER]) == ("x", nodes[OTHER])


@pytest.mark.parametrize(
    ("bad", "errno", "source"),
    [
        ({"comment": ["x"]}, 9202, "#/comment/"),
        ({"cpu_bind": "cores"}, 9202, "#/cpu_bind/"),
        ({"cpu_bind": 1 << 32}, 9202, "#/cpu_bind/"),
        ({"extra": {"a": 1}}, 9202, "#/extra/"),
        ({"features": [["a"]]}, 9202, "#/features/"),
        ({"features_act": [{}]}, 9202, "#/features_act/"),
        ({"gres": []}, 9202, "#/gres/"),
        ({"address": "c[2-"}, 9216, "#/address/"),
        ({"hostname": [{}]}, 9216, "#/hostname/"),
        ({"name": "c[1-99999999]"}, 9216, "#/name/"),
        ({"state": ["NOSUCH"]}, 9207, "#/state[0]/"),
        ({"state": ["DRAIN", "NOSUCH"]}, 9207, "#/state[1]/"),
        ({"state": {}}, 9206, "#/state/"),
        ({"reason": {}}, 9202, "#/reason/"),
        ({"resume_after": "soon"}, 9202, "#/resume_after/"),
        ({"topology_str": []}, 9202, "#/topology_str/"),
        ({"weight": {"set": True, "number": -5}}, 9202, "#/weight/number/"),
        ({"weight": True}, 9202, "#/weight/"),
        ([{}], 9209, "#/"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [f"node/{NAME}", "nodes"])
def test_bad_input_names_its_place_and_changes_nothing(
    lab: Lab, nodes: dict[str, dict[str, Any]], path: str, bad: Any, errno: int, source: str
) -> None:
    before = all_shown(lab)
    body = {"comment": "changed", "name": NAME, **bad} if isinstance(bad, dict) else bad
    answer = lab.ask("POST", f"/slurm/v0.0.45/{path}", body=body, user="root")
    told = [(error["error_number"], error["source"]) for error in answer.json()["errors"]]
    assert (answer.status, told, all_shown(lab)) == (422, [(errno, source)], before)


@pytest.mark.parametrize(
    ("path", "body", "errno", "text"),
    [
        ("node/nosuch", {"comment": "x"}, 2018, "Failure to update node nosuch"),
        (f"node/{NAME}", {"features_act": "nosuch"}, 2031, f"Failure to update node {NAME}"),
        (f"node/{NAME}", {"gres": "gpu:1"}, 2072, f"Failure to update node {NAME}"),
        (f"node/{NAME}", {"state": ["ALLOCATED"]}, 2180, f"Failure to update node {NAME}"),
        (f"node/{NAME}", {"topology_str": "nosuch"}, 2178, f"Failure to update node {NAME}"),
        (f"node/{NAME}", {"address": ["a", "b"]}, 2018, f"Failure to update node {NAME}"),
        (f"node/{NAME}", {"address": []}, 2018, f"Failure to update node {NAME}"),
        (
            "nodes",
            {"name": [NAME, "nosuch", OTHER], "comment": "x"},
            2018,
            f"Failure to update node {NAME},nosuch,{OTHER}",
        ),
        ("nodes", {"name": [], "comment": "x"}, 2018, "Failure to update node "),
        ("nodes", {"name": "", "comment": "x"}, 2018, "Failure to update node (null)"),
        ("nodes", {}, 2018, "Failure to update node (null)"),
        ("nodes", None, 2018, "Failure to update node (null)"),
    ],
    ids=str,
)
def test_what_the_controller_refuses_is_told_in_its_words(
    lab: Lab,
    nodes: dict[str, dict[str, Any]],
    path: str,
    body: dict[str, Any] | None,
    errno: int,
    text: str,
) -> None:
    before = all_shown(lab)
    answer = lab.ask("POST", f"/slurm/v0.0.45/{path}", body=body, user="root")
    told = [(error["error_number"], error["description"]) for error in answer.json()["errors"]]
    assert (answer.status, told, all_shown(lab)) == (422, [(errno, text)], before)


@each_version
def test_only_administrators_change_make_and_delete_nodes(
    lab: Lab, nodes: dict[str, dict[str, Any]], version: str
) -> None:
    before = all_shown(lab)
    drain = {"state": ["DRAIN"], "reason": "mine"}
    answers = [
        update(lab, drain, version=version, user="alice"),
        lab.ask("POST", f"/slurm/{version}/nodes/", body={**drain, "name": [NAME, "nosuch"]}),
        lab.ask("DELETE", f"/slurm/{version}/node/{NAME}"),
    ]
    texts = [
        (f"Failure to update node {NAME}", "_update_node"),
        (f"Failure to update node {NAME},nosuch", "_update_nodes"),
        (f"Failure to delete node {NAME}", "op_handler_node"),
    ]
    if version in ("v0.0.44", "v0.0.45"):
        body = {"node_conf": "NodeName=lab-n3 State=CLOUD"}
        answers.append(lab.ask("POST", f"/slurm/{version}/new/node/", body=body))
        texts.append(("Failure to create node", "_create_node"))
    assert [(answer.status, answer.json()["errors"]) for answer in answers] == [
        (
            422,
            [
                {
                    "description": text,
                    "error_number": 2010,
                    "error": "Invalid user id",
                    "source": source,
                }
            ],
        )
        for text, source in texts
    ]
    assert all_shown(lab) == before


@each_making_version
def test_a_node_is_made_shown_and_deleted(lab: Lab, version: str) -> None:
    lab.delete_nodes("lab-n3")
    line = "NodeName=lab-n3 NodeAddr=127.2.0.2 CPUs=2 RealMemory=64 Feature=f State=CLOUD"
    url = f"/slurm/{version}/new/node/"
    made = lab.ask("POST", url, body={"node_conf": line}, user="root")
    assert (made.status, made.json()["errors"]) == (200, [])
    found = shown(lab, "lab-n3")
    assert {
        "address": "127.2.0.2",
        "cpus": 2,
        "real_memory": 64,
        "features": ["f"],
        "state": ["IDLE", "CLOUD", "POWERED_DOWN", "DYNAMIC_NORM"],
    }.items() <= found.items()
    again = lab.ask("POST", url, body={"node_conf": line}, user="root")
    gone = lab.ask("DELETE", f"/slurm/{version}/node/lab-n3", user="root")
    assert [(a.status, [e["error_number"] for e in a.json()["errors"]]) for a in (again, gone)] == [
        (422, [2168]),
        (200, []),
    ]
    assert "lab-n3" not in all_shown(lab)


def test_every_version_deletes_dynamic_nodes(lab: Lab) -> None:
    names = [f"lab-old{version[-2:]}" for version in SERVED]
    with lab.dynamic_nodes(f"NodeName=lab-old[40-45] {STATED}"):
        answers = [
            lab.ask("DELETE", f"/slurm/{version}/node/{name}", user="root")
            for version, name in zip(SERVED, names, strict=True)
        ]
        left = all_shown(lab).keys() & set(names)
    assert [(answer.status, answer.json()["errors"]) for answer in answers] == [(200, [])] * 6
    assert left == set()


@each_version
@pytest.mark.parametrize(("name", "errno"), [("nosuch", 2018), ("c2", 2028), ("sim0001", 2028)])
def test_a_node_that_is_not_dynamic_is_not_deleted(
    lab: Lab, version: str, name: str, errno: int
) -> None:
    before = all_shown(lab)
    answer = lab.ask("DELETE", f"/slurm/{version}/node/{name}", user="root")
    told = [
        (error["error_number"], error["description"], error["source"])
        for error in answer.json()["errors"]
    ]
    assert (answer.status, told, all_shown(lab)) == (
        422,
        [(errno, f"Failure to delete node {name}", "op_handler_node")],
        before,
    )


@each_making_version
@pytest.mark.parametrize(
    ("body", "errno", "source"),
    [
        ({}, 9200, "#/node_conf/"),
        (None, 9200, "#/node_conf/"),
        ({"node_conf": None}, 9200, "#/node_conf/"),
        ({"node_conf": ["NodeName=lab-n3"]}, 9202, "#/node_conf/"),
        ([], 9209, "#/"),
        ({"node_conf": ""}, 9216, "_create_node"),
        ({"node_conf": "no line"}, 9216, "_create_node"),
        ({"node_conf": "NodeName=lab-n3 CPUs=few State=CLOUD"}, 9216, "_create_node"),
        ({"node_conf": "NodeName=lab-n3 State=UP"}, 2028, "_create_node"),
        ({"node_conf": "NodeName=c2 State=CLOUD"}, 2168, "_create_node"),
        ({"node_conf": "NodeName=lab-n[1-9999] State=CLOUD"}, 2168, "_create_node"),
        ({"node_conf": "NodeName=lab-m[1-9999] State=CLOUD"}, 2169, "_create_node"),
    ],
    ids=str,
)
def test_what_makes_no_node_is_refused(
    lab: Lab,
    nodes: dict[str, dict[str, Any]],
    version: str,
    body: Any,
    errno: int,
    source: str,
) -> None:
    before = all_shown(lab)
    answer = lab.ask("POST", f"/slurm/{version}/new/node/", body=body, user="root")
    told = [(error["error_number"], error["source"]) for error in answer.json()["errors"]]
    assert (answer.status, told, all_shown(lab)) == (422, [(errno, source)], before)


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.41", "v0.0.42", "v0.0.43"])
def test_versions_that_make_no_nodes_say_so(lab: Lab, version: str) -> None:
    body = {"node_conf": "NodeName=lab-n3 State=CLOUD"}
    assert lab.ask("POST", f"/slurm/{version}/new/node/", body=body, user="root").status == 404

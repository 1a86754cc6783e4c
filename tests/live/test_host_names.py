"""Hostlists and names through the daemon: who may ask, and how much."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from laboratory import Answer, Lab

each_version = pytest.mark.parametrize("version", ["v0.0.44", "v0.0.45"])

MOST_HOSTS = 1 << 16


def ask(lab: Lab, path: str, body: Any, *, version: str = "v0.0.45", **how: Any) -> Answer:
    return lab.ask("POST", f"/util/{version}/{path}", body=body, **how)


@each_version
def test_a_hostlist_and_its_names_are_turned_into_one_another(lab: Lab, version: str) -> None:
    hostlist = "c[2-4],sim[0007-0008],é"
    names = ["c2", "c3", "c4", "sim0007", "sim0008", "é"]
    expanded = ask(lab, "hostnames", {"hostlist": hostlist}, version=version).json()
    folded = ask(lab, "hostlist", {"hostnames": names}, version=version).json()
    assert (expanded["hostnames"], folded["hostlist"]) == (names, hostlist)
    assert expanded["meta"]["plugin"] == {
        "type": "openapi/util",
        "name": "Slurm OpenAPI util",
        "data_parser": f"data_parser/{version}",
        "accounting_storage": "accounting_storage/slurmdbd",
    }


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.41", "v0.0.42", "v0.0.43"])
@pytest.mark.parametrize("path", ["hostnames", "hostlist"])
def test_earlier_versions_have_neither(lab: Lab, version: str, path: str) -> None:
    assert ask(lab, path, {}, version=version).status == 404


@pytest.mark.parametrize("path", ["hostnames", "hostlist"])
def test_each_is_posted(lab: Lab, path: str) -> None:
    answer = lab.get(f"/util/v0.0.45/{path}")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_names_come_in_yaml_too(lab: Lab) -> None:
    answer = ask(lab, "hostnames", {"hostlist": "c[2-3]"}, headers={"Accept": "application/yaml"})
    assert yaml.safe_load(answer.body)["hostnames"] == ["c2", "c3"]


def test_nobody_is_asked(lab: Lab) -> None:
    lab.token("alice")
    with lab.stopped("slurmctld"):
        answer = ask(lab, "hostnames", {"hostlist": "c[2-3]"})
    assert (answer.status, answer.json()["hostnames"]) == (200, ["c2", "c3"])


def test_as_many_hosts_as_are_allowed_are_told(lab: Lab) -> None:
    told = ask(lab, "hostnames", {"hostlist": f"n[1-{MOST_HOSTS}]"}).json()["hostnames"]
    assert told == [f"n{number}" for number in range(1, MOST_HOSTS + 1)]
    assert ask(lab, "hostlist", {"hostnames": told}).json()["hostlist"] == f"n[1-{MOST_HOSTS}]"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("hostnames", {"hostlist": f"n[1-{MOST_HOSTS + 1}]"}),
        ("hostnames", {"hostlist": "n[1-999999999]"}),
        ("hostnames", {"hostlist": "n[1-300][1-300]"}),
        ("hostnames", {"hostlist": "n[1-9999][1-9999][1-9999][1-9999]"}),
        ("hostlist", {"hostnames": f"n[1-{MOST_HOSTS + 1}]"}),
        ("hostlist", {"hostnames": [f"n{number}" for number in range(MOST_HOSTS + 1)]}),
        ("hostlist", {"hostnames": ["n[1-60000]", "m[1-60000]"]}),
    ],
    ids=["one", "many", "two ranges", "four ranges", "text", "names", "ranges"],
)
def test_more_hosts_are_refused(lab: Lab, path: str, body: Any) -> None:
    answer = ask(lab, path, body)
    told = answer.json()
    key = next(iter(body))
    assert (answer.status, told["errors"][0]["error_number"]) == (422, 9216)
    assert told["errors"][0]["source"] == f"#/{key}/"
    assert [error["error_number"] for error in told["errors"]] == [9216, 9000]

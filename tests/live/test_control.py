"""Licenses, shares, statistics and reconfigure through the daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from comparison import SERVED, differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", SERVED)
each_version_of_26_05 = pytest.mark.parametrize(
    "version", [version for version, release in SERVED.items() if release == "26.05"]
)

CONF = Path("/etc/slurm/slurm.conf")


def licenses(lab: Lab) -> dict[str, Any]:
    answer = lab.get("/slurm/v0.0.45/licenses/")
    assert answer.status == 200
    return {entry["LicenseName"]: entry for entry in answer.json()["licenses"]}


def statistics(lab: Lab, version: str = "v0.0.45", **how: Any) -> Any:
    return lab.get(f"/slurm/{version}/diag/", **how).json()["statistics"]


def test_a_license_of_a_running_job_is_in_use(lab: Lab) -> None:
    lab.wait_for(lambda: licenses(lab)["matlab"]["Used"] == 0)
    before = licenses(lab)["matlab"]
    job = lab.submit("--output=/dev/null -p real -L matlab:2 --wrap 'sleep 600'")
    try:
        lab.wait_for(lambda: lab.job_state(job) == "RUNNING")
        assert licenses(lab)["matlab"] == before | {"Used": 2, "Free": before["Free"] - 2}
    finally:
        lab.cancel(job)
    lab.wait_for(lambda: licenses(lab)["matlab"]["Used"] == 0)


@each_version
@pytest.mark.parametrize("path", ["licenses/", "shares"])
def test_answers_in_yaml_are_those_in_json(lab: Lab, version: str, path: str) -> None:
    url = f"/slurm/{version}/{path}"
    told = yaml.safe_load(lab.get(url, headers={"Accept": "application/yaml"}).body)
    assert list(differences(told, lab.get(url).json())) == []


@each_version_of_26_05
@pytest.mark.parametrize("path", ["licenses/", "shares"])
def test_complex_answers_are_the_real_daemons(
    lab: Lab, real_complex: str, ours_complex: str, version: str, path: str
) -> None:
    url = f"/slurm/{version}/{path}"
    ours = lab.get(url, url=ours_complex).json()
    theirs = lab.get(url, url=real_complex).body.replace(b": Infinity", b': "Infinity"')
    assert list(differences(ours, json.loads(theirs))) == []


@each_version
def test_shares_are_told_of_every_association(lab: Lab, version: str) -> None:
    told = lab.get(f"/slurm/{version}/shares").json()["shares"]["shares"]
    expected = lab.run("sshare -a -n -P -o Account,User").split()
    assert sorted(
        f"{entry['parent']}|{entry['name']}" if entry["type"] == ["USER"] else f"{entry['name']}|"
        for entry in told
    ) == sorted(expected)


def test_a_filter_of_shares_is_said_to_be_without_effect(lab: Lab) -> None:
    everything = lab.get("/slurm/v0.0.45/shares").json()
    answer = lab.get("/slurm/v0.0.45/shares?users=bob").json()
    assert answer["shares"] == everything["shares"]
    assert answer["warnings"][0] == {
        "description": '"users" is without effect: all associations are told',
        "source": "_dump_shares",
    }


@each_version
def test_jobs_submitted_are_counted(lab: Lab, version: str) -> None:
    before = statistics(lab, version)["jobs_submitted"]
    lab.cancel(lab.submit("--hold --output=/dev/null --wrap true"))
    assert statistics(lab, version)["jobs_submitted"] == before + 1


@each_version
def test_means_of_messages_are_those_of_their_numbers(lab: Lab, version: str) -> None:
    told = statistics(lab, version)
    rpcs = told["rpcs_by_message_type"] + told["rpcs_by_user"]
    means = [rpc["total_time"] // rpc["count"] for rpc in rpcs]
    if version == "v0.0.40":
        assert [rpc["average_time"] for rpc in rpcs] == means
    else:
        assert [rpc["average_time"] for rpc in rpcs] == [
            {"set": rpc["total_time"] > 0, "infinite": False, "number": mean}
            for rpc, mean in zip(rpcs, means, strict=True)
        ]


def test_a_user_whom_nobody_knows_has_his_number_in_v0_0_40(lab: Lab) -> None:
    lab.run("setpriv --reuid 54321 --clear-groups squeue", check=False)
    by_number = {rpc["user_id"]: rpc["user"] for rpc in statistics(lab, "v0.0.40")["rpcs_by_user"]}
    by_name = {rpc["user_id"]: rpc["user"] for rpc in statistics(lab, "v0.0.41")["rpcs_by_user"]}
    assert (by_number[54321], by_number[0], by_name[54321]) == ("54321", "root", "")


@pytest.fixture
def other_licenses() -> Iterator[None]:
    """slurm.conf with one license more; nobody has read it yet."""
    text = CONF.read_text()
    CONF.write_text(text.replace("Licenses=matlab:10", "Licenses=extra:7,matlab:10"))
    try:
        yield
    finally:
        CONF.write_text(text)


@each_version
def test_root_reconfigures(lab: Lab, other_licenses: None, version: str) -> None:
    url = f"/slurm/{version}/reconfigure/"
    assert "extra" not in licenses(lab)
    try:
        answer = lab.get(url, user="root")
        told = answer.json()
        assert (answer.status, list(told)) == (200, ["errors", "warnings", "meta"])
        assert (told["errors"], told["warnings"]) == ([], [])
        assert lab.wait_for(lambda: licenses(lab).get("extra"))["Total"] == 7
    finally:
        CONF.write_text(CONF.read_text().replace("extra:7,", ""))
        lab.run("scontrol reconfigure")
    lab.wait_for(lambda: "extra" not in licenses(lab))


@each_version
def test_asking_for_the_head_alone_reconfigures_nothing(lab: Lab, version: str) -> None:
    answer = lab.ask("HEAD", f"/slurm/{version}/reconfigure/", user="root")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


@each_version
def test_nobody_else_reconfigures(lab: Lab, other_licenses: None, version: str) -> None:
    answer = lab.get(f"/slurm/{version}/reconfigure/")
    assert (answer.status, answer.json()["errors"]) == (
        422,
        [
            {
                "description": "slurm_reconfigure() failed",
                "error_number": 2010,
                "error": "Invalid user id",
                "source": "op_handler_reconfigure",
            }
        ],
    )
    assert "extra" not in licenses(lab)


UNREACHED = {
    "licenses/": ("slurm_load_licenses() was unable to load licenses", "op_handler_licenses"),
    "shares": ("slurm_associations_get_shares() failed: GET", "_dump_shares"),
    "diag/": ("slurm_get_statistics() failed to get slurmctld statistics", "op_handler_diag"),
    "reconfigure/": ("slurm_reconfigure() failed", "op_handler_reconfigure"),
    "conf": ("slurm_load_ctl_conf() failed", "_dump_config"),
}
"""What is told by the path of a request that does not reach the controller."""


def test_without_a_controller_each_says_so(lab: Lab) -> None:
    lab.token("root")
    with lab.stopped("slurmctld"):
        answers = {path: lab.get(f"/slurm/v0.0.45/{path}", user="root") for path in UNREACHED}
    assert {path: (told.status, told.json()["errors"]) for path, told in answers.items()} == {
        path: (
            502,
            [
                {
                    "description": description,
                    "error_number": 1800,
                    "error": "Unable to contact slurm controller (connect failure)",
                    "source": source,
                }
            ],
        )
        for path, (description, source) in UNREACHED.items()
    }


def conf(lab: Lab, **how: Any) -> Any:
    return lab.get("/slurm/v0.0.45/conf", **how).json()


def test_complex_and_yaml_configurations_are_the_real_daemons(
    lab: Lab, real_complex: str, ours_complex: str
) -> None:
    url = "/slurm/v0.0.45/conf"
    ours = lab.get(url, url=ours_complex).json()
    assert list(differences(ours, lab.get(url, url=real_complex).json())) == []
    told = yaml.safe_load(lab.get(url, headers={"Accept": "application/yaml"}).body)
    assert told["slurm_conf"] == conf(lab)["slurm_conf"]


def test_the_configuration_is_what_scontrol_shows(lab: Lab) -> None:
    shown = {
        key.strip(): value.strip()
        for key, equals, value in (
            line.partition("=") for line in lab.run("scontrol show config").splitlines()
        )
        if equals
    }
    told = conf(lab)["slurm_conf"]
    keys = ("ClusterName", "AuthType", "SelectType", "StateSaveLocation", "SlurmctldLogFile")
    assert {key: told[key] for key in keys} == {key: shown[key] for key in keys}
    assert (told["Licenses"], told["MaxJobCount"]) == (["matlab:10", "ansys:4"], 200000)
    assert f"{told['SlurmUser']}({told['SlurmUserId']})" == shown["SlurmUser"]


SETTINGS = {
    "AccountingStorageEnforce=limits,qos,safe": {
        "AccountingStorageEnforce": ["associations", "limits", "qos", "safe"]
    },
    "AuthInfo=ttl=600": {"AuthInfo": "ttl=600"},
    "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny,EnableIPv6": {
        "CommunicationParameters": ["NoCtldInAddrAny", "NoInAddrAny", "EnableIPv6"],
        "CommunicationParametersFlags": ["IPv4", "IPv6"],
    },
    "CpuFreqDef=Performance": {"CpuFreqDef": "Performance"},
    "CpuFreqGovernors=OnDemand,Performance": {},
    "DebugFlags=Backfill,License": {"DebugFlags": ["Backfill", "License"]},
    "DefMemPerCPU=100": {"DefMemPerCPU": {"set": True, "infinite": False, "number": 100}},
    "DisableRootJobs=yes": {"ConfFlags": ["DisableRootJobs", "TrackWCKey"]},
    "EnforcePartLimits=ANY": {"EnforcePartLimits": ["ANY"]},
    "Epilog=/bin/true": {"Epilog": ["/bin/true"]},
    "EpilogTimeout=30": {"EpilogTimeout": {"set": True, "infinite": False, "number": 30}},
    "HealthCheckInterval=600\nHealthCheckNodeState=IDLE,CYCLE\nHealthCheckProgram=/bin/true": {
        "HealthCheckInterval": 600,
        "HealthCheckNodeState": ["IDLE", "CYCLE"],
        "HealthCheckProgram": "/bin/true",
    },
    "DefCpuPerGPU=2": {"JobDefaults": [{"type": ["DefCpuPerGPU"], "value": 2}]},
    "LogTimeFormat=rfc3339": {"LogTimeFormat": "rfc3339"},
    "PreemptType=preempt/partition_prio\nPreemptMode=SUSPEND,GANG": {
        "PreemptMode": ["SUSPEND", "GANG"]
    },
    "PriorityDecayHalfLife=3-04:05": {"PriorityDecayHalfLife": "3-04:05:00"},
    "PriorityUsageResetPeriod=MONTHLY\nPriorityFlags=MAX_TRES,INCR_ONLY": {
        "PriorityUsageResetPeriod": "MONTHLY",
        "PriorityFlags": ["FAIR_TREE", "INCR_ONLY", "MAX_TRES"],
    },
    "PrivateData=jobs,usage": {"PrivateData": ["jobs", "usage"]},
    "Prolog=/bin/true\nPrologFlags=Alloc,Serial": {
        "Prolog": ["/bin/true"],
        "PrologFlags": ["Alloc", "Serial"],
    },
    "PropagatePrioProcess=2": {"PropagatePrioProcess": "nicer"},
    "ReconfigFlags=KeepPartInfo": {"ReconfigFlags": ["KeepPartInfo"]},
    "SlurmctldDebug=debug2\nSlurmctldSyslogDebug=quiet": {
        "SlurmctldDebug": "debug2",
        "SlurmctldSyslogDebug": "quiet",
    },
    "SrunPortRange=60001-63000": {
        "SrunPortRange": {"minimum": 60001, "maximum": 63000, "set": True}
    },
    "TaskPluginParam=Cores,Verbose": {},
}
"""Lines of slurm.conf, and what they are told as; of some just what the real daemon says."""


@pytest.fixture
def other_settings(lab: Lab) -> Iterator[None]:
    """A controller that has read all these lines."""
    text = CONF.read_text()
    lines = "\n".join(SETTINGS)
    replaced = {line.split("=")[0] for line in lines.splitlines()}
    kept = [line for line in text.splitlines() if line.split("=")[0] not in replaced]
    CONF.write_text("\n".join([*kept, lines, ""]))
    lab.token("alice")
    try:
        lab.run("scontrol reconfigure")
        lab.wait_for(lambda: conf(lab).get("slurm_conf", {}).get("LogTimeFormat") == "rfc3339")
        yield
    finally:
        CONF.write_text(text)
        lab.run("scontrol reconfigure")
        lab.wait_for(lambda: conf(lab).get("slurm_conf", {}).get("LogTimeFormat") != "rfc3339")


def test_each_kind_of_setting_is_told_as_it_was_written(
    lab: Lab, other_settings: None, real_complex: str, ours_complex: str
) -> None:
    told = conf(lab)
    expected = {key: value for each in SETTINGS.values() for key, value in each.items()}
    assert {key: told["slurm_conf"][key] for key in expected} == expected
    url = "/slurm/v0.0.45/conf"
    theirs = lab.get(url, url=lab.reference["26.05"]).json()
    assert list(differences(told, theirs)) == []
    ours = lab.get(url, url=ours_complex).json()
    assert list(differences(ours, lab.get(url, url=real_complex).json())) == []


def test_secrets_are_told_nobody(lab: Lab) -> None:
    keys = set(conf(lab, user="root")["slurm_conf"])
    assert {key for key in keys if "pass" in key.lower()} == set()
    assert conf(lab, user="root")["slurm_conf"] == conf(lab)["slurm_conf"]

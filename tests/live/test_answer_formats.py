"""One answer in every form: JSON pretty and compact, YAML, +complex and +fast, bytes that are no
text; and what the options of the command line serve."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from comparison import differences
from job_bodies import SCRIPT, description
from laboratory import Answer, Lab
from rest_daemon import StartDaemon, flagged

from pyslurmrestd.data_parser.engine import render
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V42, VERSIONS

PATHS = (
    "ping/",
    "jobs/",
    "jobs/state",
    "job/{running}",
    "job/{pending}",
    "job/{failed}",
    "job/{array}",
    "job/{het}",
    "job/{licensed}",
    "job/4000000",
    "job/abc",
    "nodes/",
    "node/c1",
    "partitions/",
    "partition/debug",
    "partition/nowhere",
)


DATABASE = (
    "accounts/?association=%7B%7D",
    "account/sci?with_assocs&with_coords",
    "users/?with_assocs&with_coords&with_wckeys",
    "user/nosuch",
    "associations/",
    "associations/?user=nosuch",
    "qos/",
    "qos/high",
)


def same(first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """Two ways to the same data; the cluster may change between them."""
    found: list[str] = []
    for _ in range(4):
        found = list(differences(first(), second()))
        if not found:
            return
        time.sleep(0.5)
    pytest.fail("\n".join(found[:40]))


def yaml_of(answer: Answer) -> Any:
    assert answer.headers["Content-Type"] == "application/yaml"
    answer.body.decode("ascii")
    return yaml.load(answer.body, yaml.CSafeLoader)


@pytest.mark.parametrize("path", PATHS)
def test_yaml_says_what_json_says(
    lab: Lab, jobs: dict[str, int], version: ApiVersion, path: str
) -> None:
    url = f"/slurm/{version}/{path.format(**jobs)}"
    accept = {"Accept": "application/yaml"}
    if path in LISTS:
        same(lambda: payload(lab.get(url, headers=accept).body), lambda: as_yaml(lab.get(url)))
    else:
        same(lambda: yaml_of(lab.get(url, headers=accept)), lambda: lab.get(url).json())
    assert lab.get(url, headers=accept).status == lab.get(url).status


@pytest.mark.parametrize("path", DATABASE)
def test_yaml_of_the_database_says_what_json_says(lab: Lab, version: ApiVersion, path: str) -> None:
    url = f"/slurmdb/{version}/{path}"
    accept = {"Accept": "application/yaml"}
    same(lambda: yaml_of(lab.get(url, headers=accept)), lambda: lab.get(url).json())


# Lists are long, and a YAML reader takes its time: their texts are compared.
LISTS = ("jobs/", "jobs/state", "nodes/")


def as_yaml(answer: Answer) -> list[bytes]:
    """The lines of an answer's payload as plain data in YAML."""
    return payload(render(answer.json(), "yaml"))


def payload(text: bytes) -> list[bytes]:
    """What is told but for the time of the answer, which may be kept: it stands last."""
    return text.partition(b"\n!!str last_update:")[0].split(b"\n")


def test_yaml_of_a_list_can_be_read(lab: Lab) -> None:
    told = yaml_of(lab.get("/slurm/v0.0.45/nodes/", headers={"Accept": "application/yaml"}))
    assert len(told["nodes"]) > 1000
    assert told["errors"] == []


def test_yaml_that_is_sent_is_answered_in_yaml(lab: Lab, version: ApiVersion) -> None:
    answer = lab.ask(
        "POST",
        f"/slurm/{version}/job/submit",
        body=yaml.safe_dump({"script": SCRIPT, "job": description(tasks="two")}),
        headers={"Content-Type": "application/yaml", "Accept": "text/yaml"},
    )
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "text/yaml" or yaml_of(answer)
    told = yaml.load(answer.body, yaml.CSafeLoader)
    assert told["errors"][0]["source"] == "#/job/tasks/"


def test_compact_json_says_what_pretty_json_says(
    lab: Lab, jobs: dict[str, int], start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", SLURMRESTD_JSON="compact")
    for version in VERSIONS:
        for path in PATHS if version == VERSIONS[-1] else set(PATHS) - set(LISTS):
            url = f"/slurm/{version}/{path.format(**jobs)}"
            same(
                lambda url=url: lab.get(url, url=daemon.url).json(),
                lambda url=url: lab.get(url).json(),
            )
            compact, long = lab.get(url, url=daemon.url).body, lab.get(url).body
            assert b"\n" not in compact
            assert b'": ' not in re.sub(rb'"(?:[^"\\]|\\.)*"', b'""', compact)
            assert len(compact) < len(long)
    (bad,) = lab.get("/slurm/v0.0.45/job/abc", url=daemon.url).json()["errors"]
    assert bad["error_number"] == 9000


def test_pretty_json_is_that_of_the_real_daemon(lab: Lab, jobs: dict[str, int]) -> None:
    """Byte for byte, but for what differs between two calls."""
    url = f"/slurm/v0.0.45/job/{jobs['pending']}"
    ours, theirs = (
        re.sub(
            rb'"(last_update|last_backfill|last_sched_evaluation|client)": \{.*?\}',
            rb"",
            lab.get(url, url=other).body,
            flags=re.DOTALL,
        )
        for other in (None, lab.reference["26.05"])
    )
    assert ours.split(b'"meta"')[0] == theirs.split(b'"meta"')[0]


# Of these ours differs on purpose; docs/deviations.md tells how.
TOLD_OTHERWISE = ("jobs/state", "job/4000000", "job/abc", "partition/nowhere")


@pytest.mark.parametrize("path", [path for path in PATHS if path not in TOLD_OTHERWISE])
@pytest.mark.parametrize("version", [version for version in VERSIONS if version >= V42], ids=str)
def test_complex_answers_are_the_real_daemons(
    lab: Lab,
    jobs: dict[str, int],
    real_complex: str,
    ours_complex: str,
    version: ApiVersion,
    path: str,
) -> None:
    url = f"/slurm/{version}/{path.format(**jobs)}"
    same(
        lambda: lab.get(url, url=ours_complex).json(),
        lambda: lab.get(url, url=real_complex).repaired_json(),
    )


@pytest.mark.parametrize("path", DATABASE[1:])
@pytest.mark.parametrize("version", [version for version in VERSIONS if version >= V42], ids=str)
def test_complex_answers_of_the_database_are_the_real_daemons(
    lab: Lab, real_complex: str, ours_complex: str, version: ApiVersion, path: str
) -> None:
    url = f"/slurmdb/{version}/{path}"
    same(
        lambda: lab.get(url, url=ours_complex).json(),
        lambda: lab.get(url, url=real_complex).repaired_json(),
    )


def test_the_id_of_an_association_in_complex_mode(lab: Lab, ours_complex: str) -> None:
    """As 26.05 and, tried by hand, 24.11 tell it."""
    told = [
        lab.get(f"/slurmdb/{version}/association/?user=alice&account=sci", url=ours_complex).json()
        for version in VERSIONS
    ]
    ids = [answer["associations"][0]["id"] for answer in told]
    assert ids[:3] == [None, None, None]
    assert all(isinstance(number, int) for number in ids[3:])


@pytest.mark.parametrize("version", [version for version in VERSIONS if version >= V42], ids=str)
def test_a_submission_that_no_plugin_speaks_of_has_a_null_message_in_complex_mode(
    lab: Lab, real_complex: str, ours_complex: str, version: ApiVersion
) -> None:
    told = []
    for url in (ours_complex, real_complex):
        body = {"script": SCRIPT, "job": description()}
        data = lab.ask("POST", f"/slurm/{version}/job/submit", url=url, body=body).json()
        lab.cancel(data["job_id"])
        told.append((data["job_submit_user_msg"], data["step_id"]))
    assert told == [(None, "batch")] * 2


@pytest.mark.parametrize("path", ["jobs/", "nodes/", "partitions/"])
def test_complex_numbers_are_plain(
    lab: Lab, jobs: dict[str, int], ours_complex: str, version: ApiVersion, path: str
) -> None:
    def objects(data: Any) -> Iterator[Any]:
        if isinstance(data, dict):
            yield data
        if isinstance(data, (dict, list)):
            for value in data.values() if isinstance(data, dict) else data:
                yield from objects(value)

    plain = lab.get(f"/slurm/{version}/{path}").json()
    told = lab.get(f"/slurm/{version}/{path}", url=ours_complex).json()
    assert any("infinite" in entry for entry in objects(plain))
    assert not any("infinite" in entry for entry in objects(told))
    assert told["meta"]["plugin"]["data_parser"] == f"data_parser/{version}+complex"
    assert isinstance(told["last_update"], int)


def test_complex_yaml_says_what_complex_json_says(
    lab: Lab, jobs: dict[str, int], ours_complex: str, version: ApiVersion
) -> None:
    url = f"/slurm/{version}/jobs/"
    accept = {"Accept": "application/yaml"}
    same(
        lambda: payload(lab.get(url, url=ours_complex, headers=accept).body),
        lambda: as_yaml(lab.get(url, url=ours_complex)),
    )


def test_fast_says_the_same_without_warnings(
    lab: Lab, jobs: dict[str, int], start_daemon: StartDaemon
) -> None:
    fast = flagged(start_daemon, "fast")

    def quiet(answer: Answer) -> Any:
        told = answer.json()
        del told["warnings"]
        told["meta"]["plugin"].pop("data_parser")
        return told

    for version in VERSIONS:
        for path in ("partitions/", "node/c1", "job/{running}"):
            url = f"/slurm/{version}/{path.format(**jobs)}"
            same(lambda url=url: quiet(lab.get(url, url=fast)), lambda url=url: quiet(lab.get(url)))
            url += "?nonsense=1" if path != "job/{running}" else ""
            assert lab.get(url, url=fast).json()["warnings"] == []
        job = description(nmae="typo", tasks="two", partition="nowhere")
        body = {"script": SCRIPT, "job": job}
        told = lab.ask("POST", f"/slurm/{version}/job/submit", body=body, url=fast).json()
        assert told["warnings"] == []
        assert told["errors"][0]["source"] == ""  # +fast keeps no places


@pytest.mark.parametrize(
    ("chosen", "served"),
    [
        ("v0.0.44", {"v0.0.44": ""}),
        ("data_parser/v0.0.42,v0.0.45", {"v0.0.42": "", "v0.0.45": ""}),
        ("v0.0.44+complex", {"v0.0.44": "+complex"}),
        ("v0.0.44+complex+fast", {"v0.0.44": "+complex+fast"}),
        ("v0.0.44+complex,v0.0.44,v0.0.41", {"v0.0.44": "+complex", "v0.0.41": ""}),
        ("latest", {"v0.0.45": ""}),
    ],
)
def test_the_versions_that_are_chosen_are_served(
    lab: Lab, start_daemon: StartDaemon, chosen: str, served: dict[str, str]
) -> None:
    daemon = start_daemon("-d", chosen, "127.0.0.1:0")
    for version in VERSIONS:
        answer = lab.get(f"/slurm/{version}/ping/", url=daemon.url)
        if str(version) in served:
            words = answer.json()["meta"]["plugin"]["data_parser"]
            assert words == f"data_parser/{version}{served[str(version)]}"
        else:
            assert answer.status == 404
    paths = lab.get("/openapi/v3", url=daemon.url).json()["paths"]
    assert {path.split("/")[2] for path in paths if path.startswith("/slurm/")} == set(served)


@pytest.mark.parametrize("chosen", ["slurmctld", "openapi/slurmctld"])
def test_the_content_plugins_that_are_chosen_are_served(
    lab: Lab, start_daemon: StartDaemon, chosen: str
) -> None:
    daemon = start_daemon("-s", chosen, "127.0.0.1:0")
    told = lab.get("/slurm/v0.0.45/ping/", url=daemon.url).json()
    assert told["meta"]["plugin"]["type"] == "openapi/slurmctld"
    assert lab.get("/slurmdb/v0.0.45/ping/", url=daemon.url).status == 404


@pytest.fixture(scope="module")
def garbled(lab: Lab) -> Iterator[int]:
    """A job whose name and comment are not UTF-8."""
    job_id = lab.submit("--hold --output=/dev/null --wrap true")
    # Not by sbatch, whose command line the controller would keep.
    name, comment = r"n\377me", r"caf\351 \303\251 \355\240\200 \001"
    lab.run(
        f"scontrol update jobid={job_id} name=\"$(printf '{name}')\" "
        f"comment=\"$(printf '{comment}')\""
    )
    yield job_id
    # The real daemon's lists are no text either as long as the controller remembers such a job.
    lab.run(f"scontrol update jobid={job_id} name=readable comment=readable")
    lab.cancel(job_id)


def test_bytes_that_are_no_text_still_give_valid_answers(
    lab: Lab, garbled: int, version: ApiVersion
) -> None:
    name, comment = "n\ufffdme", "caf\ufffd é \ufffd\ufffd\ufffd \x01"
    for path in (f"job/{garbled}", "jobs/"):
        answer = lab.get(f"/slurm/{version}/{path}")
        answer.body.decode("utf-8")
        (job,) = [job for job in answer.json()["jobs"] if job["job_id"] == garbled]
        assert (job["name"], job["comment"]) == (name, comment)
    path = f"/slurm/{version}/job/{garbled}"
    (job,) = yaml_of(lab.get(path, headers={"Accept": "application/yaml"}))["jobs"]
    assert (job["name"], job["comment"]) == (name, comment)


def test_bytes_that_are_no_text_may_be_sent(lab: Lab, version: ApiVersion) -> None:
    body = b'{"script": "#!/bin/sh\\n", "job": {"name": "a\xffb", "partition": "n\xe9"}}'
    answer = lab.ask("POST", f"/slurm/{version}/job/submit", body=body)
    assert (answer.status, answer.json()["errors"][0]["error_number"]) == (422, 2000)


@pytest.mark.parametrize("path", ["job/%FE", "node/%FE", "partition/n%C3%A9%FE"])
def test_a_path_that_is_no_text_names_nothing(lab: Lab, version: ApiVersion, path: str) -> None:
    answer = lab.get(f"/slurm/{version}/{path}")
    assert answer.status in (404, 422)
    answer.body.decode("utf-8")
    assert answer.json()["errors"]

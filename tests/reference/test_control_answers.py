"""Licenses, shares and statistics held against the real daemons' on the same cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from comparison import SERVED, differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", SERVED)

PASSING = frozenset(
    {
        # Every message counts, those of the comparison too; the rest changes with the time.
        "rpcs_by_message_type",
        "rpcs_by_user",
        "req_time",
        "server_thread_count",
        "agent_count",
        "agent_thread_count",
        "gettimeofday_latency",
        "schedule_cycle_per_minute",
    }
)


NOBODY = 99


@pytest.fixture(scope="module")
def in_use(lab: Lab) -> Iterator[None]:
    """Licenses in use and reserved."""
    job = lab.submit("--output=/dev/null -p real -L matlab:2,ansys:1 --wrap 'sleep 600'")
    lab.delete_reservations("licensed")
    lab.run(
        "scontrol create reservation ReservationName=licensed Users=alice StartTime=now"
        " Duration=60 Licenses=matlab:3 Flags=ANY_NODES"
    )
    lab.wait_for(lambda: lab.job_state(job) == "RUNNING")
    yield
    lab.cancel(job)
    lab.delete_reservations("licensed")


def agreed(lab: Lab, version: str, path: str, told: Callable[[Any], Any], expected: Any) -> None:
    """Check that both answers differ by what is expected, once they are of one time."""
    url = f"/slurm/{version}/{path}"
    found: list[str] = []
    for _ in range(4):  # the cluster may change between the two calls
        ours = lab.get(url)
        theirs = lab.get(url, url=lab.reference[SERVED[version]])
        assert (ours.status, theirs.status) == (200, 200)
        found = list(differences(told(ours.json()), told(theirs.repaired_json())))
        if found == expected:
            return
        time.sleep(0.5)
    assert found == expected


@each_version
def test_licenses_are_the_real_daemons(lab: Lab, in_use: None, version: str) -> None:
    agreed(lab, version, "licenses/", lambda answer: answer, [])


@each_version
def test_shares_are_the_real_daemons(lab: Lab, version: str) -> None:
    """JSON has no infinity: v0.0.40 and v0.0.41 spell it here, see docs/deviations.md."""

    def spelled(answer: Any) -> Any:
        for entry in answer["shares"]["shares"]:
            if entry["fairshare"]["level"] == float("inf"):
                entry["fairshare"]["level"] = "Infinity"
        return answer

    agreed(lab, version, "shares", spelled, [])


def steady(answer: Any) -> Any:
    """Statistics without numbers that pass: of messages, their kinds and users alone."""
    statistics = answer["statistics"]
    for key in PASSING & statistics.keys():
        value = statistics[key]
        if isinstance(value, list):
            statistics[key] = [list(entry) for entry in value]
        else:
            statistics[key] = type(value).__name__
    return answer


@each_version
def test_statistics_are_the_real_daemons(lab: Lab, version: str) -> None:
    # Both are in them before they are compared.
    lab.get(f"/slurm/{version}/diag/")
    agreed(lab, version, "diag/", steady, [])


@each_version
def test_messages_of_all_kinds_and_users_are_named_as_the_real_daemon_names_them(
    lab: Lab, version: str
) -> None:
    """24.11 has no names for kinds of messages that are newer than it is, nor for nobody."""

    def named(answer: Any) -> Any:
        statistics = answer["statistics"]
        return {
            "types": {
                rpc["type_id"]: rpc["message_type"]
                for rpc in statistics["rpcs_by_message_type"]
                if not rpc["message_type"].isdigit()
            },
            "users": {
                rpc["user_id"]: rpc["user"]
                for rpc in statistics["rpcs_by_user"]
                if rpc["user_id"] != NOBODY
            },
        }

    lab.get("/slurm/v0.0.45/jobs/")
    url = f"/slurm/{version}/diag/"
    ours = named(lab.get(url).json())
    theirs = named(lab.get(url, url=lab.reference[SERVED[version]]).json())
    common = ours["types"].keys() & theirs["types"].keys()
    assert common
    assert {name: ours["types"][name] for name in common} == {
        name: theirs["types"][name] for name in common
    }
    assert ours["users"] == theirs["users"]


@each_version
def test_who_may_not_reconfigure_is_told_as_the_real_daemon_tells_it(
    lab: Lab, version: str
) -> None:
    url = f"/slurm/{version}/reconfigure/"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference[SERVED[version]])
    # 24.11 has 500 for all that a client may not do.
    assert (ours.status, theirs.status) == (422, 422 if SERVED[version] == "26.05" else 500)
    assert list(differences(ours.json(), theirs.json())) == []


def test_the_configuration_is_the_real_daemons(lab: Lab) -> None:
    lab.get("/slurm/v0.0.45/conf")
    agreed(lab, "v0.0.45", "conf", lambda answer: answer, [])


def test_a_configuration_that_has_not_changed_is_told_by_a_warning(lab: Lab) -> None:
    """But for the time that was asked for, which the real daemon tells wrong."""
    url = "/slurm/v0.0.45/conf?update_time=4000000000"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference["26.05"])
    told = []
    for answer in (ours, theirs):
        data = answer.json()
        for warning in data["warnings"]:
            before, after = warning["description"].split("[")[0], warning["description"].split("]=")
            warning["description"] = (before, after[1])
        told.append(data)
    assert (ours.status, list(differences(*told))) == (theirs.status, [])


@pytest.mark.parametrize("query", ["update_time=abc", "update_time=", "more=1"])
def test_a_query_of_the_configuration_is_read_as_the_real_daemon_reads_it(
    lab: Lab, query: str
) -> None:
    url = f"/slurm/v0.0.45/conf?{query}"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference["26.05"])
    assert (ours.status, list(differences(ours.json(), theirs.json()))) == (theirs.status, [])

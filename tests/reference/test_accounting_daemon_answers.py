"""What slurmdbd tells of itself, through ours and through the real daemons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from comparison import SERVED, differences
from laboratory import Answer, Lab
from told_otherwise import accounting_statistics

every_version = pytest.mark.parametrize("version", SERVED)
since_v0_0_42 = pytest.mark.parametrize("version", list(SERVED)[2:])


def both(lab: Lab, url: str, version: str, **how: Any) -> tuple[Answer, Answer]:
    reference = lab.reference[SERVED[version]]
    return lab.get(url, **how), lab.get(url, url=reference, **how)


@every_version
def test_statistics_are_the_real_daemons(lab: Lab, version: str) -> None:
    url = f"/slurmdb/{version}/diag/"
    lab.get(url, user="root")  # so that both tell of this message
    ours, theirs = both(lab, url, version, user="root")
    assert (ours.status, theirs.status) == (200, 200)
    told = accounting_statistics(ours.json(), theirs.json(), SERVED[version])
    assert list(differences(*told)) == []


@every_version
def test_refused_statistics_are_the_real_daemons(lab: Lab, version: str) -> None:
    ours, theirs = both(lab, f"/slurmdb/{version}/diag/", version)
    assert ours.status == 422
    assert ours.json()["errors"][0]["error_number"] == 2002
    assert list(differences(ours.json(), theirs.json())) == []


@since_v0_0_42
@pytest.mark.parametrize("user", ["alice", "root"])
def test_ping_is_the_real_daemons(lab: Lab, version: str, user: str) -> None:
    ours, theirs = both(lab, f"/slurmdb/{version}/ping/", version, user=user)
    assert ours.json()["pings"][0]["responding"] is True
    assert (ours.status, list(differences(ours.json(), theirs.json()))) == (200, [])


@pytest.mark.parametrize("user", ["alice", "root"])
def test_configuration_is_the_real_daemons(lab: Lab, user: str) -> None:
    ours, theirs = both(lab, "/slurmdb/v0.0.45/conf", "v0.0.45", user=user)
    assert (ours.status, list(differences(ours.json(), theirs.json()))) == (200, [])


@pytest.fixture(scope="module")
def other_conf(lab: Lab) -> Iterator[None]:
    """A slurmdbd with everything in its slurmdbd.conf that is told in a way of its own."""
    lines = (
        "PurgeEventAfter=3hours",
        "PurgeJobAfter=30days",
        "PurgeStepAfter=12month",
        "ArchiveSteps=yes",
        "DebugLevel=debug2",
        "DebugLevelSyslog=fatal",
        "MaxQueryTimeRange=60-0",
        "TrackSlurmctldDown=yes",
    )
    with lab.configured("\n".join(lines), "slurmdbd"):
        yield


def test_configured_values_are_the_real_daemons(lab: Lab, other_conf: None) -> None:
    ours, theirs = both(lab, "/slurmdb/v0.0.45/conf", "v0.0.45", user="root")
    told = ours.json()["slurmdbd_conf"]
    assert list(differences(ours.json(), theirs.json())) == []
    nothing = {"set": True, "hours": 0, "days": 0, "months": 0, "archive": False}
    assert told["PurgeEventAfter"] == nothing | {"hours": 3}
    assert told["PurgeJobAfter"] == nothing | {"days": 30}
    assert told["PurgeStepAfter"] == nothing | {"months": 12, "archive": True}
    assert told["DebugLevel"] == "debug2"
    assert told["MaxQueryTimeRange"] == "60-00:00:00"


@every_version
@pytest.mark.parametrize("path", ["diag/", "ping/", "conf"])
def test_without_slurmdbd_the_answer_is_the_real_daemons(lab: Lab, version: str, path: str) -> None:
    """Told at once, with the key that the document requires beside the error."""
    with lab.stopped("slurmdbd"):
        ours, theirs = both(lab, f"/slurmdb/{version}/{path}", version)
        assert ours.status == theirs.status
        if ours.status != 404:
            assert ours.status == 502
            told = ours.json()
            assert told["errors"] == theirs.json()["errors"]
            assert told["errors"][0]["error_number"] == 7000

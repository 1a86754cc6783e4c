"""A user who asks more often than the administrator allows, beside one who does not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from laboratory import Answer, Lab
from rest_daemon import Daemon, daemons

PING = "/slurm/v0.0.45/ping/"


@pytest.fixture(scope="module")
def limiting() -> Iterator[Daemon]:
    with daemons() as start:
        yield start("127.0.0.1:0", "--user-rate", "0.5")


def test_who_asks_too_often_is_told_and_nobody_else(lab: Lab, limiting: Daemon) -> None:
    def ask(user: str) -> Answer:
        return lab.get(PING, user=user, url=limiting.url)

    # Slurm takes the first; from then on the daemon knows whose the token is.
    answers = [ask("alice") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 429, 429, 429]
    refused = answers[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    (error,) = json.loads(refused.body)["errors"]
    assert error["error_number"] == 1804
    assert error["description"] == "More than 0.5 requests a second"
    assert ask("bob").status == 200
    Lab.wait_for(lambda: ask("alice").status == 200)
    assert not [line for line in limiting.lines if "error:" in line]


def test_tokens_that_nobody_knows_use_up_nobodys_rate(lab: Lab, limiting: Daemon) -> None:
    for _ in range(10):
        answer = lab.get(
            "/slurm/v0.0.45/jobs/", url=limiting.url, headers={"X-SLURM-USER-TOKEN": "a.b.c"}
        )
        assert answer.status == 511

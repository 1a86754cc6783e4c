"""Reservations through the daemon: found, made, changed, deleted, and refused."""

from __future__ import annotations

import pytest
from comparison import SERVED
from laboratory import Lab

each_version = pytest.mark.parametrize("version", SERVED)


@each_version
def test_every_reservation_is_listed_once(
    lab: Lab, reservations: tuple[str, ...], version: str
) -> None:
    found = lab.get(f"/slurm/{version}/reservations/").json()["reservations"]
    assert [entry["name"] for entry in found] == list(reservations)


@each_version
def test_an_unknown_reservation_is_404_with_the_empty_list(lab: Lab, version: str) -> None:
    answer = lab.get(f"/slurm/{version}/reservation/nosuch")
    told = answer.json()
    assert (answer.status, told["reservations"], told["errors"]) == (
        404,
        [],
        [
            {
                "description": "Unable to find reservation nosuch",
                "error_number": 2053,
                "error": "Requested reservation is invalid",
                "source": "_get_single_reservation",
            }
        ],
    )

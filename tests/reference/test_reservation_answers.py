"""Reservations held against the real daemons' on the same cluster, in every version."""

from __future__ import annotations

import pytest
from comparison import SERVED, differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", SERVED)


@each_version
@pytest.mark.parametrize("path", ["reservations/", "reservation/CORES", "reservation/tres"])
def test_reservations_are_the_real_daemons(
    lab: Lab, reservations: tuple[str, ...], version: str, path: str
) -> None:
    url = f"/slurm/{version}/{path}"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference[SERVED[version]])
    assert (ours.status, theirs.status) == (200, 200)
    assert list(differences(ours.json(), theirs.repaired_json())) == []


@each_version
def test_unchanged_reservations_are_told_as_such(
    lab: Lab, reservations: tuple[str, ...], version: str
) -> None:
    url = f"/slurm/{version}/reservations/?update_time=now%2B1minute"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference[SERVED[version]])
    assert (ours.status, ours.body) == (theirs.status, theirs.body) == (304, b"")

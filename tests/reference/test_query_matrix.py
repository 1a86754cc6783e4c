"""Every GET of every version with every value of its parameters, on a cluster that has something of
everything: our answer is the real daemon's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from both_daemons import Both
from busy_cluster import busy_cluster, made_reservations
from comparison import SERVED
from laboratory import Lab
from queries import NOTATIONS, Read, asked, reads


@pytest.fixture(scope="module")
def busy(lab: Lab) -> Iterator[dict[str, int]]:
    """Ids of jobs, on a cluster that is busy in every way."""
    with made_reservations(lab), busy_cluster(lab) as jobs:
        yield jobs


@pytest.mark.parametrize("read", list(reads()), ids=str)
def test_every_query_is_answered_as_by_the_real_daemon(
    lab: Lab, busy: dict[str, int], read: Read
) -> None:
    compare(lab, str(read.version), asked(read, busy))


@pytest.mark.parametrize("version", SERVED)
def test_every_notation_of_a_time_is_understood_as_by_the_real_daemon(
    lab: Lab, busy: dict[str, int], version: str
) -> None:
    """Jobs, as their warning tells a time in the future."""
    compare(lab, version, [f"/slurm/{version}/jobs/?update_time={text}" for text in NOTATIONS])


def compare(lab: Lab, version: str, urls: Iterable[str]) -> None:
    """Fail with all that differs."""
    with Both(lab, SERVED[version], user="alice") as both:
        found = [difference for url in urls for difference in both.differences(url)]
    if found:
        pytest.fail("\n".join(["", *found]), pytrace=False)

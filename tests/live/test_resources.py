"""Resources of running jobs, as no real daemon or only one in complex mode tells them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from comparison import differences
from laboratory import Lab


@pytest.fixture(scope="module")
def tasks(lab: Lab) -> Iterator[int]:
    """An array whose two tasks run with a GPU each."""
    job_id = lab.submit("-o /dev/null -p real --gres=gpu:1 --array=0-1 --wrap 'sleep 900'")
    lab.wait_for(lambda: lab.job_state(job_id).split() == ["RUNNING"] * 2)
    yield job_id
    lab.cancel(job_id)


def test_an_array_task_has_a_layout_of_its_own(lab: Lab, tasks: int) -> None:
    """The real daemon shows the last task's for each of them."""
    told = [lab.get(f"/slurm/v0.0.45/resources/{tasks}_{task}").json() for task in (0, 1, 2)]
    (first,), (second,), nothing = (answer["nodes"] for answer in told)
    assert (first["node"], first["core_bitmap"]) != (second["node"], second["core_bitmap"])
    assert (nothing, told[2]["errors"][0]["error_number"]) == ([], 2017)


def test_complex_layouts_are_the_real_daemons(
    lab: Lab, tasks: int, real_complex: str, ours_complex: str
) -> None:
    url = f"/slurm/v0.0.45/resources/{tasks}"
    ours = lab.get(url, url=ours_complex).json()
    theirs = lab.get(url, url=real_complex).repaired_json()
    assert list(differences(ours, theirs)) == []


def test_complex_requeues_that_fail_are_told_as_by_the_real_daemon(
    lab: Lab, real_complex: str, ours_complex: str
) -> None:
    url = "/slurm/v0.0.45/job/66000000/requeue"
    ours = lab.get(url, url=ours_complex).json()
    theirs = lab.get(url, url=real_complex).repaired_json()
    assert list(differences(ours, theirs)) == []


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.43"])
def test_versions_without_resources_say_so(lab: Lab, version: str) -> None:
    assert lab.get(f"/slurm/{version}/resources/1").status == 404

"""Resources of running jobs, node by node, held against the real daemon's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from comparison import differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", ["v0.0.44", "v0.0.45"])


@pytest.fixture(scope="module")
def laid_out(lab: Lab) -> Iterator[dict[str, int]]:
    """Running jobs, by what they have."""
    common = "-o /dev/null -p real"
    found = {
        "cores": lab.submit(f"{common} -n3 --wrap 'srun sleep 900'"),
        "gres": lab.submit(f"{common} -N2 --gres=gpu:1 --mem=100 --wrap 'sleep 900'"),
        "array": lab.submit(f"{common} --array=0-1 --wrap 'sleep 900'"),
        "held": lab.submit(f"{common} --hold --wrap 'true'"),
    }
    for name in ("cores", "gres", "array"):
        lab.wait_for(lambda name=name: set(lab.job_state(found[name]).split()) == {"RUNNING"})
    yield found
    lab.cancel(*found.values())


@each_version
@pytest.mark.parametrize(
    "path", ["{cores}", "{cores}.0", "{gres}", "{array}", "{held}", "66000000", "abc", "67108864"]
)
def test_a_layout_is_the_real_daemons(
    lab: Lab, laid_out: dict[str, int], version: str, path: str
) -> None:
    url = f"/slurm/{version}/resources/{path.format(**laid_out)}"
    ours = lab.get(url)
    theirs = lab.get(url, url=lab.reference["26.05"])
    assert ours.status == theirs.status
    told = theirs.repaired_json()
    if "nodes" not in told:  # which the document requires
        told = {"nodes": [], "meta": told["meta"], **told}
    assert list(differences(ours.json(), told)) == []


@each_version
def test_jobs_of_others_are_not_laid_out(lab: Lab, laid_out: dict[str, int], version: str) -> None:
    url = f"/slurm/{version}/resources/{laid_out['gres']}"
    ours = lab.get(url, user="bob")
    theirs = lab.get(url, user="bob", url=lab.reference["26.05"])
    assert (ours.status, theirs.status) == (422, 422)
    assert list(differences(ours.json(), theirs.repaired_json())) == []

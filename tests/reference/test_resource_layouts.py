"""Resources of running jobs that are another's, held against the real daemon's."""

from __future__ import annotations

import pytest
from comparison import differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", ["v0.0.44", "v0.0.45"])


@each_version
def test_jobs_of_others_are_not_laid_out(lab: Lab, version: str) -> None:
    job = lab.submit("-o /dev/null -p real -N2 --gres=gpu:1 --wrap 'sleep 900'")
    try:
        lab.wait_for(lambda: lab.job_state(job) == "RUNNING")
        url = f"/slurm/{version}/resources/{job}"
        ours = lab.get(url, user="bob")
        theirs = lab.get(url, user="bob", url=lab.reference["26.05"])
    finally:
        lab.cancel(job)
    assert (ours.status, theirs.status) == (422, 422)
    assert list(differences(ours.json(), theirs.repaired_json())) == []

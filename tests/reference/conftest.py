"""Jobs in every state, there while our answers are held against the real daemons'."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from laboratory import Lab


@pytest.fixture(scope="session")
def jobs(lab: Lab) -> Iterator[dict[str, int]]:
    """Ids by what the jobs are: running, pending, completed, failed, array, het."""
    common = "--output=/tmp/%j.out --comment='é \\\"quoted\\\" / slash'"
    found = {
        "running": lab.submit(f"{common} -p debug -n1 --time=30 --wrap 'srun sleep 900'"),
        "pending": lab.submit(f"{common} --hold --mail-type=END,FAIL --wrap 'true'"),
        "completed": lab.submit(f"{common} -p real --wrap 'true'"),
        "failed": lab.submit(f"{common} -p real --error=/tmp/%x.%j.err --wrap 'exit 3'"),
        "array": lab.submit(f"{common} -p real --array=0-3%1 --wrap 'sleep 900'"),
        "het": lab.submit(f"{common} --hold -n1 : -n1 --wrap 'true'"),
        "licensed": lab.submit(f"{common} --hold -L matlab:1 --gres=gpu:1 -p real --wrap 'true'"),
    }
    states = {"running": "RUNNING", "completed": "COMPLETED", "failed": "FAILED"}
    for name, state in states.items():
        lab.wait_for(lambda name=name, state=state: lab.job_state(found[name]) == state)
    yield found
    lab.cancel(*found.values())

"""What all tests share: golden files and the way to renew them, the lab, jobs in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from busy_cluster import made_reservations
from laboratory import Lab

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write what the golden files should hold"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with the golden file of a name, or writes it there."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path} differs; see --update-golden"

    return check


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab, without what an interrupted run left there."""
    found = Lab()
    found.clear()
    return found


@pytest.fixture(scope="module")
def jobs(lab: Lab) -> Iterator[dict[str, int]]:
    """Ids of alice's jobs by what they are: running, pending, completed, failed, array, het."""
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


@pytest.fixture(scope="module")
def reservations(lab: Lab) -> Iterator[tuple[str, ...]]:
    """The names of reservations that have cores, licenses, TRES, groups, flags and limits."""
    with made_reservations(lab) as names:
        yield names

"""Each target for a moment: our own seeds, with the same changes to them every time.

`make fuzz` goes on from there, led by the code that is reached.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hostile_traffic
import pytest
from hostile_changes import OF_JSON, bent, mutated
from hostile_seeds import SEEDS
from hostile_texts import TARGETS as TEXTS

from pyslurmrestd.log import LEVELS, log

TARGETS = {**TEXTS, **hostile_traffic.TARGETS}

CHANGES = {"body": 2000, "from_worker": 1000, "sockets": 150, "stdin": 400}
"""Changed inputs of a target; as many as take about a second. 500 of the others."""


@pytest.fixture(scope="module", autouse=True)
def logs() -> Iterator[None]:
    """The log is as it was, and the front end that targets have made is gone."""
    others = hostile_traffic.LOGS
    ours = log.out, log.level
    before = [(other, other.handlers[:], other.propagate, other.level) for other in others]
    yield
    hostile_traffic.close()
    log.out, log.level = ours
    for other, handlers, propagate, level in before:
        other.handlers[:], other.propagate = handlers, propagate
        other.setLevel(level)


def test_every_target_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_nothing_comes_of_hostile_input(name: str) -> None:
    log.level = LEVELS["quiet"]
    target, seeds = TARGETS[name], list(SEEDS[name]())
    assert seeds
    for seed in seeds:
        target(seed)
    chance = random.Random(1)
    for _ in range(CHANGES.get(name, 500)):
        data = chance.choice(seeds)
        if name in OF_JSON:
            number, before = chance.randrange(1 << 32), OF_JSON[name]
            data = mutated(data, 4096, number, before, lambda text, _: bent(text, chance, seeds))
        else:
            data = bent(data, chance, seeds)
        try:
            target(data)
        except BaseException as error:
            error.add_note(f"{name}: {data!r}")
            raise


def test_the_fuzzer_starts(tmp_path: Path) -> None:
    script = Path(__file__).with_name("fuzz_target.py")
    (tmp_path / "corpus").mkdir()
    done = subprocess.run(
        [sys.executable, str(script), "token", "-runs=200", "-seed=1", str(tmp_path / "corpus")],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Done 200 runs" in done.stderr

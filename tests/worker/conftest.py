"""Pools of real worker processes that run ``behaviours.py``."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from pyslurmrestd.worker.pool import Pool, PoolSettings


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that stands for slurm.conf: its text is the cluster's name."""
    path = tmp_path / "slurm.conf"
    path.write_text("lab")
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parent}{os.pathsep}{root}")
    return path


@pytest.fixture
async def make_pool(conf: Path) -> AsyncIterator[Callable[..., Pool]]:
    """Make pools that are stopped after the test."""
    pools = []

    def make(**settings: Any) -> Pool:
        defaults = {
            "app": "behaviours:start",
            "options": {"conf": str(conf)},
            "processes": 1,
            "threads": 2,
            "deadline": 10.0,
        }
        pools.append(Pool(PoolSettings(**{**defaults, **settings})))
        return pools[-1]

    yield make
    for pool in pools:
        await pool.stop(0)


@pytest.fixture
async def start_pool(make_pool: Callable[..., Pool]) -> Callable[..., Awaitable[Pool]]:
    """Make and start a pool."""

    async def start(**settings: Any) -> Pool:
        pool = make_pool(**settings)
        await pool.start()
        return pool

    return start

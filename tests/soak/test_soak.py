"""A short run of the soak, and a short one of callers of every kind at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOMS = os.pathsep.join(str(room) for room in (HERE.parent, HERE.parent / "live"))


@pytest.mark.parametrize(("program", "size"), [("soak.py", "0.25"), ("callers.py", "1500")])
def test_a_short_run_holds(program: str, size: str) -> None:
    rooms = os.pathsep.join(filter(None, (ROOMS, os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, str(HERE / program), size],
        env={**os.environ, "PYTHONPATH": rooms},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr

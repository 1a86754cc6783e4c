"""Connections to slurmdbd: each one caller's, kept for a while, few, and never half a write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
from laboratory import Lab


def called(case: str, *arguments: str) -> Any:
    """What came of a case of slurmdbd_caller.py, in a process of its own."""
    script = str(Path(__file__).parent / "slurmdbd_caller.py")
    line = [sys.executable, script, case, *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_connection_is_kept_for_its_caller(lab: Lab) -> None:
    told = called("kept_by_caller", lab.token("alice"), lab.token("bob"), lab.token("root"))
    assert told == [0, 1, 2]


def test_few_connections_are_kept(lab: Lab) -> None:
    opened, kept, most = called("kept_are_few", lab.token("alice"), lab.token("bob"))
    assert (opened, kept) == (12, most)


def test_an_idle_connection_is_closed(lab: Lab) -> None:
    assert called("idle_are_closed", lab.token("alice")) == [1, 0]


def test_a_connection_ends_with_its_token() -> None:
    key = Path(os.environ["LAB_JWT_KEY"]).read_bytes()
    now = int(time.time())
    token = jwt.encode({"exp": now + 4, "iat": now, "sun": "alice"}, key, algorithm="HS256")
    assert called("ends_with_its_token", token, "5") == [True, 7000]


def test_what_is_not_committed_when_slurmdbd_goes_is_not_stored(lab: Lab) -> None:
    assert called("restarted_within_a_transaction", lab.token("root")) == [7000, 0]


def test_nothing_is_written_outside_of_a_transaction(lab: Lab) -> None:
    told = called("written_outside_of_a_transaction", lab.token("root"))
    assert told == "slurmdb_accounts_add() outside of a transaction"

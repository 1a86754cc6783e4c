"""Becoming another user: what is left of who started the daemon. Needs root."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHANGE = """
import os, sys
from pyslurmrestd.server import privileges

os.setgroups([0, 4, 27])
os.setgid(4)
privileges.change(*(name or None for name in sys.argv[1:]))
print(os.getresuid(), os.getresgid(), os.getgroups())
"""


@pytest.mark.parametrize(
    ("user", "group", "left"),
    [
        ("nobody", "", "(65534, 65534, 65534) (65534, 65534, 65534) []"),
        ("nobody", "54321", "(65534, 65534, 65534) (54321, 54321, 54321) []"),
        ("54321", "", "(54321, 54321, 54321) (4, 4, 4) []"),
        ("", "nogroup", "(0, 0, 0) (65534, 65534, 65534) []"),
    ],
)
def test_no_supplementary_group_is_kept(user: str, group: str, left: str) -> None:
    command = [sys.executable, "-c", CHANGE, user, group]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == f"{left}\n"

"""Who asks, by name."""

from __future__ import annotations

import grp
import pwd
import time

import pytest

from pyslurmrestd.application.caller import caller
from pyslurmrestd.auth.credential import Credential

UID = 3_999_999_001


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be moved."""
    now = [1_000_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_names_are_remembered_for_a_minute_and_misses_too(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    users: dict[int, str] = {}

    def getpwuid(uid: int) -> pwd.struct_passwd:
        return pwd.struct_passwd((users[uid], "x", uid, 7, "", "/", "/bin/sh"))

    monkeypatch.setattr(pwd, "getpwuid", getpwuid)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: getpwuid(UID))
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group(("staff", "x", gid, [])))
    local = Credential(kind="local", uid=UID)
    assert caller(local, 0) == (str(UID), "")
    users[UID] = "dora"
    assert caller(local, 0) == (str(UID), "")
    clock[0] += 60
    assert caller(local, 0) == ("dora", "staff")
    users[UID] = "doris"
    assert caller(local, 0) == ("dora", "staff")
    clock[0] += 60
    assert caller(local, 0) == ("doris", "staff")

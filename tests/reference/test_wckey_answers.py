"""Wckeys held against the real daemons on the same database: every GET, every version, and what a
write by either leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from comparison import SERVED
from database import Write, answers_alike, table, writes_alike
from laboratory import Lab

PATHS = (
    "wckeys/",
    "wckeys",
    "wckey/analysis",
    "wckey/rk",
    "wckey/nosuch",
)
QUERIES = (
    "wckeys/?cluster=lab",
    "wckeys/?cluster=nosuch",
    "wckeys/?name=rk",
    "wckeys/?name=rk%2Canalysis",
    "wckeys/?user=alice",
    "wckeys/?user=alice&name=rk",
    "wckeys/?user=nosuch",
    "wckeys/?id=1",
    "wckeys/?id=1%2C2",
    "wckeys/?only_defaults",
    "wckeys/?only_defaults=true",
    "wckeys/?with_deleted",
    "wckeys/?with_deleted=yes&name=rgone",
    "wckeys/?with_usage",
    "wckeys/?with_usage&usage_start=2026-01-01&usage_end=now",
    "wckeys/?bogus=1",
    "wckeys/?format=name",
)
"""Of these some end the real daemon of 24.11, which frees conditions as if they were wckeys."""


@pytest.fixture(scope="module", autouse=True)
def rich(lab: Lab) -> Iterator[None]:
    """Wckeys of two users, a default, and one that was deleted, older than a day."""
    lab.run("sacctmgr -i add user alice,bob wckey=rk,rgone")
    changes = 'creation_time = 1700000000, is_def = wckey_name = "rk" and user = "alice"'
    which = 'wckey_name in ("rk", "rgone")'
    lab.run(f"mariadb -e 'update slurm_acct_db.lab_wckey_table set {changes} where {which}'")
    lab.run("sacctmgr -i delete user alice,bob wckey=rgone")
    yield
    lab.run(f"mariadb -e 'delete from slurm_acct_db.lab_wckey_table where {which}'")


@pytest.mark.parametrize(
    ("version", "path"),
    [
        (version, path)
        for version, release in SERVED.items()
        for path in (PATHS if release == "24.11" else PATHS + QUERIES)
    ],
)
def test_answer_is_the_real_daemons(lab: Lab, version: str, path: str) -> None:
    answers_alike(lab, version, path)


def post(*wckeys: dict[str, str]) -> Write:
    return "POST", "wckeys/", {"wckeys": list(wckeys)}


def wckey(name: str, user: str, cluster: str = "lab") -> dict[str, str]:
    return {"name": name, "cluster": cluster, "user": user}


WRITES: tuple[Write, ...] = (
    post(),
    post(wckey("tk", "alice")),
    post(wckey("tk2", "bob"), wckey("tk3", "bob"), wckey("tk3", "alice")),
    post(wckey("tk", "alice"), wckey("tk", "bob")),
    post(wckey("tk4", "nosuch")),
    post(wckey("", "bob")),
    ("POST", "wckeys/", {"wckeys": [{"name": "tk"}]}),
    ("POST", "wckeys/", {}),
    ("DELETE", "wckey/tk3", None),
    ("DELETE", "wckey/tk3", None),
    ("DELETE", "wckey/nosuch", None),
)


@pytest.mark.parametrize("version", SERVED)
def test_writes_leave_what_the_real_daemons_leave(lab: Lab, version: str) -> None:
    def stored() -> list[str]:
        return table(lab, "lab_wckey_table")

    def forget() -> None:
        ours = 'wckey_name like "tk%" or (wckey_name = "" and user = "bob")'
        lab.run(f"mariadb -e 'delete from slurm_acct_db.lab_wckey_table where {ours}'")

    misread = ("DELETE",) if SERVED[version] == "24.11" else ()
    writes_alike(lab, version, WRITES, forget=forget, stored=stored, misread=misread)

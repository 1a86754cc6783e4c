"""QOS held against the real daemons on the same database: every GET, every version, and what a
write of each value by either leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from comparison import SERVED
from database import Write, answers_alike, table, writes_alike
from laboratory import Lab

every_version = pytest.mark.parametrize("version", SERVED)

PATHS = (
    "qos/",
    "qos",
    "qos/rich",
    "qos/RICH",
    "qos/1",
    "qos/0x1",
    "qos/rich?with_deleted",
    "qos/rich?bogus=1",
    "qos/gone",
    "qos/gone?with_deleted",
    "qos/gone?with_deleted=true",
    "qos/nosuch",
)


@pytest.fixture(scope="module", autouse=True)
def rich(lab: Lab) -> Iterator[None]:
    """A QOS with all there is; one that was deleted again, and was older than a day."""
    for line in (
        "add qos rich description='rich, \"quoted\"' flags=DenyOnLimit,NoDecay,UsageFactorSafe "
        "gracetime=11 grpjobs=1 grpjobsaccrue=2 grpsubmit=3 grptres=cpu=4,mem=500,fs/disk=6 "
        "grptresmins=cpu=5 grptresrunmins=cpu=6 grpwall=7 limitfactor=1.5 maxjobspa=8 maxjobspu=9 "
        "maxjobsaccruepa=10 maxjobsaccruepu=11 maxsubmitjobspa=12 maxsubmitjobspu=13 "
        "maxtresmins=cpu=14 maxtrespa=cpu=15 maxtres=cpu=16,node=2 maxtrespernode=cpu=17 "
        "maxtrespu=cpu=18 maxtresrunminspa=cpu=19 maxtresrunminspu=cpu=20 maxwall=21 "
        "minpriothres=22 mintres=cpu=23 preempt=normal,high preemptmode=requeue "
        "preemptexempttime=24 priority=25 usagefactor=2.5 usagethreshold=0.5",
        "add qos gone description=was",
    ):
        lab.run(f"sacctmgr -i {line}")
    lab.run("mariadb -e 'update slurm_acct_db.qos_table set creation_time=1700000000'")
    lab.run("sacctmgr -i delete qos gone")
    yield
    lab.run("sacctmgr -i delete qos rich")


@pytest.mark.parametrize(
    ("version", "path"), [(version, path) for version in SERVED for path in PATHS]
)
def test_answer_is_the_real_daemons(lab: Lab, version: str, path: str) -> None:
    answers_alike(lab, version, path)


def number(value: float) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


def tres(count: int) -> list[dict[str, Any]]:
    return [{"type": "cpu", "count": count}, {"type": "mem", "count": 10 * count}]


ENDLESS = {"set": False, "infinite": True, "number": 0}

# Without a flag and a mode the real daemon takes both away.
STAYS = {"flags": ["DENY_LIMIT"]}
MODE = {"mode": ["REQUEUE"]}

LIMITS = (
    "grace_time",
    "max/active_jobs/accruing",
    "max/active_jobs/count",
    "max/jobs/count",
    "max/tres/total",
    "max/tres/minutes/total",
    "max/tres/minutes/per/qos",
    "max/wall_clock/per/qos",
    "factor",
    "max/jobs/active_jobs/per/account",
    "max/jobs/active_jobs/per/user",
    "max/accruing/per/account",
    "max/accruing/per/user",
    "max/jobs/per/account",
    "max/jobs/per/user",
    "max/tres/minutes/per/job",
    "max/tres/per/account",
    "max/tres/per/job",
    "max/tres/per/node",
    "max/tres/per/user",
    "max/tres/minutes/per/account",
    "max/tres/minutes/per/user",
    "max/wall_clock/per/job",
    "min/priority_threshold",
    "min/tres/per/job",
)


def limit(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split("/")):
        value = {key: value}
    return {"limits": value}


def limit_writes() -> Iterator[Write]:
    """Each limit set, changed and taken away."""
    for place, path in enumerate(LIMITS, 3):
        values: tuple[Any, ...] = (number(place), number(2 * place), ENDLESS)
        if path == "grace_time":
            values = (place, 2 * place, 0)
        elif "tres" in path:
            gone = [{"type": "cpu", "count": -1}]
            values = (tres(place), [{"type": "cpu", "count": 2 * place}], gone)
        for value in values:
            yield post({"name": "tq", **STAYS, "preempt": MODE, **limit(path, value)})


def post(*qos: dict[str, Any]) -> Write:
    return "POST", "qos/", {"qos": list(qos)}


WRITES: tuple[Write, ...] = (
    post(),
    post({"name": "tq"}),
    post({"name": "tq2", "description": "two 'words'", **STAYS, "preempt": MODE}),
    *limit_writes(),
    post({"name": "tq", "description": "other", **STAYS, "preempt": MODE}),
    post({"name": "tq", "flags": ["NO_DECAY", "NO_RESERVE"], "preempt": MODE}),
    post({"name": "tq", "flags": ["ADD", "RELATIVE"], "preempt": MODE}),
    post({"name": "tq", "flags": ["REMOVE", "NO_DECAY"], "preempt": MODE}),
    post({"name": "tq", "flags": [], "preempt": {"mode": ["CANCEL", "GANG"]}}),
    post({"name": "tq", "flags": [], "preempt": {"mode": ["DISABLED"]}}),
    post({"name": "tq", **STAYS, "preempt": {**MODE, "list": ["normal", 2]}}),
    post({"name": "tq", **STAYS, "preempt": {**MODE, "list": ["high"]}}),
    post({"name": "tq", **STAYS, "preempt": {**MODE, "exempt_time": number(9)}}),
    post({"name": "tq", **STAYS, "preempt": {**MODE, "exempt_time": ENDLESS}}),
    *(
        post({"name": "tq", **STAYS, "preempt": MODE, key: value})
        for key in ("priority", "usage_factor", "usage_threshold")
        for value in (number(3), number(0), ENDLESS)
    ),
    post({"name": "tq", **STAYS, "preempt": MODE, "usage_factor": number(0.25)}),
    post({"name": "tq3"}, {"name": "tq2", **STAYS, "preempt": MODE, "priority": number(7)}),
    post({"id": 7777777, "priority": number(7)}),
    post({"id": 1, "name": "tq"}),
    post({"description": "nobody"}),
    post({"name": "tq", "preempt": {"list": ["nosuch"]}}),
    post({"name": "tq", "preempt": {**MODE, "list": ["tq"]}, **STAYS}),
    ("DELETE", "qos/tq3", None),
    ("DELETE", "qos/tq3", None),
    ("DELETE", "qos/nosuch", None),
)


@every_version
def test_writes_leave_what_the_real_daemons_leave(lab: Lab, version: str) -> None:
    def stored() -> list[str]:
        return table(lab, "qos_table")

    def forget() -> None:
        lab.run("sacctmgr -i delete qos tq,tq2,tq3", check=False)

    # 24.11 cannot read what slurmdbd 26.05 says that it removed: it tells none, whatever was.
    misread = ("DELETE",) if SERVED[version] == "24.11" else ()
    writes_alike(lab, version, WRITES, forget=forget, stored=stored, misread=misread)

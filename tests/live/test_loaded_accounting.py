"""The lab's own means to fill accounting: `lab/lab history` and `lab/lab accounts`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from laboratory import Lab

JOBS = 400
USERS = 60
HALF_YEAR = "-S 2025-01-01 -E 2025-07-01"
REAL_JOBS = "/slurmdb/v0.0.45/jobs/?start_time=2025-01-01&end_time=2025-07-01"

JOB_COLUMNS = "jobid,jobname,user,account,qos,partition,state,exitcode,submit,start,end,nodelist"
STEP_COLUMNS = "jobid,state,ntasks,tresusageintot,tresusageoutmax,totalcpu"


def sacct(lab: Lab, options: str) -> list[list[str]]:
    told = lab.run(f"sacct -a -n -P {HALF_YEAR} {options}")
    return [line.split("|") for line in told.splitlines()]


@pytest.fixture(scope="module")
def history(lab: Lab) -> Iterator[None]:
    lab.run(f"/src/lab/inside/history {JOBS}")
    yield
    lab.run("/src/lab/inside/history 0")


@pytest.fixture(scope="module")
def accounts(lab: Lab) -> Iterator[None]:
    lab.run(f"/src/lab/inside/accounts {USERS}")
    yield
    lab.run("/src/lab/inside/accounts 0")


@pytest.mark.usefixtures("history")
def test_finished_jobs_of_all_kinds_are_there(lab: Lab) -> None:
    jobs = sacct(lab, f"-X -o {JOB_COLUMNS}")
    assert len(jobs) == JOBS
    ids, names, users, accounts, qos, partitions, states, _, submitted, *_ = zip(*jobs, strict=True)
    assert {"root", "alice", "bob"} == set(users)
    assert {"root", "sci", "physics", "chemistry"} == set(accounts)
    assert {"normal", "high"} == set(qos)
    assert {"debug", "real", "batch"} == set(partitions)
    assert {"wrap", "it's", "a\\b", 'say "hi"', "Größe"} <= set(names)
    assert len({time[:7] for time in submitted}) == 6
    ended = Counter(state.split()[0] for state in states)
    assert set(ended) > {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"}
    assert ended["COMPLETED"] > JOBS / 2
    assert any("_" in text for text in ids)
    assert any("+" in text for text in ids)


@pytest.mark.usefixtures("history")
def test_steps_tell_what_they_used(lab: Lab) -> None:
    steps = [step for step in sacct(lab, f"-o {STEP_COLUMNS}") if "." in step[0]]
    assert len(steps) > JOBS
    assert {step[0].partition(".")[2] for step in steps} == {"batch", "extern", "0", "1", "2"}
    for _, _, tasks, used, written, _ in steps:
        assert int(tasks) > 0
        assert {"cpu", "fs/disk", "mem", "vmem"} <= {part.split("=")[0] for part in used.split(",")}
        assert written.startswith("energy=0,fs/disk=")


@pytest.mark.usefixtures("history")
def test_the_same_jobs_are_made_again(lab: Lab) -> None:
    before = sacct(lab, f"-o {JOB_COLUMNS},submitline,tresusageinave")
    lab.run(f"/src/lab/inside/history {JOBS}")
    assert sacct(lab, f"-o {JOB_COLUMNS},submitline,tresusageinave") == before


@pytest.mark.usefixtures("history")
def test_the_real_daemon_tells_of_them(lab: Lab) -> None:
    answer = lab.get(REAL_JOBS, url=lab.reference["26.05"], user="root")
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    assert {str(job["job_id"]) for job in told["jobs"]} == {
        job[0] for job in sacct(lab, "-X -o jobidraw")
    }
    assert sum(len(job["steps"]) for job in told["jobs"]) > JOBS


def test_finished_jobs_go_again(lab: Lab) -> None:
    live = lab.run("sacct -a -n -P -X -S 2026-01-01 -o jobidraw")
    lab.run("/src/lab/inside/history 20")
    assert len(sacct(lab, "-X")) == 20
    lab.run("/src/lab/inside/history 0")
    assert sacct(lab, "") == []
    assert lab.run("sacct -a -n -P -X -S 2026-01-01 -o jobidraw") == live
    assert "physics" not in lab.run("sacctmgr -n -P show account format=account")


@pytest.mark.usefixtures("accounts")
def test_users_are_there_in_a_tree_of_accounts(lab: Lab) -> None:
    told = lab.run("sacctmgr -n -P show association format=account,user,parentname,maxjobs,qos")
    rows = [line.split("|") for line in told.splitlines()]
    members = [row for row in rows if row[1].startswith("member")]
    parents = {account: parent for account, user, parent, *_ in rows if not user}
    assert {row[1] for row in members} == {f"member{number:05d}" for number in range(1, USERS + 1)}
    assert len(members) > USERS
    for account, _, _, most, qos in members:
        assert parents[parents[account]] == "university"
        assert most == "" or 10 <= int(most) <= 500
        assert set(qos.split(",")) <= {"normal", "high"}
    assert any(row[3] for row in members)


def test_users_and_accounts_go_again(lab: Lab) -> None:
    def everybody() -> str:
        return lab.run("sacctmgr -n -P show association") + lab.run("sacctmgr -n -P show user")

    lab.run("/src/lab/inside/accounts 0")
    before = everybody()
    lab.run("/src/lab/inside/accounts 30")
    assert everybody() != before
    lab.run("/src/lab/inside/accounts 0")
    assert everybody() == before

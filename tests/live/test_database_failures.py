"""slurmdbd or its database gone, stuck or slow: told soon or at the deadline, and no harm to
whoever asks the controller."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from laboratory import Answer, Lab
from rest_daemon import Daemon, StartDaemon

from pyslurmrestd.plugins.data_parser.versions import VERSIONS

USERS = "/slurmdb/v0.0.45/users/"
ACCOUNTS = "/slurmdb/v0.0.45/accounts/"
ASSOCIATIONS = "/slurmdb/v0.0.45/associations/"
PING = "/slurm/v0.0.45/ping/"
CONTROLLER = (PING, "/slurm/v0.0.45/jobs/", "/slurm/v0.0.45/partitions/", "/slurm/v0.0.45/node/c1")

TIMEOUT = "3"


def told(answer: Answer) -> tuple[int, int]:
    """The status, and the first error's number."""
    errors = answer.json()["errors"]
    return answer.status, errors[0]["error_number"] if errors else 0


@contextmanager
def asked(lab: Lab, daemon: Daemon, count: int) -> Iterator[list[Future[Answer]]]:
    """Many requests of slurmdbd at once; they have ended when this does."""
    lab.token("alice")
    with ThreadPoolExecutor(count) as threads:
        yield [threads.submit(lab.get, USERS, url=daemon.url) for _ in range(count)]


@contextmanager
def locked(table: str) -> Iterator[None]:
    """While nobody else can read a table of the database."""
    with subprocess.Popen(
        ["mariadb", "--unbuffered", "--skip-column-names", "slurm_acct_db"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(f"lock tables {table} write; select 'locked';\n")
        client.stdin.flush()
        assert client.stdout.readline() == "locked\n"
        yield
        client.stdin.close()


@pytest.mark.parametrize("service", ["slurmdbd", "mariadb"])
def test_a_database_that_is_gone_is_told_and_found_again(
    lab: Lab, start_daemon: StartDaemon, service: str
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="2")
    paths = [
        f"/slurmdb/{version}/{path}"
        for version in VERSIONS
        for path in ("users/", "user/alice", "accounts/", "associations/")
    ]
    before = {path: lab.get(path, url=daemon.url).json() for path in paths}
    with lab.stopped(service):
        assert {told(lab.get(path, url=daemon.url)) for path in paths} == {(502, 7000)}
        body = {"accounts": [{"name": "dbf", "description": "x", "organization": "y"}]}
        answer = lab.ask("POST", ACCOUNTS, url=daemon.url, user="root", body=body)
        assert told(answer) == (502, 7000)
        assert [lab.get(path, url=daemon.url).status for path in CONTROLLER] == [200] * 4
    for path in paths:
        after = lab.get(path, url=daemon.url)
        assert after.status == 200
        assert {**after.json(), "meta": None} == {**before[path], "meta": None}


@pytest.mark.parametrize("service", ["slurmdbd", "mariadb"])
def test_a_restart_at_rest_costs_no_read(lab: Lab, start_daemon: StartDaemon, service: str) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    with asked(lab, daemon, 8):
        pass  # several connections are kept
    with lab.stopped(service):
        pass
    with asked(lab, daemon, 8) as futures:
        assert [future.result().status for future in futures] == [200] * 8


def test_a_stuck_slurmdbd_keeps_nobody_from_the_controller(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="2")
    assert lab.get(USERS, url=daemon.url).status == 200
    workers = daemon.workers()
    with asked(lab, daemon, 50) as futures, lab.frozen("slurmdbd"):
        for _ in range(30):
            answers = [lab.get(path, url=daemon.url) for path in CONTROLLER]
            assert [answer.status for answer in answers] == [200] * 4
        assert sum(not future.done() for future in futures) >= 4  # half of the lanes
    # Who waited for ten seconds is told to come again.
    assert {future.result().status for future in futures} <= {200, 503}
    assert [future.result().status for future in futures].count(200) >= 4
    assert daemon.workers() == workers


def test_a_stuck_slurmdbd_is_told_at_the_deadline_and_costs_no_worker(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT=TIMEOUT, PYSLURMRESTD_WORKERS="2")
    assert lab.get(USERS, url=daemon.url).status == 200
    workers = daemon.workers()
    with lab.frozen("slurmdbd"):
        # Of a connection that is kept, and of one that has to be opened.
        with asked(lab, daemon, 4) as futures:
            assert [told(future.result()) for future in futures] == [(504, 5004)] * 4
        assert lab.get(PING, url=daemon.url).status == 200
    assert lab.get(USERS, url=daemon.url).status == 200
    assert daemon.workers() == workers


def test_a_slow_query_ends_at_the_deadline_and_costs_no_worker(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT=TIMEOUT, PYSLURMRESTD_WORKERS="2")
    assert lab.get(USERS, url=daemon.url).status == 200
    workers = daemon.workers()
    with locked("user_table"):
        with asked(lab, daemon, 3) as futures:  # of four lanes for slurmdbd
            assert lab.get(ASSOCIATIONS, url=daemon.url).status == 200
            assert not any(future.done() for future in futures)
            assert [told(future.result()) for future in futures] == [(504, 5004)] * 3
        assert lab.get(ASSOCIATIONS, url=daemon.url).status == 200
    assert lab.get(USERS, url=daemon.url).status == 200
    assert daemon.workers() == workers


def test_a_database_that_is_lost_within_a_query_is_told_by_slurms_number(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    """MariaDB has numbers of its own, which mean other things in Slurm; slurmdbd passes them on."""
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    shown = "select id from information_schema.processlist where user='slurm'"
    with locked("user_table"), asked(lab, daemon, 1) as (future,):
        waiting = f"{shown} and info like '%user_table%'"
        lab.wait_for(lambda: lab.run(f'mariadb -Ne "{waiting}"'))
        for number in lab.run(f'mariadb -Ne "{waiting}"').split():
            lab.run(f'mariadb -e "kill {number}"')
        assert told(future.result()) == (502, 7000)
    lab.wait_for(lambda: lab.get(USERS, url=daemon.url).status == 200)


def test_a_write_that_is_not_done_by_the_deadline_is_not_done_later(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT=TIMEOUT, PYSLURMRESTD_WORKERS="1")
    names = ("dbf1", "dbf2")
    accounts = [{"name": name, "description": "x", "organization": "y"} for name in names]
    with locked("acct_coord_table"):
        body = {"accounts": [accounts[0], {**accounts[1], "coordinators": [{"name": "alice"}]}]}
        answer = lab.ask("POST", ACCOUNTS, url=daemon.url, user="root", body=body)
        assert told(answer) == (504, 5004)
    lab.wait_for(lambda: lab.get(ACCOUNTS, url=daemon.url, user="root").json()["accounts"], 20)
    found = {entry["name"] for entry in lab.get(ACCOUNTS, user="root").json()["accounts"]}
    assert not found & set(names)


def test_what_the_controller_is_asked_does_not_wait_for_names(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    """The answer to a reservation that is made tells TRES by name, which slurmdbd knows."""
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    body = {
        "name": "dbf",
        "start_time": {"set": True, "number": 4000000000},
        "duration": {"set": True, "number": 60},
        "users": ["alice"],
        "tres": [{"type": "node", "count": 1}],
    }

    def reserve() -> tuple[int, list[str]]:
        path = "/slurm/v0.0.45/reservation"
        answer = lab.ask("POST", path, url=daemon.url, user="root", body=body)
        return answer.status, [entry["description"] for entry in answer.json()["warnings"]]

    try:
        assert reserve() == (200, [])
        with lab.frozen("slurmdbd"):
            answers = [reserve() for _ in range(5)]
        assert [status for status, _ in answers] == [200] * 5
        first, *others = (told[0] for _, told in answers)
        assert first == "Unable to load TRES: Socket timed out on send/recv operation"
        # Those after the first have not even asked.
        assert others == ["Unable to load TRES: slurmdbd does not answer"] * 4
    finally:
        lab.delete_reservations("dbf")

"""What fails for real: a controller that is gone or stuck, workers killed or stopped, a bad
configuration, thousands of idle connections."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from job_bodies import SCRIPT, description
from laboratory import Answer, Lab
from rest_daemon import Daemon, StartDaemon
from submissions import UNKNOWN

from pyslurmrestd.plugins.data_parser.versions import VERSIONS

READS = ("jobs/", "jobs/state", "job/1", "nodes/", "node/c1", "partitions/", "partition/debug")
JOBS = "/slurm/v0.0.45/jobs/"
PING = "/slurm/v0.0.45/ping/"
SUBMISSION = {"script": SCRIPT, "job": description(name="failures")}

ALL_ASKED = {"PYSLURMRESTD_CACHE": "0"}
"""Each request is a worker's: no answer is kept, or shared by equal requests."""


@pytest.fixture(scope="module", autouse=True)
def no_job_is_left(lab: Lab) -> Iterator[None]:
    yield
    lab.run("scancel --user=alice --name=failures", check=False)


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[tuple[Answer, float]]:
    """The answers, and the seconds each took, of requests sent at the same time."""

    def timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
        begun = time.monotonic()
        return call(), time.monotonic() - begun

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(timed, calls))


def test_a_controller_that_is_gone_is_told_soon_and_found_again(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", "-t", "30", PYSLURMRESTD_WORKERS="2")
    lab.token("alice")

    def ask(method: str, path: str, body: Any = None) -> Callable[[], Answer]:
        return lambda: lab.ask(method, path, url=daemon.url, body=body)

    paths = [f"/slurm/{version}/{path}" for version in VERSIONS for path in READS]
    submissions = [f"/slurm/{version}/job/submit" for version in VERSIONS]
    calls = [ask("GET", path) for path in paths]
    calls += [ask("POST", path, SUBMISSION) for path in submissions]
    calls += [ask("POST", "/slurm/v0.0.45/job/1", {"comment": "x"})]
    calls += [ask("DELETE", "/slurm/v0.0.45/job/1")]
    with lab.stopped("slurmctld"):
        pings = at_once([ask("GET", f"/slurm/{version}/ping/") for version in VERSIONS])
        answers = at_once(calls)
    for answer, seconds in pings:
        (ping,) = answer.json()["pings"]
        assert answer.status == 200
        assert ping.get("pinged", "DOWN") == "DOWN"
        assert ping.get("responding", False) is False
        assert seconds < 3
    for answer, seconds in answers:
        told = answer.json()
        assert (answer.status, told["errors"][0]["error_number"]) == (502, 1800), told
        assert told["errors"][0]["error"] == (
            "Unable to contact slurm controller (connect failure)"
        )
        assert UNKNOWN not in told["errors"][0]["description"]  # nobody was asked
        assert answer.headers["Connection"] == "Close"
        assert seconds < 15  # Slurm tries again for MessageTimeout, ten seconds
    for path in paths:
        assert lab.get(path, url=daemon.url).status in (200, 404)  # job 1 may be long gone
    answer = lab.ask("POST", submissions[-1], url=daemon.url, body=SUBMISSION)
    assert (answer.status, answer.json()["errors"]) == (200, [])


def test_a_controller_that_is_stuck_costs_its_requests_alone(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT="2", PYSLURMRESTD_WORKERS="1")
    before = daemon.workers()
    with lab.frozen("slurmctld"):
        ((answer, seconds),) = at_once([lambda: lab.get(JOBS, url=daemon.url)])
        page = lab.get("/openapi/v3", url=daemon.url)
    assert (answer.status, answer.json()["errors"][0]["error_number"]) == (504, 5004)
    assert 1.5 < seconds < 5
    assert page.status == 200
    lab.wait_for(lambda: lab.get(JOBS, url=daemon.url).status == 200, 20)
    assert daemon.workers() != before


@contextmanager
def in_flight(lab: Lab, daemon: Daemon, count: int) -> Iterator[list[Future[Answer]]]:
    """Requests that wait for a controller which does not answer meanwhile."""
    lab.token("alice")
    with ThreadPoolExecutor(count) as threads, lab.frozen("slurmctld"):
        futures = [threads.submit(lab.get, JOBS, url=daemon.url) for _ in range(count)]
        time.sleep(0.5)
        yield futures


def test_a_killed_worker_costs_its_own_requests(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", "-t", "2", PYSLURMRESTD_WORKERS="2", **ALL_ASKED)
    lab.wait_for(lambda: len(daemon.serving()) == 2)
    killed, other = daemon.workers()
    with in_flight(lab, daemon, 4) as futures:
        assert not any(future.done() for future in futures)
        os.kill(killed, signal.SIGKILL)
        lab.wait_for(lambda: sum(future.done() for future in futures) == 2, 5)
        lost = [future.result() for future in futures if future.done()]
    answers = [future.result() for future in futures]
    assert sorted(answer.status for answer in answers) == [200, 200, 502, 502]
    for answer in lost:
        told = answer.json()
        assert answer.status == 502
        assert list(told) == ["errors", "warnings", "meta"]
        assert told["errors"][0]["description"]
        assert told["meta"]["client"]["user"] == "alice"
        assert answer.headers["Content-Type"] == "application/json"
    lab.wait_for(lambda: len(daemon.serving()) == 2)
    assert other in daemon.workers()
    assert killed not in daemon.workers()
    assert [lab.get(JOBS, url=daemon.url).status for _ in range(8)] == [200] * 8


def test_all_workers_killed_at_rest_are_replaced(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="2")
    lab.wait_for(lambda: len(daemon.serving()) == 2)
    before = daemon.workers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    # A request may meet a worker whose death is not noticed yet, the next may not.
    statuses = [lab.get(JOBS, url=daemon.url).status for _ in range(6)]
    assert set(statuses[2:]) == {200}, statuses
    assert set(statuses) <= {200, 502}
    assert not set(before) & set(daemon.workers())


def test_a_stopped_worker_is_given_up_and_replaced(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT="1.5", PYSLURMRESTD_WORKERS="1")
    (pid,) = daemon.workers()
    os.kill(pid, signal.SIGSTOP)
    headers = {"Accept": "application/yaml"}
    ((json_answer, first), (yaml_answer, second)) = at_once(
        [
            lambda: lab.get(JOBS, url=daemon.url),
            lambda: lab.get(JOBS, url=daemon.url, headers=headers),
        ]
    )
    assert (json_answer.status, yaml_answer.status) == (504, 504)
    assert 1 < first < 5
    assert 1 < second < 5
    assert json_answer.json()["errors"][0]["error_number"] == 5004
    assert yaml_answer.headers["Content-Type"] == "application/yaml"
    assert yaml_answer.body.startswith(b"%YAML 1.1\n--- !!map\n!!str errors: !!seq\n")
    assert lab.get(JOBS, url=daemon.url).status == 200
    lab.wait_for(lambda: not Path(f"/proc/{pid}").exists())
    assert pid not in daemon.workers()


def read_after_kill(lab: Lab, daemon: Daemon, count: int, first: int) -> tuple[bytes, bool]:
    """What comes of several long answers that nobody reads, when the worker is killed, and whether
    the connection was reset: the system then drops what was not read yet.

    :param first: bytes to read before it is killed.
    """
    (pid,) = daemon.workers()
    token = f"X-SLURM-USER-TOKEN: {lab.token('alice')}"
    request = f"GET /slurm/v0.0.45/nodes/ HTTP/1.1\r\nHost: x\r\n{token}\r\n"
    received, reset = b"", False
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", daemon.port))
        last = f"{request}Connection: close\r\n\r\n"
        connection.sendall(f"{request}\r\n".encode() * (count - 1) + last.encode())
        while len(received) < first:
            data = connection.recv(1 << 16)
            assert data, (received[:300], received[-300:], daemon.lines)
            received += data
        time.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        try:
            while data := connection.recv(1 << 20):
                received += data
        except ConnectionResetError:
            reset = True
    lab.wait_for(lambda: daemon.workers() not in ([pid], []))
    return received, reset


def test_an_answer_whose_worker_is_killed_never_looks_whole(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1", **ALL_ASKED)
    cut = 0
    # How much the system keeps for a client that does not read is not known: some of these kill
    # the worker in the middle of an answer, others when the last byte is on its way.
    for first in range(1, 2_500_000, 400_000):
        received, reset = read_after_kill(lab, daemon, 4, first)
        heads = received.count(b"HTTP/1.1 200 OK\r\n")
        ends = received.count(b"\n}\r\n0\r\n\r\n")
        if heads == ends:
            # All are whole; or the next request was with the worker, and is told so; or its answer
            # was cut before any of it was read.
            assert heads == 4 or reset or b"\r\nHTTP/1.1 502 BAD GATEWAY\r\n" in received
        else:
            assert heads == ends + 1
            assert not received.endswith(b"0\r\n\r\n")
            cut += 1
    assert cut
    assert lab.get(PING, url=daemon.url).status == 200


def test_a_daemon_that_is_told_to_end_answers_what_it_has_taken(
    lab: Lab, start_daemon: StartDaemon, run_dir: Path
) -> None:
    path = run_dir / "rest.sock"
    daemon = start_daemon("127.0.0.1:0", f"unix:{path}", count=2)
    with in_flight(lab, daemon, 3) as futures:
        daemon.process.send_signal(signal.SIGTERM)
        lab.wait_for(lambda: not path.exists(), 5)
        assert daemon.process.poll() is None
        assert not any(future.done() for future in futures)
    assert [future.result().status for future in futures] == [200] * 3
    assert daemon.process.wait(10) == 0


def test_a_bad_configuration_leaves_the_old_workers(
    lab: Lab, start_daemon: StartDaemon, conf: Path
) -> None:
    daemon = start_daemon("-f", str(conf), "127.0.0.1:0", PYSLURMRESTD_WORKERS="2")
    lab.wait_for(lambda: len(daemon.serving()) == 2)
    before, good = sorted(daemon.workers()), conf.read_text()
    for bad in (good + "NoSuchOption=1\n", good.replace("ClusterName", "ClusterNam"), "\0\xff"):
        conf.write_text(bad)
        mark = len(daemon.lines)
        daemon.process.send_signal(signal.SIGHUP)
        lab.wait_for(
            lambda mark=mark: any("the workers stay" in line for line in daemon.lines[mark:])
        )
        assert sorted(daemon.workers()) == before
        assert lab.get(JOBS, url=daemon.url).status == 200
    conf.unlink()
    mark = len(daemon.lines)
    daemon.process.send_signal(signal.SIGHUP)
    lab.wait_for(lambda: any("the workers stay" in line for line in daemon.lines[mark:]))
    assert lab.get(JOBS, url=daemon.url).status == 200
    conf.write_text(good)
    daemon.process.send_signal(signal.SIGHUP)
    lab.wait_for(lambda: len(daemon.serving()) == 2 and not set(before) & set(daemon.workers()))
    assert lab.get(JOBS, url=daemon.url).status == 200


def test_a_bad_configuration_at_the_start_ends_it_with_its_reason(lab: Lab, conf: Path) -> None:
    conf.write_text(conf.read_text() + "NoSuchOption=1\n")
    command = f"pyslurmrestd -f {conf} 127.0.0.1:0 2>&1; echo status $?"
    told = lab.run(command, user="restd")
    assert told.strip().endswith("status 1")
    assert "NoSuchOption" in told
    assert "listening" not in told


def test_thousands_of_idle_connections_keep_nobody_out(lab: Lab, start_daemon: StartDaemon) -> None:
    count = 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    daemon = start_daemon("127.0.0.1:0")
    idle: list[socket.socket] = []
    try:
        for place in range(count):
            connection = socket.create_connection(("127.0.0.1", daemon.port))
            if place % 2:
                connection.sendall(b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r\n")
            idle.append(connection)
        begun = time.monotonic()
        answers = [lab.get(PING, url=daemon.url).status for _ in range(20)]
        assert answers == [200] * 20
        assert time.monotonic() - begun < 5
        # They are no less served when they ask at last.
        idle[1].sendall(f"X-SLURM-USER-TOKEN: {lab.token('alice')}\r\n\r\n".encode())
        assert idle[1].recv(15) == b"HTTP/1.1 200 OK"
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    lab.wait_for(lambda: len(os.listdir(f"/proc/{daemon.process.pid}/fd")) < 100, 10)


def test_a_flood_beyond_the_limit_is_served_in_the_end(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", "--max-connections", "20")
    lab.token("alice")
    answers = at_once([lambda: lab.get(PING, url=daemon.url)] * 100)
    assert [answer.status for answer, _ in answers] == [200] * 100


def test_requests_beyond_the_queue_are_told_to_come_again(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("127.0.0.1:0", "-t", "1", PYSLURMRESTD_WORKERS="1", **ALL_ASKED)
    with in_flight(lab, daemon, 2) as futures:
        # One has the only lane; the other gives up waiting for it.
        lab.wait_for(lambda: any(future.done() for future in futures), 15)
        (told,) = [future.result() for future in futures if future.done()]
    assert (told.status, told.headers["Retry-After"].isdigit()) == (503, True)
    assert json.loads(told.body)["errors"][0]["description"]
    assert sorted(future.result().status for future in futures) == [200, 503]


def test_a_client_that_goes_away_costs_nothing(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    workers = daemon.workers()
    token = f"X-SLURM-USER-TOKEN: {lab.token('alice')}"
    request = f"GET /slurm/v0.0.45/nodes/ HTTP/1.1\r\nHost: x\r\n{token}\r\n\r\n"

    def vanish() -> None:
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", daemon.port)) as connection:
                connection.sendall(request.encode())
                assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")

    threads = [threading.Thread(target=vanish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lab.get(JOBS, url=daemon.url).status == 200
    assert daemon.workers() == workers


def test_answering_takes_no_more_and_more_memory(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", "-t", "1", PYSLURMRESTD_WORKERS="1")
    (worker,) = daemon.workers()
    refused = {"script": SCRIPT * 1000, "job": description(partition="nowhere")}
    yaml = {"Accept": "application/yaml"}
    version = "/slurm/v0.0.45"

    def resident(pid: int) -> int:
        """In KiB."""
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def turns(count: int) -> tuple[int, int]:
        for _ in range(count):
            for path in ("nodes/", "node/c1", "partitions/", "jobs/state", "job/1", "ping/"):
                lab.get(f"{version}/{path}", url=daemon.url)
            lab.get(f"{version}/nodes/", url=daemon.url, headers=yaml)
            lab.ask("POST", f"{version}/job/submit", url=daemon.url, body=refused)
            hets = {"jobs": [refused["job"]] * 3, "script": SCRIPT}
            lab.ask("POST", f"{version}/job/submit", url=daemon.url, body=hets)
            lab.ask("POST", f"{version}/job/4000000", url=daemon.url, body={"comment": "x" * 1000})
            lab.ask("DELETE", f"{version}/job/4000000", url=daemon.url)
            lab.get(f"{version}/jobs/?flags=NOPE", url=daemon.url)
        return resident(worker), resident(daemon.process.pid)

    before = turns(15)
    after = turns(60)
    # One turn moves some 15 MB; a leak of a hundredth of it would show.
    assert after[0] - before[0] < 8192, (before, after)
    assert after[1] - before[1] < 8192, (before, after)


def test_memory_of_large_bodies_goes_back(start_daemon: StartDaemon, lab: Lab) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    (worker,) = daemon.serving()

    def resident() -> int:
        return int(Path(f"/proc/{worker}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def submit(text: str) -> int:
        body = {"unknown": text}
        return lab.ask("POST", "/slurm/v0.0.45/job/submit", url=daemon.url, body=body).status

    assert submit("small") == 422
    before = resident()
    with ThreadPoolExecutor(4) as senders:
        assert set(senders.map(submit, ["x" * (40 << 20)] * 4)) == {422}
    lab.wait_for(lambda: resident() - before < 30 << 20)

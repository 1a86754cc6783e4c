"""Lists that are asked for again and again: never stale, never another caller's."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import Any

import pytest
from laboratory import Answer, Lab
from rest_daemon import Daemon, daemons

from pyslurmrestd.application.encoding import OFFERED

V = "/slurm/v0.0.45"
JOBS = f"{V}/jobs/"
READERS = {
    "gzip": gzip.decompress,
    "zstd": lambda data: import_module("compression.zstd").decompress(data),
}
LISTS = ("jobs/", "nodes/", "partitions/", "reservations/", "partition/debug")


class Keeping:
    """A daemon that keeps answers, and how many it has served again; one beside it keeps none."""

    def __init__(self, lab: Lab, daemon: Daemon, port: int, other: Daemon) -> None:
        self.lab = lab
        self.daemon = daemon
        self.other = other
        self._metrics = f"http://127.0.0.1:{port}"

    def get(self, path: str, user: str = "alice", **how: Any) -> Answer:
        return self.lab.get(path, user=user, url=self.daemon.url, **how)

    def served(self) -> int:
        told = self.lab.get("/metrics", url=self._metrics).body.decode().splitlines()
        return int(float(told_of(told, "pyslurmrestd_answers_repeated_total")))

    def fresh(self, path: str, user: str = "alice", **how: Any) -> Answer:
        return self.lab.get(path, user=user, url=self.other.url, **how)

    def repeated(self, path: str, user: str = "alice", **how: Any) -> Answer:
        """An answer that was served again."""

        def again() -> Answer | None:
            before = self.served()
            answer = self.get(path, user, **how)
            return answer if self.served() > before else None

        return self.lab.wait_for(again)


def told_of(lines: list[str], name: str) -> str:
    (line,) = (line for line in lines if line.startswith(name + " "))
    return line.split()[1]


@pytest.fixture(scope="module")
def keeping(lab: Lab) -> Iterator[Keeping]:
    port = Lab.free_port()
    with daemons() as start:
        daemon = start("127.0.0.1:0", "--metrics", f"127.0.0.1:{port}")
        yield Keeping(lab, daemon, port, start("127.0.0.1:0", PYSLURMRESTD_CACHE="0"))


@pytest.fixture
def held_job(lab: Lab) -> Iterator[int]:
    job = lab.submit("--hold --wrap true")
    yield job
    lab.cancel(job)


def jobs(answer: Answer) -> dict[int, Any]:
    assert answer.status == 200
    return {job["job_id"]: job for job in answer.json()["jobs"]}


@pytest.mark.parametrize("media", ["application/json", "application/yaml"])
@pytest.mark.parametrize("name", LISTS)
def test_an_answer_that_is_served_again_is_the_same(
    keeping: Keeping, held_job: int, name: str, media: str
) -> None:
    path = f"{V}/{name}"
    headers = {"Accept": media}
    kept = keeping.repeated(path, headers=headers)
    fresh = keeping.fresh(path, headers=headers)
    assert kept.headers.get("ETag")
    source = re.compile(rb"127\.0\.0\.1:[0-9]+\(fd:[0-9]+\)")
    assert source.search(kept.body)
    now = re.compile(rb"last_update.{,120}?[0-9]{10}", re.DOTALL)
    assert now.search(kept.body)
    told = [now.sub(b"", source.sub(b"", answer.body)) for answer in (kept, fresh)]
    assert told[0] == told[1]


@contextmanager
def listing(keeping: Keeping, clients: int) -> Iterator[None]:
    """While so many clients of the user list jobs all the time."""
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            assert keeping.get(JOBS).status == 200

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(ask) for _ in range(clients)]
        try:
            yield
        finally:
            done.set()
        for each in asking:
            each.result()


@pytest.mark.parametrize("others", [0, 4])
def test_what_a_user_does_is_seen_at_once(lab: Lab, keeping: Keeping, others: int) -> None:
    keeping.repeated(JOBS)
    made: list[int] = []
    try:
        with listing(keeping, others) if others else nullcontext():
            for _ in range(5):
                made.append(lab.submit("--hold --wrap true"))
                assert made[-1] in jobs(keeping.get(JOBS))
                lab.run(f"scontrol update jobid={made[-1]} comment=again")
                assert jobs(keeping.get(JOBS))[made[-1]]["comment"] == "again"
    finally:
        lab.cancel(*made)
    told = jobs(keeping.get(JOBS))
    assert {told[job]["job_state"][0] for job in made} == {"CANCELLED"}


def test_a_partition_s_limit_is_that_of_its_jobs(lab: Lab, keeping: Keeping) -> None:
    lab.run("scontrol create partitionname=kept_p nodes=c2 maxtime=100")
    job = 0
    try:
        job = lab.submit("--hold -p kept_p --wrap true")
        assert jobs(keeping.repeated(JOBS))[job]["time_limit"]["number"] == 100
        lab.run("scontrol update partitionname=kept_p maxtime=50")
        assert jobs(keeping.get(JOBS))[job]["time_limit"]["number"] == 50
    finally:
        lab.cancel(job)
        lab.delete_partitions("kept_p")


def test_a_job_that_may_begin_by_now_is_told_so(lab: Lab, keeping: Keeping, held_job: int) -> None:
    job = lab.submit("--hold --begin=now+4 --wrap true")
    try:
        begin = jobs(keeping.get(JOBS))[job]["start_time"]["number"]
        assert begin
        keeping.repeated(JOBS)
        lab.wait_for(lambda: jobs(keeping.fresh(JOBS))[job]["start_time"]["number"] != begin)
        assert jobs(keeping.get(JOBS))[job]["start_time"]["number"] != begin
    finally:
        lab.cancel(job)


def test_private_data_stays_private(lab: Lab, keeping: Keeping) -> None:
    with lab.configured("PrivateData=jobs"):
        mine, yours = (lab.submit("--hold --wrap true", user=user) for user in ("alice", "bob"))
        try:
            for _ in range(2):
                for user, seen, hidden in (("alice", mine, yours), ("bob", yours, mine)):
                    told = jobs(keeping.repeated(JOBS, user))
                    assert seen in told
                    assert hidden not in told
            both = jobs(keeping.repeated(JOBS, "root"))
            assert {mine, yours} <= both.keys()
        finally:
            lab.cancel(mine, yours)


def test_what_has_become_private_is_served_to_nobody_else(lab: Lab, keeping: Keeping) -> None:
    path = f"{V}/nodes/"
    keeping.repeated(path)
    with lab.configured("PrivateData=nodes"):
        answer = keeping.get(path)
        assert answer.status != 200
        assert not answer.json()["nodes"]
    assert keeping.get(path).json()["nodes"]


def test_a_token_that_slurm_takes_no_longer_gets_nothing(lab: Lab, keeping: Keeping) -> None:
    token = lab.run("scontrol token username=alice lifespan=6").strip().partition("=")[2]
    headers = {"X-SLURM-USER-TOKEN": token}
    path = f"{V}/partitions/"

    def ended() -> bool:
        answer = keeping.get(path, headers=headers)
        assert answer.status in (200, 511)
        return answer.status == 511

    before = keeping.served()
    lab.wait_for(ended)
    assert keeping.served() > before
    forged = {"X-SLURM-USER-TOKEN": lab.token("alice")[:-8] + "AAAAAAAA"}
    keeping.repeated(path)
    assert keeping.get(path, headers=forged).status == 511


def test_a_socket_s_clients_are_named_too(lab: Lab, keeping: Keeping) -> None:
    # The name of a socket has slashes, which JSON writes in another way.
    with daemons() as start:
        socket = "/tmp/kept.sock"
        daemon = start("127.0.0.1:0", f"unix:{socket}", count=2)
        told = [
            json.loads(daemon.get(f"{V}/partitions/", lab.token("alice"), unix=socket)[1])
            for _ in range(4)
        ]
    for answer in told:
        assert answer["meta"]["client"]["source"].startswith(f"unix:{socket}(fd:")


@pytest.mark.parametrize("coding", OFFERED)
def test_a_compressed_list_says_what_the_plain_one_says(keeping: Keeping, coding: str) -> None:
    path = f"{V}/nodes/"
    headers = {"Accept-Encoding": coding}
    kept = keeping.repeated(path, headers=headers)
    fresh, plain = (keeping.fresh(path, headers=more) for more in (headers, {}))
    told = []
    for answer in (kept, fresh):
        assert answer.headers["Content-Encoding"] == coding
        assert len(answer.body) < len(plain.body) / 10
        told.append(json.loads(READERS[coding](answer.body)))
    assert "Content-Encoding" not in plain.headers
    for answer in (*told, now := plain.json()):
        del answer["last_update"], answer["meta"]["client"]["source"]
    assert told == [now, now]

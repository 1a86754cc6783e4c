"""Exchanges with real workers: answers, failures, and what each costs whom."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from behaviours import BLOCK_SIZE, PEER, request

from pyslurmrestd.application.protocol import Answer, Hello, Request
from pyslurmrestd.auth.credential import Credential
from pyslurmrestd.log import DEBUG, ERROR, WARNING, log
from pyslurmrestd.record import replace
from pyslurmrestd.worker.exchange import LongAnswer
from pyslurmrestd.worker.failures import (
    AnswerCut,
    DeadlinePassed,
    HandlerFailed,
    PoolBusy,
    WorkerLost,
)
from pyslurmrestd.worker.pool import Pool, RecycleFailed, StartFailed

StartPool = Callable[..., Awaitable[Pool]]
MakePool = Callable[..., Pool]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Whatever is logged at any level."""
    lines: list[tuple[int, str]] = []

    def take(number: int, text: str, *values: object) -> None:
        lines.append((number, text % values))

    monkeypatch.setattr(log, "log", take)
    return lines


async def body_of(pool: Pool, operation: str, **more: object) -> bytes:
    answer = await pool.exchange(request(operation, **more))  # type: ignore[arg-type]
    assert answer.body is not None
    return answer.body


async def read(answer: Answer) -> bytes:
    assert isinstance(answer, LongAnswer)
    try:
        return b"".join([bytes(block) async for block in answer])
    finally:
        answer.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


def state(pid: int) -> str:
    """R: it runs, S: it sleeps, T: it is stopped, Z: it is a zombie; empty: there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def running(pid: int) -> bool:
    return state(pid) not in ("", "Z")


async def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    await until(lambda: state(pid) == "T")


async def test_short_answer_is_whole(start_pool: StartPool) -> None:
    pool = await start_pool()
    answer = await pool.exchange(request("ping"))
    assert (answer.head.status, answer.head.content_type, answer.body) == (
        200,
        "application/json",
        b'{"pong": true}',
    )


async def test_answer_without_a_body(start_pool: StartPool) -> None:
    pool = await start_pool()
    answer = await pool.exchange(request("empty"))
    assert (answer.head.status, answer.head.content_type, answer.body) == (304, None, b"")


async def test_short_answer_in_several_blocks_of_the_same_memory(start_pool: StartPool) -> None:
    assert await body_of(await start_pool(), "pieces") == b"aaabbbccc"


async def test_worker_gets_the_request_as_it_was(start_pool: StartPool) -> None:
    pool = await start_pool(deadline=7.5)
    sent = Request(
        "echo",
        {"job_id": "1_2", "name": "ä/€"},
        "a=b&c=%2C",
        "application/json; charset=utf-8",
        "application/yaml",
        b'{"a": 1}\0\xff',
        Credential("token", "not utf-8: \udce4", None, None),
        PEER,
    )
    got = (await pool.exchange(sent)).body
    received = replace(sent, timeout=7.5)
    assert got == repr((received, sent.body)).encode()


@pytest.mark.parametrize("size", [0, 1, 65_000, 65_536, 70_000, 3_000_000, 50 << 20])
async def test_bodies_of_all_sizes_go_there_and_back(start_pool: StartPool, size: int) -> None:
    pool = await start_pool(threads=1)
    body = os.urandom(1 << 16) * (size >> 16) + os.urandom(size & 0xFFFF)
    for _ in range(2):
        assert await body_of(pool, "body", body=body) == body


async def test_long_answer_comes_in_blocks(start_pool: StartPool) -> None:
    pool = await start_pool()
    answer = await pool.exchange(request("stream 40"))
    assert answer.body is None
    expected = b"".join(number.to_bytes(4, "big") * (BLOCK_SIZE // 4) for number in range(40))
    assert await read(answer) == expected


async def test_blocks_of_odd_sizes(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    for _ in range(3):
        answer = await pool.exchange(request("odd_blocks 700"))
        assert await read(answer) == b"".join(bytes([n % 256]) * n for n in range(700))


async def test_what_a_worker_prints_is_logged_and_holds_nobody(
    start_pool: StartPool, logged: list[tuple[int, str]]
) -> None:
    pool = await start_pool()
    assert await body_of(pool, "print 500") == b"printed"  # more than a pipe holds
    await pool.stop(0)
    told = [
        (number, text.split(": ", 1)[1])
        for number, text in logged
        if text.startswith("worker ") and " ended: " not in text
    ]
    assert told == [
        *((ERROR, f"error: {number} " + "x" * 1000) for number in range(500)),
        (DEBUG, r"debug: from libslurm \xff"),
        (WARNING, "y" * 4096),
        (WARNING, "y" * 4096),
        (WARNING, "y" * (10_000 - 2 * 4096)),
    ]


async def test_many_at_once_each_get_their_own(start_pool: StartPool) -> None:
    pool = await start_pool(processes=2, threads=3)
    bodies = [os.urandom(50 + 999 * number) for number in range(300)]
    answers = await asyncio.gather(*(body_of(pool, "body", body=body) for body in bodies))
    assert answers == bodies
    assert pool.statistics["token"].requests == 300


async def test_requests_spread_over_the_workers(start_pool: StartPool) -> None:
    pool = await start_pool(processes=2, threads=2)
    await until(lambda: pool.statistics["token"].ready == 2)
    pids = await asyncio.gather(*(body_of(pool, "sleep 0.2") for _ in range(2)))
    assert len(set(pids)) == 2


async def test_slow_client_holds_the_worker_back(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, deadline=0.7)
    answer = await pool.exchange(request("stream 100"))
    await asyncio.sleep(1.5)  # longer than a worker may take
    assert answer._queued < 1 << 20
    assert len(await read(answer)) == 100 * BLOCK_SIZE


async def test_client_that_stops_reading_gives_its_lane_back(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, client_timeout=0.2)
    answer = await pool.exchange(request("stream 100"))
    assert await body_of(pool, "ping")
    with pytest.raises(AnswerCut, match="client"):
        await read(answer)
    assert pool.statistics["token"].hung == 0


async def test_abandoned_answer_leaves_the_lane_in_step(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    for taken in (0, 1, 5):
        answer = await pool.exchange(request("stream 50"))
        for _ in range(taken):
            await anext(answer)
        answer.close()
        assert await body_of(pool, "body", body=b"next") == b"next"


@pytest.mark.parametrize("operation", ["sleep 0.3", "stream 30"])
async def test_cancelled_exchange_leaves_the_lane_in_step(
    start_pool: StartPool, operation: str
) -> None:
    pool = await start_pool(threads=1)
    for delay in (0, 0.001, 0.01, 0.05):
        task = asyncio.create_task(pool.exchange(request(operation)))
        await asyncio.sleep(delay)
        if not task.cancel():
            (await task).close()
        assert await body_of(pool, "body", body=b"next") == b"next"
    assert pool.statistics["token"].busy == 0


async def test_cancelled_while_waiting_for_a_lane(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    first = asyncio.create_task(body_of(pool, "sleep 0.2"))
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(body_of(pool, "kill SIGKILL")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    assert await body_of(pool, "pid") == await first


@pytest.mark.parametrize("operation", ["raise", "refuse", "wrong_length", "no_head", "unknown"])
async def test_exception_before_the_head_is_500(start_pool: StartPool, operation: str) -> None:
    pool = await start_pool(threads=1)
    pid = await body_of(pool, "pid")
    with pytest.raises(HandlerFailed) as raised:
        await pool.exchange(request(operation))
    assert raised.value.status == 500
    assert raised.value.text.endswith(f"Error in {operation}")
    assert await body_of(pool, "pid") == pid


async def test_exception_after_the_head_cuts_the_answer(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    answer = await pool.exchange(request("stream_raise 1000"))
    with pytest.raises(AnswerCut, match="RuntimeError"):
        await read(answer)
    assert await body_of(pool, "body", body=b"next") == b"next"


async def test_failure_after_a_complete_answer_harms_nobody(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    assert await body_of(pool, "fail_late") == b"complete"
    assert await body_of(pool, "body", body=b"next") == b"next"


@pytest.mark.parametrize("operation", ["kill SIGKILL", "kill SIGSEGV", "kill SIGABRT", "exit 1"])
async def test_dead_worker_costs_its_requests_only(start_pool: StartPool, operation: str) -> None:
    pool = await start_pool(processes=2, threads=2)
    await until(lambda: pool.statistics["token"].ready == 2)
    bystander = asyncio.create_task(body_of(pool, "sleep 0.5"))
    await asyncio.sleep(0.05)
    with pytest.raises(WorkerLost) as raised:
        await pool.exchange(request(operation))
    assert raised.value.status == 502
    assert await body_of(pool, "ping")
    assert await bystander
    await until(lambda: pool.statistics["token"].ready == 2)
    assert pool.statistics["token"].lost == 1


async def test_killed_from_outside_while_idle(start_pool: StartPool) -> None:
    pool = await start_pool()
    pid = pool.hello.pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: pool.statistics["token"].lost == 1)
    assert int(await body_of(pool, "pid")) != pid


async def test_worker_that_dies_while_streaming_cuts_the_answer(start_pool: StartPool) -> None:
    pool = await start_pool()
    answer = await pool.exchange(request("stream_kill"))
    with pytest.raises(AnswerCut):
        await read(answer)
    assert await body_of(pool, "ping")


async def test_deadline_gives_504_and_a_new_worker(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, deadline=0.3)
    old = int(await body_of(pool, "pid"))
    with pytest.raises(DeadlinePassed) as raised:
        await pool.exchange(request("sleep 60"))
    assert (raised.value.status, raised.value.errno) == (504, 5004)
    assert int(await body_of(pool, "pid")) != old
    await until(lambda: not running(old))
    assert pool.statistics["token"].hung == 1


async def test_deadline_holds_between_blocks_too(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, deadline=0.3)
    answer = await pool.exchange(request("stream_hang"))
    with pytest.raises(AnswerCut, match="in time"):
        await read(answer)
    assert await body_of(pool, "ping")


async def test_neighbours_of_a_hung_request_finish(start_pool: StartPool, tmp_path: Path) -> None:
    pool = await start_pool(threads=2, deadline=2.5)
    hung = asyncio.create_task(pool.exchange(request("sleep 60")))
    await asyncio.sleep(2.3)
    neighbour = asyncio.create_task(body_of(pool, f"wait {tmp_path}/go"))
    await until((tmp_path / "go.begun").exists)
    with pytest.raises(DeadlinePassed):
        await hung
    new = int(await body_of(pool, "pid"))  # served while the old worker still works
    (tmp_path / "go").touch()
    old = int(await neighbour)
    assert new != old
    await until(lambda: not running(old))


async def test_late_end_of_a_hung_request(start_pool: StartPool) -> None:
    """The worker comes back after its deadline while a neighbour keeps it alive."""
    pool = await start_pool(threads=2, deadline=1.0)
    hung = asyncio.create_task(pool.exchange(request("sleep 1.2")))
    await asyncio.sleep(0.9)
    neighbour = asyncio.create_task(body_of(pool, "sleep 0.5"))
    with pytest.raises(DeadlinePassed):
        await hung
    old = int(await neighbour)
    await until(lambda: not running(old))


async def test_requests_wait_in_order(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    done = []

    async def ask(number: int) -> None:
        await body_of(pool, "sleep 0.02")
        done.append(number)

    await asyncio.gather(*(ask(number) for number in range(10)))
    assert done == list(range(10))


async def test_full_queue_is_503_with_a_time_to_retry(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, queue_length=2)
    first = [asyncio.create_task(body_of(pool, "sleep 0.3")) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert (pool.statistics["token"].busy, pool.statistics["token"].waiting) == (1, 2)
    with pytest.raises(PoolBusy) as raised:
        await pool.exchange(request("ping"))
    assert (raised.value.status, raised.value.retry_after) == (503, 1)
    assert len(await asyncio.gather(*first)) == 3


async def test_waiting_too_long_is_503(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, queue_seconds=0.1)
    first = asyncio.create_task(body_of(pool, "sleep 0.5"))
    await asyncio.sleep(0.05)
    with pytest.raises(PoolBusy, match="in time"):
        await pool.exchange(request("ping"))
    assert await first
    assert await body_of(pool, "ping")


async def test_hello(start_pool: StartPool) -> None:
    pool = await start_pool()
    pid = int(await body_of(pool, "pid"))
    assert pool.hello == Hello(
        "26.05.5", "lab", "accounting_storage/slurmdbd", True, 64030, 64030, {}, pid
    )


async def test_kinds_of_worker_have_their_environments(
    start_pool: StartPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLURM_JWT", "SLURM_SACK_KEY", "SLURM_SACK_JWKS"):
        monkeypatch.setenv(name, "inherited")
    pool = await start_pool()
    assert pool.statistics["local"].started == 0
    assert await body_of(pool, "environment") == b"['daemon', None, None]"
    assert await body_of(pool, "environment", kind="local") == b"[None, None, None]"
    assert pool.statistics["local"].started == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("refuse", "slurm.conf is broken"),
        ("exit", "exit status 1"),
        ("print", r"exit status 1\): fatal: the key is missing"),
    ],
)
async def test_start_fails_with_the_reason(
    make_pool: MakePool, conf: Path, text: str, reason: str
) -> None:
    conf.write_text(text)
    with pytest.raises(StartFailed, match=reason):
        await make_pool().start()


async def test_start_that_takes_too_long_fails(make_pool: MakePool, conf: Path) -> None:
    conf.write_text("hang")
    with pytest.raises(StartFailed, match="no Hello"):
        await make_pool(start_timeout=0.5).start()


async def test_broken_configuration_does_not_spin(start_pool: StartPool, conf: Path) -> None:
    pool = await start_pool()
    conf.write_text("exit")
    with pytest.raises(WorkerLost):
        await pool.exchange(request("kill SIGKILL"))
    with pytest.raises(WorkerLost, match="exit status 1"):
        await pool.exchange(request("ping"))
    assert re.match(r"No worker serves: .*exit status 1", pool.lacking() or "")
    conf.write_text("mended")
    await until(lambda: pool.statistics["token"].ready == 1)
    assert pool.lacking() is None
    assert pool.hello.cluster == "mended"
    assert await body_of(pool, "ping")


async def test_tries_to_replace_a_worker_become_rare_under_load_too(
    start_pool: StartPool, conf: Path
) -> None:
    pool = await start_pool(processes=2)
    await until(lambda: pool.statistics["token"].ready == 2)
    conf.write_text("exit")
    with pytest.raises(WorkerLost):
        await pool.exchange(request("kill SIGKILL"))
    deadline = asyncio.get_running_loop().time() + 2
    while asyncio.get_running_loop().time() < deadline:
        assert await body_of(pool, "ping")
    assert 2 < len(conf.with_suffix(".starts").read_text().split()) < 9


async def test_start_without_file_descriptors_fails(make_pool: MakePool) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    failures = 0
    try:
        while True:  # with ever more of them the start gets ever further
            resource.setrlimit(resource.RLIMIT_NOFILE, (10 + failures, limits[1]))
            try:
                await make_pool(threads=3).start()
                break
            except StartFailed as error:
                assert "Too many open files" in str(error)  # noqa: PT017 - it may succeed
                failures += 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert failures > 5


async def test_starts_and_stops_leave_nothing_open(make_pool: MakePool, conf: Path) -> None:
    await (first := make_pool()).start()
    await first.stop()
    before = set(os.listdir("/proc/self/fd"))
    for text in ("lab", "refuse", "exit", "lab"):
        conf.write_text(text)
        pool = make_pool(threads=3)
        if text == "lab":
            await pool.start()
        else:
            with pytest.raises(StartFailed):
                await pool.start()
        await pool.stop()
    await asyncio.sleep(0.05)
    assert set(os.listdir("/proc/self/fd")) == before


async def test_recycle_reads_the_new_configuration(start_pool: StartPool, conf: Path) -> None:
    pool = await start_pool(processes=2)
    await until(lambda: pool.statistics["token"].ready == 2)
    old = {
        int(pid) for pid in await asyncio.gather(*(body_of(pool, "sleep 0.1") for _ in range(2)))
    }
    conf.write_text("new")
    await pool.recycle()
    assert pool.hello.cluster == "new"
    assert pool.statistics["token"].ready == 2
    await until(lambda: not any(map(running, old)))


async def test_recycle_with_a_broken_configuration_changes_nothing(
    start_pool: StartPool, conf: Path
) -> None:
    pool = await start_pool()
    pid = await body_of(pool, "pid")
    conf.write_text("refuse")
    with pytest.raises(RecycleFailed, match="broken"):
        await pool.recycle()
    assert (pool.hello.cluster, await body_of(pool, "pid")) == ("lab", pid)


async def test_recycling_under_load_loses_no_request(start_pool: StartPool, conf: Path) -> None:
    pool = await start_pool(processes=2, threads=2, queue_length=100)
    recycled = False
    served = 0

    async def client(operation: str) -> None:
        nonlocal served
        while not recycled:
            answer = await pool.exchange(request(operation))
            assert answer.head.status == 200
            if answer.body is None:
                assert len(await read(answer)) == 8 * BLOCK_SIZE
            served += 1

    clients = [
        asyncio.create_task(client(operation))
        for operation in ("ping", "ping", "pid", "sleep 0.05", "stream 8", "stream 8")
    ]
    for number in range(3):
        conf.write_text(f"conf-{number}")
        await pool.recycle()
        assert pool.hello.cluster == f"conf-{number}"
    recycled = True
    await asyncio.gather(*clients)
    statistics = pool.statistics["token"]
    assert (statistics.ready, statistics.lost, statistics.hung) == (2, 0, 0)
    assert served > 50


async def test_stop_lets_requests_finish(start_pool: StartPool) -> None:
    pool = await start_pool()
    pid = pool.hello.pid
    last = asyncio.create_task(body_of(pool, "sleep 0.3"))
    await asyncio.sleep(0.05)
    await pool.stop(grace=5)
    assert int(await last) == pid
    assert not running(pid)
    with pytest.raises(PoolBusy):
        await pool.exchange(request("ping"))


async def test_idle_workers_end_by_themselves(
    start_pool: StartPool, logged: list[tuple[int, str]]
) -> None:
    pool = await start_pool()
    old = pool.hello.pid
    await pool.recycle()
    new = pool.hello.pid
    await pool.stop()
    assert sorted(logged) == sorted(
        (DEBUG, f"worker {pid} ended: exit status 0") for pid in (old, new)
    )


async def test_stop_ends_hanging_requests(start_pool: StartPool) -> None:
    pool = await start_pool()
    pid = pool.hello.pid
    last = asyncio.create_task(body_of(pool, "sleep 60"))
    await asyncio.sleep(0.05)
    await pool.stop(grace=0.1)
    with pytest.raises(WorkerLost):
        await last
    assert not running(pid)


@pytest.mark.parametrize("operation", ["ping", "sleep 60"])
async def test_workers_end_with_a_killed_front_end(conf: Path, operation: str) -> None:
    program = f"""
import asyncio
from behaviours import request
from pyslurmrestd.worker.pool import Pool, PoolSettings

async def main():
    pool = Pool(PoolSettings(app="behaviours:start", options={{"conf": {str(conf)!r}}}))
    await pool.start()
    asyncio.ensure_future(pool.exchange(request({operation!r})))
    while pool.statistics["token"].ready < 2:
        await asyncio.sleep(0.05)
    print(pool.statistics["token"].ready, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as front_end:
        assert front_end.stdout is not None
        assert front_end.stdout.readline() == b"2\n"
        pids = [int(pid) for pid in conf.with_suffix(".starts").read_text().split()]
        assert [running(pid) for pid in pids] == [True, True]
        front_end.kill()
    await until(lambda: not any(map(running, pids)))


async def test_workers_leave_signals_to_the_front_end(start_pool: StartPool) -> None:
    pool = await start_pool()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pool.hello.pid, number)
    assert int(await body_of(pool, "pid")) == pool.hello.pid


async def test_an_idle_pool_answers_as_long_as_its_workers_do(start_pool: StartPool) -> None:
    pool = await start_pool()
    pid = pool.hello.pid
    assert await pool.answers(5)
    await stop(pid)
    assert not await pool.answers(0.2)
    os.kill(pid, signal.SIGCONT)
    assert await pool.answers(5)
    assert await body_of(pool, "ping") == b'{"pong": true}'


async def test_one_worker_that_answers_is_enough(start_pool: StartPool) -> None:
    pool = await start_pool(processes=2)
    await until(lambda: pool.statistics["token"].ready == 2)
    await stop(pool.hello.pid)
    # At most one of two probes meets the one that stands still.
    assert [await pool.answers(0.5) for _ in range(2)].count(True) >= 1
    assert await pool.answers(0.5)


async def test_workers_at_work_answer(start_pool: StartPool, conf: Path) -> None:
    pool = await start_pool(threads=1)
    asked = asyncio.create_task(pool.exchange(request("sleep 1")))
    await until(lambda: pool.statistics["token"].busy == 1)
    assert await pool.answers(0.1)
    await asked


async def test_without_a_worker_nobody_answers(start_pool: StartPool, conf: Path) -> None:
    pool = await start_pool()
    conf.write_text("refuse")
    os.kill(pool.hello.pid, signal.SIGKILL)
    await until(lambda: pool.lacking() is not None)
    assert not await pool.answers(0.1)

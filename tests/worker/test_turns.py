"""Lanes shared out among callers: turns, long requests, clients that do not read or have left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from behaviours import BLOCK_SIZE, request

from pyslurmrestd.application.protocol import Answer
from pyslurmrestd.worker.exchange import LongAnswer
from pyslurmrestd.worker.failures import AnswerCut, PoolBusy
from pyslurmrestd.worker.pool import Pool
from pyslurmrestd.worker.turns import Room, Ticket, Turns

StartPool = Callable[..., Awaitable[Pool]]


def ticket(name: str, *, long: bool = False, accounting: bool = False) -> Ticket:
    """A request by its name; the caller is the first letter."""
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    return Ticket(
        frame=b"",
        body=b"",
        caller=name[0],
        key=0,
        operation=name,
        future=future,
        long=long,
        accounting=accounting,
    )


def order(turns: Turns, *, ends: bool = True) -> list[str]:
    """What is served next, one after the other; each ends before the next begins, or none does."""
    served = []
    while (next_ticket := turns.next(Room())) is not None:
        served.append(next_ticket.operation)
        turns.begin(next_ticket)
        if ends:
            turns.end(next_ticket)
    return served


async def test_callers_are_served_in_turn() -> None:
    turns = Turns(100)
    for name in ("a1", "a2", "a3", "b1", "c1", "b2"):
        turns.join(ticket(name))
    assert order(turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]


async def test_who_has_fewest_under_way_comes_first() -> None:
    turns = Turns(100)
    for _ in range(2):
        turns.begin(ticket("a"))
    for name in ("a1", "b1", "b2", "b3"):
        turns.join(ticket(name))
    assert order(turns, ends=False) == ["b1", "b2", "a1", "b3"]


async def test_short_requests_pass_long_ones_that_have_no_room() -> None:
    turns = Turns(100)
    for name, long in (("a1", True), ("a2", False), ("b1", True)):
        turns.join(ticket(name, long=long))
    first = turns.next(Room(long=False))
    assert first is not None
    assert (first.operation, turns.next(Room(long=False))) == ("a2", None)
    assert order(turns) == ["b1", "a1"]


async def test_requests_of_slurmdbd_wait_for_their_own_room() -> None:
    turns = Turns(100)
    for name, kinds in (
        ("a1", {"accounting": True}),
        ("a2", {"accounting": True, "long": True}),
        ("a3", {"long": True}),
        ("a4", {}),
    ):
        turns.join(ticket(name, **kinds))
    served = [turns.next(Room(accounting=False)) for _ in range(3)]
    assert [entry and entry.operation for entry in served] == ["a4", "a3", None]
    assert order(turns) == ["a1", "a2"]


async def test_who_has_most_waiting_gives_way() -> None:
    turns = Turns(3)
    waiting = [ticket(name) for name in ("a1", "a2", "b1")]
    assert [turns.join(entry) for entry in waiting] == [None] * 3
    assert turns.join(ticket("c1")) is waiting[1]
    turns.leave(waiting[1])
    assert order(turns) == ["a1", "b1", "c1"]
    assert len(turns) == 0


async def test_what_is_found_out_sorts_those_who_wait_again() -> None:
    turns = Turns(100)
    for name in ("s1", "s2", "s3", "s4", "b1"):
        turns.join(ticket(name))
    turns.sort_again(lambda entry: entry.operation in ("s2", "s3"), caller="a")
    turns.sort_again(lambda entry: entry.operation == "s1", long=True)
    first = turns.next(Room(long=False))
    assert first is not None
    assert [first.operation, *order(turns)] == ["s4", "b1", "s2", "s1", "s3"]


async def run(pool: Pool, operation: str, user: str = "alice") -> bytes:
    answer = await pool.exchange(request(operation, user=user))
    assert answer.body is not None
    return answer.body


async def meet(pool: Pool, *users: str) -> None:
    """Let Slurm take the tokens of these users."""
    for user in users:
        await run(pool, "known yes", user)


async def finished(pool: Pool, *, first: str, then: str, count: int = 12) -> list[str]:
    """Who is answered in which order: many requests of one user, and then one of another."""
    done: list[str] = []

    async def one(user: str) -> None:
        await run(pool, "sleep 0.03", user)
        done.append(user)

    tasks = [asyncio.create_task(one(first)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.gather(*tasks, asyncio.create_task(one(then)))
    return done


async def test_nobody_waits_behind_all_that_somebody_else_asks(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    await meet(pool, "alice", "bob")
    assert (await finished(pool, first="alice", then="bob")).index("bob") <= 2


async def test_tokens_that_slurm_did_not_take_share_one_turn(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    await meet(pool, "bob")
    done: list[str] = []

    async def one(user: str) -> None:
        await run(pool, "sleep 0.03", user)
        done.append(user)

    # As many tokens as requests: claims that nobody has looked at.
    tasks = [asyncio.create_task(one(f"nobody {number}")) for number in range(12)]
    await asyncio.sleep(0)
    await asyncio.gather(*tasks, asyncio.create_task(one("bob")))
    assert done.index("bob") <= 2


async def test_whose_a_token_is_counts_for_what_waits_already(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    done: list[str] = []

    async def one(user: str, operation: str = "sleep 0.03") -> None:
        await run(pool, operation, user)
        done.append(user)

    tasks = [asyncio.create_task(one("carol", "sleep 0.2"))]
    await asyncio.sleep(0.05)
    tasks.append(asyncio.create_task(one("alice", "known yes")))
    tasks += [asyncio.create_task(one("alice")) for _ in range(10)]
    await asyncio.sleep(0)
    await asyncio.gather(*tasks, asyncio.create_task(one("bob")))
    assert done.index("bob") <= 4


async def test_a_token_that_slurm_refuses_is_a_stranger_again(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    await meet(pool, "alice", "bob")
    await run(pool, "known no", "bob")
    await run(pool, "known no", "alice")
    assert (await finished(pool, first="alice", then="bob"))[-1] == "bob"


async def test_short_requests_do_not_wait_for_long_ones(start_pool: StartPool) -> None:
    pool = await start_pool(threads=4)
    await meet(pool, "alice", "bob")
    await read(await pool.exchange(request("stream 100")))  # so it is known to be long
    streams = [asyncio.create_task(pool.exchange(request("stream 100"))) for _ in range(8)]
    first, _ = await asyncio.wait(streams, return_when=asyncio.FIRST_COMPLETED)
    while len(first) < 3:  # of four lanes one is kept
        first, _ = await asyncio.wait(streams, timeout=0.1)
    async with asyncio.timeout(0.9):  # before the lanes of those who do not read are freed
        for _ in range(20):
            await run(pool, "ping", "bob")
    for stream in streams:
        if not stream.cancel():
            stream.result().close()


async def test_nobody_waits_for_slurmdbd_but_those_who_ask_it(
    start_pool: StartPool, tmp_path: Path
) -> None:
    pool = await start_pool(threads=4)
    come = tmp_path / "come"
    wait = request(f"wait {come}", accounting=True)
    stuck = [asyncio.create_task(pool.exchange(wait)) for _ in range(50)]
    while not (tmp_path / "come.begun").exists():
        await asyncio.sleep(0.01)
    sleeps = (pool.exchange(request("sleep 0.1")) for _ in range(2))
    await asyncio.gather(*sleeps)  # at once, each on a lane of its own
    statistics = pool.statistics["token"]
    assert (statistics.busy, statistics.waiting) == (2, 48)
    assert not any(task.done() for task in stuck)
    come.touch()
    answers = await asyncio.gather(*stuck)
    assert [answer.head.status for answer in answers] == [200] * 50


async def read(answer: Answer) -> int:
    assert isinstance(answer, LongAnswer)
    try:
        return sum([len(block) async for block in answer])
    finally:
        answer.close()


async def test_an_answer_nobody_takes_leaves_its_lane_to_those_who_wait(
    start_pool: StartPool,
) -> None:
    pool = await start_pool(threads=1, client_timeout=60.0, queue_seconds=60.0)
    slow = await pool.exchange(request("stream 20"))
    async with asyncio.timeout(20):
        await run(pool, "ping", "bob")
    assert await read(slow) == 20 * BLOCK_SIZE


async def test_the_largest_answer_nobody_takes_is_cut_when_too_much_waits(
    start_pool: StartPool,
) -> None:
    pool = await start_pool(
        threads=2, client_timeout=60.0, queue_seconds=60.0, spill_bytes=40 * BLOCK_SIZE
    )
    large = await pool.exchange(request("stream 60"))
    small = await pool.exchange(request("stream 20"))
    async with asyncio.timeout(20):
        await asyncio.gather(*(run(pool, "sleep 0.05", "bob") for _ in range(6)))
    with pytest.raises(AnswerCut, match="others wait"):
        await read(large)
    assert await read(small) == 20 * BLOCK_SIZE
    assert await run(pool, "ping")


class Client:
    """Who waits, and may have left."""

    def __init__(self, has_left: bool) -> None:
        self.has_left = has_left

    def is_served(self) -> None:
        pass


async def test_who_has_left_is_served_when_nobody_else_waits(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1)
    done: list[str] = []

    async def one(name: str, client: Client) -> None:
        await pool.exchange(request("sleep 0.03"), client)
        done.append(name)

    busy = asyncio.create_task(run(pool, "sleep 0.1"))
    await asyncio.sleep(0.02)
    await asyncio.gather(
        one("left", Client(True)), one("left", Client(True)), one("there", Client(False)), busy
    )
    assert done == ["there", "left", "left"]


async def test_too_many_of_one_caller_cost_no_other_its_place(start_pool: StartPool) -> None:
    pool = await start_pool(threads=1, queue_length=5)
    await meet(pool, "alice", "bob")
    tasks = [asyncio.create_task(run(pool, "sleep 0.03", "alice")) for _ in range(9)]
    await asyncio.sleep(0)
    assert await run(pool, "ping", "bob")
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(entry, PoolBusy) for entry in told].count(True) in (3, 4)

"""Equal requests that come at once: asked for once, for all who came before the controller was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from test_repeats import CACHE, JOBS, Connect, Controller, StartFront, ask
from wire import TOKEN, Answer, Client, Front

ROWS = 3_000_000


@pytest.fixture
def controller(tmp_path) -> Controller:  # type: ignore[no-untyped-def]
    return Controller(tmp_path / "state")


@pytest.fixture
async def front(start_front: StartFront) -> Front:
    return await start_front(cache=CACHE, threads=4)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


class Crowd:
    """Clients that ask for the same while the controller is at the first one's request."""

    def __init__(self, front: Front, connect: Connect, controller: Controller, path: str) -> None:
        self._front = front
        self._connect = connect
        self._controller = controller
        self._path = path
        self.clients: list[Client] = []

    async def ask(self, count: int, headers: str = TOKEN) -> None:
        """So many more; all of them have come when this ends."""
        for _ in range(count):
            client = await self._connect(self._front.tcp)
            self.clients.append(client)
            await client.send(f"GET {self._path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
            await until(lambda: self._waiting() == len(self.clients))

    def _waiting(self) -> int:
        flights = list(self._front.repeats._flights.values())
        flights += [flight.next for flight in flights if flight.next is not None]
        return len(flights) + sum(len(flight._seats) for flight in flights)

    async def answers(self) -> list[Answer]:
        return [await client.answer() for client in self.clients]


@pytest.fixture
def crowd(front: Front, connect: Connect, controller: Controller) -> Callable[..., Crowd]:
    def make(**query: object) -> Crowd:
        controller.wait()
        return Crowd(front, connect, controller, JOBS + controller.query(**query))

    return make


def check(client: Client, answer: Answer, rows: int, changed: int = 1000) -> None:
    """It is what the controller said, for this client."""
    port = client.writer.get_extra_info("sockname")[1]
    told = answer.json
    assert told.pop("source").startswith(f"127.0.0.1:{port}(fd:")
    assert told == {"rows": "x" * rows, "changed": changed}


@pytest.mark.parametrize("rows", [0, ROWS], ids=["short", "long"])
async def test_those_who_come_meanwhile_share_the_next_answer(
    front: Front, controller: Controller, crowd: Callable[..., Crowd], rows: int
) -> None:
    together = crowd(rows=rows)
    await together.ask(6)
    controller.go_on()
    for client, answer in zip(together.clients, await together.answers(), strict=True):
        check(client, answer, rows)
    assert len(controller.asked) == 2
    assert front.repeats.shared == 4
    assert not front.repeats._flights


@pytest.mark.parametrize("before", [0, 1, 2])
async def test_who_comes_after_a_change_sees_it(
    controller: Controller, crowd: Callable[..., Crowd], client: Client, before: int
) -> None:
    for _ in range(before):
        await ask(client, JOBS + controller.query())
    together = crowd()
    await together.ask(1)
    await until(lambda: len(controller.asked) == before + 1)
    controller.changed(2000)
    await together.ask(3)
    controller.go_on()
    told = [answer.json["changed"] for answer in await together.answers()]
    assert told == [1000, 2000, 2000, 2000]


async def test_those_who_wait_for_a_worker_share_one(
    start_front: StartFront, connect: Connect, controller: Controller
) -> None:
    front = await start_front(cache=CACHE, threads=1)
    path = JOBS + controller.query()
    client = await connect(front.tcp)
    await ask(client, path)
    other = Crowd(front, connect, controller, path.replace("jobs", "nodes"))
    controller.wait()
    await other.ask(1)
    together = Crowd(front, connect, controller, path)
    for number in range(4):
        client = await connect(front.tcp)
        together.clients.append(client)
        await client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n{TOKEN}\r\n")
        await until(lambda: other._waiting() == 2 + number)  # noqa: B023
    controller.changed(2000)
    controller.go_on()
    for client, answer in zip(together.clients, await together.answers(), strict=True):
        check(client, answer, 0, 2000)
    assert len(controller.asked) == 3


async def test_another_caller_has_an_exchange_of_its_own(
    front: Front, controller: Controller, crowd: Callable[..., Crowd]
) -> None:
    together = crowd()
    await together.ask(1)
    await together.ask(1, "X-SLURM-USER-TOKEN: a.b.d\r\n")
    await until(lambda: len(controller.asked) == 2)
    controller.go_on()
    await together.answers()
    assert front.repeats.shared == 0


async def test_who_takes_nothing_keeps_nobody_waiting(
    front: Front, controller: Controller, crowd: Callable[..., Crowd]
) -> None:
    together = crowd(rows=30_000_000)
    await together.ask(4)
    controller.go_on()
    first, slow, *others = together.clients
    for client in (first, *others):
        check(client, await client.answer(), 30_000_000)
    check(slow, await slow.answer(), 30_000_000)
    await until(lambda: not front.repeats._pumps)
    assert len(controller.asked) == 2


async def test_who_leaves_takes_nothing_from_the_others(
    front: Front, controller: Controller, crowd: Callable[..., Crowd]
) -> None:
    together = crowd(rows=ROWS)
    await together.ask(5)
    first, leader, leaving, *others = together.clients
    for client in (first, leader, leaving):
        client.writer.transport.abort()
    controller.go_on()
    for client in others:
        check(client, await client.answer(), ROWS)
    await until(lambda: not front.repeats._flights)
    assert front.repeats.answers.used < 2 * ROWS


async def test_without_room_each_has_its_own_answer(
    start_front: StartFront, connect: Connect, controller: Controller
) -> None:
    front = await start_front(cache=1 << 20, threads=4)
    together = Crowd(front, connect, controller, JOBS + controller.query(rows=ROWS))
    controller.wait()
    await together.ask(4)
    controller.go_on()
    for client, answer in zip(together.clients, await together.answers(), strict=True):
        check(client, answer, ROWS)
    await until(lambda: not front.repeats.answers.used)


async def test_what_is_kept_is_asked_about_once_for_all(
    front: Front, controller: Controller, crowd: Callable[..., Crowd], connect: Connect
) -> None:
    client = await connect(front.tcp)
    path = JOBS + controller.query(rows=ROWS)
    for _ in range(2):
        await ask(client, path)
    together = crowd(rows=ROWS)
    await together.ask(6)
    controller.go_on()
    for client, answer in zip(together.clients, await together.answers(), strict=True):
        check(client, answer, ROWS)
    assert controller.asked == ["None", "None", "1001", "1001"]


async def test_a_failure_is_told_to_all(
    controller: Controller, crowd: Callable[..., Crowd]
) -> None:
    together = crowd(die=1)
    await together.ask(4)
    controller.go_on()
    assert {answer.status for answer in await together.answers()} == {502}

"""Requests that come again: what is kept, for whom, and when it is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from wire import TOKEN, Address, Answer, Client, Front

from pyslurmrestd.application.protocol import Head
from pyslurmrestd.server.kept import Kept, KeptAnswers, Replayed
from pyslurmrestd.server.repeats import Asked

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]

JOBS = "/slurm/v0.0.45/jobs/"
CACHE = 64 << 20


class Controller:
    """A file that says when the controller's records have changed last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.changed(1000)

    def changed(self, time: int, holds: int = 60) -> None:
        self._path.write_text(f"{time} {holds}")

    @property
    def asked(self) -> list[str]:
        """For each request, when the answer was made that it has already."""
        path = self._path.with_suffix(".asked")
        return path.read_text().split() if path.exists() else []

    def wait(self) -> None:
        """Answer nobody from here on; what is asked sees what is there by then."""
        self._path.with_suffix(".wait").touch()

    def go_on(self) -> None:
        self._path.with_suffix(".wait").unlink()

    def query(self, **more: object) -> str:
        told = {"state": self._path, **more}
        return "?" + "&".join(f"{key}={value}" for key, value in told.items())


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    return Controller(tmp_path / "state")


@pytest.fixture
async def front(start_front: StartFront) -> Front:
    return await start_front(cache=CACHE)


async def ask(client: Client, path: str, headers: str = TOKEN, method: str = "GET") -> Answer:
    await client.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
    return await client.answer(bodiless=method == "HEAD")


@pytest.mark.parametrize("rows", [0, 3_000_000], ids=["short", "long"])
async def test_the_third_answer_is_the_second_for_another_client(
    front: Front, connect: Connect, controller: Controller, rows: int
) -> None:
    path = JOBS + controller.query(rows=rows)
    clients = [await connect(front.tcp) for _ in range(4)]
    answers = [await ask(client, path) for client in clients]
    assert controller.asked == ["None", "None", "1001", "1001"]
    assert front.repeats.served == 2
    tags = [answer.headers["ETag"] for answer in answers]
    assert len(set(tags)) == 1
    for client, answer in zip(clients, answers, strict=True):
        port = client.writer.get_extra_info("sockname")[1]
        told = answer.json
        assert told.pop("source").startswith(f"127.0.0.1:{port}(fd:")
        assert told == {"rows": "x" * rows, "changed": 1000}
        assert ("Content-Length" in answer.headers) == (rows == 0)


async def test_what_has_changed_is_served_anew_and_kept(
    front: Front, client: Client, controller: Controller
) -> None:
    path = JOBS + controller.query(rows=10)
    for _ in range(3):
        await ask(client, path)
    controller.changed(2000)
    told = [(await ask(client, path)).json["changed"] for _ in range(2)]
    assert told == [2000, 2000]
    assert controller.asked[2:] == ["1001", "1001", "2001"]
    assert len([*front.repeats.answers._known]) == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (JOBS, "X-SLURM-USER-TOKEN: a.b.d\r\n"),
        (JOBS, f"{TOKEN}X-SLURM-USER-NAME: alice\r\n"),
        (JOBS, f"{TOKEN}Accept: application/yaml\r\n"),
        (JOBS.replace("45", "44"), TOKEN),
        (JOBS.replace("jobs", "nodes"), TOKEN),
        (JOBS, f'{TOKEN}If-None-Match: W/"5-0"\r\n'),
    ],
)
async def test_another_request_or_caller_does_not_get_it(
    front: Front, client: Client, controller: Controller, path: str, headers: str
) -> None:
    for _ in range(2):
        await ask(client, JOBS + controller.query())
    assert front.repeats.answers.used
    served = "5-0" in headers
    answer = await ask(client, path + controller.query(), headers)
    assert answer.status == 200
    assert controller.asked[2:] == ["1001" if served else "None"]
    assert front.repeats.served == served


async def test_a_client_that_has_the_answer_is_told_304(
    front: Front, client: Client, controller: Controller
) -> None:
    path = JOBS + controller.query()
    tag = [await ask(client, path) for _ in range(2)][1].headers["ETag"]
    answer = await ask(client, path, f"{TOKEN}If-None-Match: {tag}\r\n")
    assert (answer.status, answer.headers["ETag"]) == (304, tag)


@pytest.mark.parametrize(
    ("more", "method"),
    [
        ({"update_time": 5}, "GET"),
        ({"update%5Ftime": 5}, "GET"),
        ({}, "HEAD"),
        ({"status": 404}, "GET"),
    ],
)
async def test_what_is_not_kept(
    front: Front, connect: Connect, controller: Controller, more: dict[str, object], method: str
) -> None:
    for _ in range(3):
        await ask(await connect(front.tcp), JOBS + controller.query(**more), TOKEN, method)
    assert set(controller.asked) <= {"None"}
    assert front.repeats.answers.used == 0


async def test_an_answer_that_does_not_hold_is_not_kept(
    front: Front, client: Client, controller: Controller
) -> None:
    controller.changed(1000, holds=0)
    for _ in range(3):
        await ask(client, JOBS + controller.query(rows=10))
    assert (controller.asked, front.repeats.answers.used) == (["None"] * 3, 0)


async def test_without_a_bound_nothing_is_kept(
    start_front: StartFront, connect: Connect, controller: Controller
) -> None:
    client = await connect((await start_front()).tcp)
    for _ in range(3):
        await ask(client, JOBS + controller.query())
    assert controller.asked == ["None"] * 3


async def test_an_answer_of_more_than_half_the_bound_is_not_kept(
    start_front: StartFront, connect: Connect, controller: Controller
) -> None:
    front = await start_front(cache=1 << 20)
    client = await connect(front.tcp)
    for _ in range(3):
        answer = await ask(client, JOBS + controller.query(rows=600_000))
        assert len(answer.body) > 600_000
    assert (controller.asked, front.repeats.answers.used) == (["None"] * 3, 0)


def test_what_changes_each_time_is_kept_less_often() -> None:
    asked = Asked(0.0)
    pauses = []
    now = 0.0
    for _ in range(9):
        now = max(now, asked.pause) + 1.0
        for _ in range(3):
            asked.failed(now)
        pauses.append(max(asked.pause - now, 0.0))
    assert pauses == [0.0, 0.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]


async def test_in_a_pause_nothing_is_kept(
    front: Front, client: Client, controller: Controller
) -> None:
    path = JOBS + controller.query()
    await ask(client, path)
    (asked,) = front.repeats._asked.values()
    asked.pause = asked.at + 3600
    for _ in range(2):
        await ask(client, path)
    assert (controller.asked, front.repeats.answers.used) == (["None"] * 3, 0)


async def test_a_client_that_leaves_leaves_nothing(
    front: Front, client: Client, connect: Connect, controller: Controller
) -> None:
    path = JOBS + controller.query(rows=30_000_000)
    await ask(client, path)
    leaving = await connect(front.tcp)
    await leaving.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n{TOKEN}\r\n")
    await leaving.reader.readexactly(100_000)
    assert front.repeats.answers.used
    leaving.writer.transport.abort()
    # Requests in step: each waits for a lane, of which there are two.
    for _ in range(3):
        await ask(client, JOBS + "?status=200")
    answer = await ask(client, path)
    assert len(answer.body) > 30_000_000
    assert len(answer.body) <= front.repeats.answers.used < len(answer.body) + 10_000


async def test_workers_that_are_replaced_begin_anew(
    front: Front, client: Client, controller: Controller
) -> None:
    for _ in range(2):
        await ask(client, JOBS + controller.query())
    front.repeats.forget()
    await ask(client, JOBS + controller.query())
    assert controller.asked == ["None"] * 3


def kept(answers: KeptAnswers, name: str, caller: str, size: int, until: float = 60.0) -> Kept:
    """An answer of so many bytes in all."""
    body = b"x" * (size - 2048)
    head = Head(200, "text/plain", None)
    made = Kept(name.encode(), caller, head, 1, until, [body], b"", "/", "tcp")
    if answers.reserve(caller, size):
        answers.keep(made)
    return made


def names(answers: KeptAnswers) -> set[str]:
    return {key.decode() for key in answers._known}


def test_room_is_made_by_whoever_keeps_most() -> None:
    answers = KeptAnswers(100_000)
    for name in ("a1", "a2", "a3", "a4"):
        kept(answers, name, "alice", 12_000)
    kept(answers, "b1", "bob", 20_000)
    kept(answers, "c1", "carol", 20_000)
    assert answers.find(b"a1", 0)
    kept(answers, "d1", "dave", 20_000)
    assert names(answers) == {"a1", "a3", "a4", "b1", "c1", "d1"}
    assert answers.used == 96_000


def test_nobody_has_more_than_half() -> None:
    answers = KeptAnswers(100_000)
    for name in ("1", "2", "3", "4", "5"):
        kept(answers, name, "alice", 20_000)
    assert (names(answers), answers.used) == ({"4", "5"}, 40_000)
    kept(answers, "6", "alice", 60_000)
    assert names(answers) == {"4", "5"}


def test_too_old_is_gone() -> None:
    answers = KeptAnswers(100_000)
    kept(answers, "1", "alice", 20_000, until=10.0)
    assert answers.find(b"1", 9.9) is not None
    assert answers.find(b"1", 10.0) is None
    assert answers.used == 0


async def test_what_is_still_being_sent_counts() -> None:
    answers = KeptAnswers(100_000)
    first = kept(answers, "1", "alice", 40_000)
    sent = Replayed(answers, first, first.head, "tcp")
    kept(answers, "1", "alice", 10_000)
    assert (names(answers), answers.used) == ({"1"}, 50_000)
    kept(answers, "2", "alice", 10_000)
    kept(answers, "3", "alice", 10_000)
    # There is no room for both, as long as the first one is being sent.
    assert (names(answers), answers.used) == ({"3"}, 50_000)
    assert b"".join([bytes(block) async for block in sent]) == b"x" * (40_000 - 2048) + b"tcp"
    sent.close()
    sent.close()
    assert answers.used == 10_000

"""Accept-Encoding: which coding a long answer has, and what is kept of it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from test_repeats import CACHE, JOBS, Connect, Controller, StartFront, ask
from wire import TOKEN, Client, Front

from pyslurmrestd.application.encoding import OFFERED
from pyslurmrestd.server.content_coding import accepted

BEST = OFFERED[0]


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate, br", ""),
        ("gzip, deflate, br, zstd", BEST),
        ("zstd;q=0, gzip", "gzip"),
        ("zstd;q=0.5,gzip;q=0.8", "gzip"),
        ("gzip;q=0.5, zstd ; q = 0.500", BEST),
        ("*", BEST),
        ("*;q=0.1", BEST),
        ("*;q=0", ""),
        ("zstd;q=0, *", "gzip"),
        ("gzip;q=0, zstd;q=0, *", ""),
        ("gzip, *;q=0", "gzip"),
        ("identity", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0", ""),
        ("identity;q=0, gzip;q=0.001", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0.000", ""),
        ("gzip;q=2", ""),
        ("gzip;q=x", ""),
        ("gzip;q=", ""),
        (";;,,;q=1,gzip", "gzip"),
        ("gzip;level=9;q=1.000", "gzip"),
        ("gzip," * 1000, "gzip"),
    ],
)
def test_the_coding_that_a_client_takes_best(header: str, coding: str) -> None:
    assert accepted(header) == coding


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    return Controller(tmp_path / "state")


@pytest.fixture
async def front(start_front: StartFront) -> Front:
    return await start_front(cache=CACHE)


def takes(coding: str, *more: str) -> str:
    return TOKEN + "".join(f"Accept-Encoding: {each}\r\n" for each in (coding, *more))


ROWS = 1_000_000


async def test_a_long_answer_is_encoded_and_kept_so(
    front: Front, connect: Connect, controller: Controller
) -> None:
    path = JOBS + controller.query(rows=ROWS)
    for number in range(4):
        client = await connect(front.tcp)
        answer = await ask(client, path, takes("br", "gzip"))
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["ETag"].startswith("W/")
        told = gzip.decompress(answer.body)
        port = client.writer.get_extra_info("sockname")[1]
        assert told.startswith(b'{"rows":"xxx')
        assert f'"source":"127.0.0.1:{port}(fd:'.encode() in told
        assert front.repeats.served == max(number - 1, 0)
    assert 0 < front.repeats.answers.used < ROWS // 10


async def test_each_coding_is_kept_for_itself(
    front: Front, client: Client, controller: Controller
) -> None:
    path = JOBS + controller.query(rows=ROWS)
    for headers in (TOKEN, takes("gzip")) * 3:
        answer = await ask(client, path, headers)
        encoded = "Content-Encoding" in answer.headers
        assert encoded == (headers != TOKEN)
        assert len(gzip.decompress(answer.body) if encoded else answer.body) > ROWS
    assert front.repeats.served == 2


@pytest.mark.parametrize(
    ("path", "method"),
    [(JOBS + "?status=200", "GET"), ("/slurm/v0.0.45/reconfigure/?stream=10", "GET")],
)
async def test_what_is_short_or_changes_something_is_sent_as_it_is(
    client: Client, path: str, method: str
) -> None:
    answer = await ask(client, path, takes("gzip"), method)
    assert answer.status == 200
    assert not answer.headers.keys() & {"Content-Encoding", "Vary"}


async def test_without_accept_encoding_nothing_is_told_of_it(
    client: Client, controller: Controller
) -> None:
    answer = await ask(client, JOBS + controller.query(rows=ROWS))
    assert not answer.headers.keys() & {"Content-Encoding", "Vary"}

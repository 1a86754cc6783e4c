"""Answers in content codings: whole for any reader, and the client's name in them replaced."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable

import pytest

from pyslurmrestd.application import encoding
from pyslurmrestd.application.encoding import LEAST, OFFERED, around, encoded, renamed
from pyslurmrestd.application.protocol import Block, Head

NAMES = (
    "127.0.0.1:45678(fd:11)",
    "10.0.0.1:1(fd:9)",
    "unix:/run/rest.sock(fd:12)",
    "[::1]:5(fd:7)",
)


def unzstd(data: bytes) -> bytes:
    from compression import zstd

    return zstd.decompress(data)


@pytest.fixture(params=[False, True], ids=["as-installed", "plain-zlib"], autouse=True)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what gzip is made: the fastest that there is, and what is there always."""
    if request.param:
        monkeypatch.setattr(encoding, "deflate", zlib)


READERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": unzstd}


def body(size: int, name: str, more: str = "") -> bytes:
    """Something like an answer: text that repeats itself, bytes that do not, a client's name."""
    noise = random.Random(size).randbytes(size // 8)
    text = b'{"name": "job", "state": "PENDING"},' * (size // 40)
    slashes = name.replace("/", "\\/")
    return noise + text + f'"meta": {{"source": "{slashes}"}}, "errors": []{more}'.encode()


def sent(text: bytes, coding: str, name: str, step: int = 256 << 10) -> tuple[Head, bytes]:
    def answer() -> list[Head | Block]:
        return [
            Head(200, "application/json", None),
            *(memoryview(text)[at : at + step] for at in range(0, len(text), step)),
        ]

    head, *blocks = encoded(answer(), coding, name)
    assert isinstance(head, Head)
    return head, b"".join(bytes(block) for block in blocks if not isinstance(block, Head))


@pytest.mark.parametrize("coding", OFFERED)
@pytest.mark.parametrize("size", [0, 100, 70_000, 600_000, 5_000_000])
@pytest.mark.parametrize("step", [1000, 1 << 18])
def test_what_is_encoded_can_be_read(coding: str, size: int, step: int) -> None:
    text = body(size, NAMES[0])
    head, told = sent(text, coding, NAMES[0], step)
    assert head == Head(
        200,
        "application/json",
        None,
        headers={"Content-Encoding": coding, "Vary": "Accept-Encoding"},
    )
    assert READERS[coding](told) == text
    assert size < 600_000 or len(told) < len(text) / 2


@pytest.mark.parametrize("coding", OFFERED)
@pytest.mark.parametrize("size", [100, 600_000])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("was", NAMES)
def test_another_client_is_named_in_its_place(coding: str, size: int, was: str, name: str) -> None:
    _, told = sent(body(size, was), coding, was)
    found = around(told[-60_000:], was, coding)
    assert found is not None
    before, behind, slash = found
    names = [each.replace("/", slash).encode() for each in (was, name)]
    before, behind = renamed(
        coding, told[: len(told) - 60_000] * (len(told) > 60_000) + before, behind, *names
    )
    expected = body(size, was).replace(was.replace("/", "\\/").encode(), names[1])
    assert READERS[coding](before + names[1] + behind) == expected


@pytest.mark.parametrize("coding", OFFERED)
def test_a_name_that_stands_there_twice_is_left_alone(coding: str) -> None:
    text = body(200_000, NAMES[0], NAMES[0])
    _, told = sent(text, coding, NAMES[0])
    assert READERS[coding](told) == text
    assert around(told[-60_000:], NAMES[0], coding) is None


def test_any_gzip_reader_sees_one_member() -> None:
    text = body(600_000, NAMES[0])
    reader = zlib.decompressobj(wbits=31)
    _, told = sent(text, "gzip", NAMES[0])
    assert reader.decompress(told) == text
    assert reader.eof
    assert not reader.unused_data


@pytest.mark.parametrize("length", [0, 2, LEAST - 1])
def test_short_answers_stay_as_they_are(length: int) -> None:
    answer = [Head(200, "text/plain", length), b"x" * length]
    assert list(encoded(answer, "gzip", NAMES[0])) == answer


@pytest.mark.parametrize("coding", OFFERED)
def test_from_64_kib_on_an_answer_is_encoded(coding: str) -> None:
    head, *blocks = encoded([Head(200, "text/plain", LEAST), b"x" * LEAST], coding, NAMES[0])
    assert isinstance(head, Head)
    assert head.length is None
    assert READERS[coding](b"".join(blocks)) == b"x" * LEAST  # type: ignore[arg-type]

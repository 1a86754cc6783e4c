"""What a worker sends of a long answer, and to whom."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from behaviours import request

from pyslurmrestd.application.protocol import Head
from pyslurmrestd.worker.frames import (
    BACK,
    BLOCK,
    END,
    FRAME,
    GONE,
    TOLD,
    Lent,
    Sent,
    Word,
    decode_sent,
    encode_request,
    lend,
    receive_request,
    receive_word,
    word,
)
from pyslurmrestd.worker.outlet import send_blocks

BLOCKS = [b"a" * 70_000, b"", b"b", b"c" * 300_000, b"d" * 65_536]
CHUNKS = b"".join(b"%x\r\n%b\r\n" % (len(block), block) for block in BLOCKS if block)


class Ends:
    """A lane and a client: the worker's ends, and those of the test."""

    def __init__(self) -> None:
        self.worker, self.lane = socket.socketpair()
        self.server, self.client = socket.socketpair()
        self.server.setblocking(False)
        self.lane.settimeout(10)
        self.client.settimeout(10)

    def close(self) -> None:
        for end in (self.worker, self.lane, self.server, self.client):
            end.close()

    def lend(self, seconds: float = 10.0) -> None:
        """The word that comes before the blocks."""
        lend(self.lane, Lent(self.server, seconds, b"head\r\n"))
        self.server.close()

    def frame(self) -> tuple[int, bytes]:
        """The next frame that is no report."""
        kind, length = FRAME.unpack(self._exactly(FRAME.size))
        payload = self._exactly(length)
        return self.frame() if kind == TOLD else (kind, payload)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.lane.recv(size - len(data))
            assert piece
            data += piece
        return data

    def read(self) -> bytes:
        """All that the client gets."""
        data = b""
        while piece := self.client.recv(1 << 20):
            data += piece
        return data


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.close()


@pytest.fixture
def sending(ends: Ends) -> Iterator[threading.Thread]:
    """Sends all blocks when it is started."""
    thread = threading.Thread(target=send_blocks, args=(ends.worker, iter(BLOCKS)))
    yield thread
    if thread.ident is not None:
        ends.client.close()
        thread.join(10)
        assert not thread.is_alive()


def test_it_goes_over_the_lane(ends: Ends, sending: threading.Thread) -> None:
    ends.lane.sendall(word(Word.HERE))
    sending.start()
    assert [ends.frame() for _ in BLOCKS] == [(BLOCK, block) for block in BLOCKS]
    assert ends.frame() == (END, b"")


def test_it_goes_to_nobody(ends: Ends, sending: threading.Thread) -> None:
    ends.lane.sendall(word(Word.DROP))
    sending.start()
    assert ends.frame() == (END, b"")


def test_it_goes_to_the_client(ends: Ends, sending: threading.Thread) -> None:
    ends.lend()
    sending.start()
    assert ends.read() == b"head\r\n" + CHUNKS + b"0\r\n\r\n"
    kind, payload = ends.frame()
    assert (kind, decode_sent(payload)) == (END, Sent(sum(map(len, BLOCKS))))


def test_an_empty_one_goes_to_the_client(ends: Ends) -> None:
    ends.lend()
    send_blocks(ends.worker, [])
    assert ends.read() == b"head\r\n0\r\n\r\n"


@pytest.mark.parametrize("taken", [0, 50_000, 200_000])
def test_the_rest_is_given_back(ends: Ends, sending: threading.Thread, taken: int) -> None:
    ends.lend()
    sending.start()
    got = b""
    while len(got) < taken:
        got += ends.client.recv(taken - len(got))
    ends.lane.sendall(word(Word.RECALL))
    kind, payload = ends.frame()
    sent = decode_sent(payload)
    assert kind == BACK
    assert not sent.complete
    got += ends.read() + sent.left
    size, rest = sent.size, b""
    while (told := ends.frame()) != (END, b""):
        size += len(told[1])
        rest += b"\r\n%x\r\n%b" % (len(told[1]), told[1]) if told[1] else b""
    assert got + rest + b"\r\n" == b"head\r\n" + CHUNKS
    assert size == sum(map(len, BLOCKS))


def test_the_very_end_is_given_back(ends: Ends) -> None:
    """All blocks are out and the last chunk, which is empty, finds no room."""
    filled = 0

    def blocks() -> Iterator[bytes]:
        yield b"x"
        nonlocal filled
        filler = socket.socket(fileno=os.dup(server))
        try:
            while True:
                filled += filler.send(b"f" * 4096)
        except BlockingIOError:
            pass
        finally:
            filler.close()

    server = ends.server.fileno()
    lend(ends.lane, Lent(ends.server, 10.0, b"head\r\n"))
    ends.lane.sendall(word(Word.RECALL))
    send_blocks(ends.worker, blocks())
    ends.server.close()
    assert ends.read() == b"head\r\n1\r\nx" + b"f" * filled
    kind, payload = ends.frame()
    assert (kind, decode_sent(payload)) == (BACK, Sent(1, True, b"\r\n0\r\n\r\n"))
    assert ends.frame() == (END, b"")


def test_a_client_that_takes_nothing_is_told(ends: Ends, sending: threading.Thread) -> None:
    ends.lend(seconds=0.1)
    sending.start()
    assert ends.frame() == (GONE, b"the client does not take its answer")


def test_a_client_that_is_gone_is_told(ends: Ends, sending: threading.Thread) -> None:
    ends.lend()
    ends.client.close()
    sending.start()
    assert ends.frame() == (GONE, b"the client is gone")


def test_a_client_is_closed_where_the_answer_fails(ends: Ends) -> None:
    ends.lend()
    with pytest.raises(TypeError):
        send_blocks(ends.worker, [b"x", Head(200, None, None)])
    assert ends.read() == b"head\r\n1\r\nx"


def test_a_front_end_that_is_gone_is_noticed(ends: Ends) -> None:
    ends.lend()
    ends.lane.close()
    with pytest.raises(ConnectionError):
        send_blocks(ends.worker, iter(BLOCKS))


def test_a_word_that_comes_too_late_is_no_request(ends: Ends) -> None:
    late, asked = word(Word.RECALL), encode_request(request("ping"), 10)
    for data in (late + asked, late + late + asked[:10]):
        ends.lane.sendall(data)
        if not data.endswith(asked):
            ends.lane.sendall(asked[10:])
        told = receive_request(ends.worker)
        assert told is not None
        assert told.operation == "ping"
    ends.lane.sendall(late)
    ends.lane.close()
    assert receive_request(ends.worker) is None


def test_a_lane_that_ends_instead_of_a_word(ends: Ends) -> None:
    ends.lane.sendall(word(Word.HERE)[:3])
    ends.lane.close()
    with pytest.raises(ConnectionError):
        receive_word(ends.worker)

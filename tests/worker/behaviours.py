"""An application for real workers whose answers misbehave on request: the operation says how.

:func:`request` is for the tests, all else runs in the worker.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyslurmrestd.application.protocol import Answerer, Block, Head, Hello, Kind, Request
from pyslurmrestd.auth.credential import Credential, Peer

BLOCK_SIZE = 256 << 10

PEER = Peer("tcp", "127.0.0.1:6820(fd:9)")


def request(
    operation: str,
    *,
    body: bytes = b"",
    kind: Kind = "token",
    user: str = "alice",
    accounting: bool = False,
) -> Request:
    token = "a.b.c" if kind == "token" else None
    credential = Credential(kind, token, user, None if kind == "token" else os.getuid())
    media = "application/json"
    return Request(operation, {}, "", None, media, body, credential, PEER, accounting=accounting)


def start(kind: Kind, options: Mapping[str, Any]) -> tuple[Hello, Answerer]:
    """Start, unless the file that stands for the configuration says otherwise."""
    conf = Path(options["conf"])
    with conf.with_suffix(".starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    text = conf.read_text()
    if text == "refuse":
        raise RuntimeError("slurm.conf is broken")
    if text == "exit":
        os._exit(1)  # as libslurm does
    if text == "print":
        os.write(2, b"error: first\nfatal: the key is missing")
        os._exit(1)
    if text == "hang":
        time.sleep(60)
    hello = Hello(
        "26.05.5", text, "accounting_storage/slurmdbd", True, 64030, 64030, {}, os.getpid()
    )

    def answerer(request: Request) -> Iterator[Head | Block]:
        name, _, argument = request.operation.partition(" ")
        answer: Iterator[Head | Block] = globals()[f"answer_{name}"](request, argument, conf)
        return answer

    return hello, answerer


def short(body: bytes, status: int = 200) -> Iterator[Head | Block]:
    yield Head(status, "application/json", len(body))
    if body:
        yield body


def answer_echo(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield from short(repr((request, bytes(request.body))).encode())


def answer_known(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Say whether Slurm took the token."""
    yield Head(200, "text/plain", 0, known=argument == "yes")


def answer_ping(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield from short(b'{"pong": true}')


def answer_body(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield from short(bytes(request.body))


def answer_pieces(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """A short answer in blocks that share their memory."""
    memory = bytearray(3)
    yield Head(200, "text/plain", 9)
    for letter in b"abc":
        memory[:] = bytes([letter]) * 3
        yield memoryview(memory)


def answer_empty(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield Head(304, None, 0)


def answer_pid(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield from short(str(os.getpid()).encode())


def answer_environment(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    names = ("SLURM_JWT", "SLURM_SACK_KEY", "SLURM_SACK_JWKS")
    yield from short(repr([os.environ.get(name) for name in names]).encode())


def answer_sleep(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    time.sleep(float(argument))
    yield from short(str(os.getpid()).encode())


def answer_wait(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Wait for a file; a file beside it tells that the wait has begun."""
    Path(argument + ".begun").touch()
    while not Path(argument).exists():
        time.sleep(0.01)
    yield from short(str(os.getpid()).encode())


def answer_raise(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    raise KeyError("gone")
    yield b""


def answer_refuse(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Raise before there is an iterator at all."""
    raise ValueError("no")


def answer_wrong_length(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield Head(200, "text/plain", 10)
    yield b"short"


def answer_no_head(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield b"short"


def answer_fail_late(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Complete the answer, then fail while freeing what it took."""
    try:
        yield from short(b"complete")
    finally:
        raise OSError("cannot free")


def answer_kill(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    os.kill(os.getpid(), getattr(signal, argument))
    time.sleep(10)
    yield b""


def answer_print(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Print so many lines, as libslurm may in the middle of a call."""
    for number in range(int(argument)):
        os.write(2, b"error: %d %s\n" % (number, b"x" * 1000))
    os.write(1, b"debug: from libslurm \xff\n" + b"y" * 10_000)
    yield from short(b"printed")


def answer_exit(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    os._exit(int(argument))
    yield b""


def answer_stream(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Numbered blocks in one piece of memory, as the engine gives them."""
    yield Head(200, "application/json", None)
    memory = bytearray(BLOCK_SIZE)
    for number in range(int(argument)):
        memory[:] = number.to_bytes(4, "big") * (BLOCK_SIZE // 4)
        yield memoryview(memory)


def answer_odd_blocks(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    """Blocks of all small sizes, empty ones too."""
    yield Head(200, "application/octet-stream", None)
    for size in range(int(argument)):
        yield bytes([size % 256]) * size


def answer_stream_raise(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield Head(200, "application/json", None)
    yield b"x" * int(argument)
    raise RuntimeError("in the middle")


def answer_stream_kill(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield Head(200, "application/json", None)
    yield b"x" * 1000
    time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGKILL)


def answer_stream_hang(request: Request, argument: str, conf: Path) -> Iterator[Head | Block]:
    yield Head(200, "application/json", None)
    yield b"x" * 1000
    time.sleep(60)

"""An application for real workers that tells what it was asked; parts of the query command it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson

from pyslurmrestd.application.protocol import Answerer, Block, Head, Hello, Kind, Request
from pyslurmrestd.record import replace


def start(kind: Kind, options: Mapping[str, Any]) -> tuple[Hello, Answerer]:
    hello = Hello(
        "26.05.5", "lab", "accounting_storage/slurmdbd", True, 64030, 64030, {}, os.getpid()
    )
    return hello, answer


def answer(request: Request) -> Iterator[Head | Block]:
    commands = dict(parse_qsl(request.query or request.params.get("job_id", "")))
    if "die" in commands and "state" not in commands:
        os._exit(1)
    if "sleep" in commands:
        time.sleep(float(commands["sleep"]))
    if "status" in commands:
        status = int(commands["status"])
        body = b"" if status in (204, 304) else b"{}"
        yield Head(status, request.media if body else None, len(body), errno=2017)
        yield body
    elif "state" in commands:
        path, rows = Path(commands["state"]), int(commands.get("rows", 0))
        yield from records(request, path, rows, "die" in commands)
    elif "stream" in commands:
        yield Head(200, request.media, None)
        for number in range(int(commands["stream"])):
            yield b"%7d\n" % number * 8192
        if "cut" in commands:
            os._exit(1)
    else:
        text = bytes(request.body).decode(errors="replace")
        seen = vars(request) | {
            "body": text,
            "credential": vars(request.credential),
            "peer": vars(request.peer),
        }
        body = orjson.dumps(seen)
        yield Head(200, request.media, len(body))
        yield body


def records(request: Request, state: Path, rows: int, dies: bool) -> Iterator[Head | Block]:
    """What a controller has that changed last when the file says, with who asks beside it; the
    file's second word is for how long it holds.

    A file beside it has a line for each request: when the answer was made that it has already.
    Another one, if it is there, makes all wait until it is gone, with what they have seen.
    """
    changed, holds = map(int, state.read_text().split())
    with state.with_suffix(".asked").open("a") as asked:
        asked.write(f"{request.has}\n")
    while state.with_suffix(".wait").exists():
        time.sleep(0.01)
    if dies:
        os._exit(1)
    if request.has is not None and request.has > changed:
        yield Head(304, None, 0, known=True)
        return
    told = {"rows": "x" * rows, "changed": changed, "source": request.peer.source}
    body = orjson.dumps(told)
    head = Head(200, request.media, len(body), True, last_change=changed + 1)
    if request.keeps:
        head = replace(head, holds=holds or None)
    if not rows:
        yield head
        yield body
        return
    yield replace(head, length=None)
    for begin in range(0, len(body), 1 << 18):
        yield body[begin : begin + (1 << 18)]

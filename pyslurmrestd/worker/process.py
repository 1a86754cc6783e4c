"""A worker's life: start the application, serve lanes, end with the front end.

Run by the pool as ``python -m pyslurmrestd.worker.process``; needs neither asyncio nor aiohttp.
The lanes are inherited sockets, a thread serves each. Standard input is a pipe of which the front
end alone holds the other end: its end is the worker's end too.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import Final

import orjson

from ..application.encoding import encoded
from ..application.memory import give_back
from ..application.protocol import Answerer, Application, Block, Head, Request
from .frames import abort_frame, head_frame, hello_frame, receive_request, send_all
from .outlet import send_blocks

__all__ = ["main"]

log = logging.getLogger("pyslurmrestd.worker")

_TO_GIVE_BACK: Final = 1 << 20
"""A body of more bytes than that leaves memory that is worth the while."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until the front end is done with this worker. Returns the exit status."""
    settings = _arguments(argv)
    faulthandler.enable()
    # A terminal or a service manager signals the whole group: the front end alone decides.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    logging.basicConfig(level=settings.log_level, format="%(levelname)s: %(message)s")

    lanes = [socket.socket(fileno=int(fd)) for fd in settings.lanes.split(",")]
    for lane in lanes:
        lane.setblocking(True)
    try:
        start = _application(settings.app)
        hello, answerer = start(settings.kind, orjson.loads(settings.options))
    except Exception as error:
        log.error("cannot start: %s", error, exc_info=settings.log_level == "DEBUG")
        send_all(lanes[0], [abort_frame(str(error) or type(error).__name__)])
        return 1
    for number, lane in enumerate(lanes):
        threading.Thread(
            target=_serve, args=(lane, answerer), name=f"lane-{number}", daemon=True
        ).start()
    send_all(lanes[0], [hello_frame(hello)])
    while os.read(sys.stdin.fileno(), 1):
        pass
    sys.stderr.flush()
    os._exit(0)  # a thread may be in a call that nothing can interrupt


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pyslurmrestd.worker.process", description=__doc__)
    parser.add_argument("--app", required=True, help="module:function that starts the application")
    parser.add_argument("--kind", required=True, choices=("token", "local"))
    parser.add_argument("--lanes", required=True, help="file descriptors, joined by commas")
    parser.add_argument("--options", default="{}", help="what the application is given, as JSON")
    parser.add_argument("--log-level", default="WARNING")
    return parser.parse_args(argv)


def _application(name: str) -> Application:
    module, _, function = name.partition(":")
    application: Application = getattr(importlib.import_module(module), function)
    return application


def _serve(lane: socket.socket, answerer: Answerer) -> None:
    """Answer the requests of one lane, one after the other, until the front end closes it."""
    try:
        while (request := receive_request(lane)) is not None:
            size = len(request.body)
            _answer(lane, answerer, request)
            del request  # which would be kept until the next one has come
            if size > _TO_GIVE_BACK:
                give_back()
    except ConnectionError as error:
        log.info("lane lost: %s", error)
    finally:
        lane.close()


def _answer(lane: socket.socket, answerer: Answerer, request: Request) -> None:
    """Send one answer. What the application raises is logged, and told as an abort."""
    answer: Iterable[Head | Block] = ()
    try:
        answer = answerer(request)
        if request.coding:
            _send_answer(lane, encoded(answer, request.coding, request.peer.source))
        else:
            _send_answer(lane, answer)
    except ConnectionError:
        raise
    except Exception as error:
        log.exception("%s failed%s", request.operation, _named(request))
        send_all(lane, [abort_frame(f"{type(error).__name__} in {request.operation}")])
    finally:
        _close(answer, request)


def _close(answer: Iterable[Head | Block], request: Request) -> None:
    """Let a generator free what it holds; the client's answer is complete or lost by now."""
    close = getattr(answer, "close", None)
    if close is not None:
        try:
            close()
        except Exception:
            log.exception("%s failed after its answer%s", request.operation, _named(request))


def _named(request: Request) -> str:
    return f" [{request.id}]" if request.id else ""


def _send_answer(lane: socket.socket, answer: Iterable[Head | Block]) -> None:
    items = iter(answer)
    head = next(items, None)
    if not isinstance(head, Head):
        raise TypeError(f"an answer begins with its Head, not with {head!r:.80}")
    parts: list[Block] = [head_frame(head)]
    if head.length is not None:
        # Short: all of it goes out at once, before the generator frees what it holds.
        left = head.length
        while left > 0:
            block = next(items, None)
            if block is None or isinstance(block, Head) or len(block) > left:
                raise ValueError(f"the body is not of {head.length} bytes")
            left -= len(block)
            # Only the last block's memory is sure to stay as it is.
            parts.append(bytes(block) if left else block)
        send_all(lane, parts)
        return
    send_all(lane, parts)
    send_blocks(lane, items)


if __name__ == "__main__":
    sys.exit(main())

"""The body of a request on a socket: read whole, at a pace, within what all requests may hold."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import HttpVersion10, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from ..application.protocol import LARGE_BODY
from ..errors import ErrorCode, SlurmError
from .admission import LONGEST_BODY, body_too_long, framing
from .connection import unreadable
from .response_head import CONTINUE

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["UnknownCaller", "read_body"]

_SLOWEST: Final = 16 << 10
"""Bytes a second that a body has to come with, on average and after some patience."""


class UnknownCaller(SlurmError):
    """The body is larger than those of callers whom Slurm cannot know may be."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.PROTOCOL_AUTHENTICATION)


async def read_body(
    request: web.BaseRequest,
    connection: Connection,
    limit: asyncio.Timeout,
    patience: float,
    large: bool,
) -> bytes:
    """The whole body.

    :param limit: is set to what the body may take: ``patience`` seconds, and more for each byte.
    :param large: whether it may be a large one.

    Raises :class:`.Refused` when it is too long or broken, and :class:`.UnknownCaller`.
    """
    begun = asyncio.get_running_loop().time()
    limit.reschedule(begun + patience)
    declared = framing(request.headers)
    if declared is not None:
        _check_size(declared, large)
    if "Expect" in request.headers and request.version != HttpVersion10:
        connection.write(CONTINUE)
    stream: StreamReader = request.content
    parts: list[bytes] = []
    size = 0
    try:
        while not stream.at_eof():
            part = await stream.readany()
            size += len(part)
            _check_size(size, large)
            parts.append(part)
            connection.holds(size)
            if not limit.expired() and not connection.is_crowded:
                limit.reschedule(begun + patience + size / _SLOWEST)
    except (RequestPayloadError, HttpProcessingError) as error:
        raise unreadable(error, getattr(error, "message", str(error))) from error
    connection.received()
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _check_size(size: int, large: bool) -> None:
    if size > LONGEST_BODY:
        raise body_too_long()
    if size > LARGE_BODY and not large:
        raise UnknownCaller

"""The body of a request on a socket: read whole, at a pace, within what all requests may hold."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import HttpVersion10, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from ..application.protocol import LARGE_BODY
from ..errors import ErrorCode, SlurmError
from .admission import body_too_long, framing
from .connection import unreadable
from .response_head import CONTINUE

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["Bounds", "UnknownCaller", "read_body"]


class Bounds(NamedTuple):
    """Of a body.

    :ivar longest: its bytes.
    :ivar patience: seconds that it may take at any rate.
    :ivar rate: bytes a second that it has to come with beyond them, on average.
    """

    longest: int
    patience: float
    rate: int


class UnknownCaller(SlurmError):
    """The body is larger than those of callers whom Slurm cannot know may be."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.PROTOCOL_AUTHENTICATION)


async def read_body(
    request: web.BaseRequest,
    connection: Connection,
    limit: asyncio.Timeout,
    bounds: Bounds,
    large: bool,
) -> bytes:
    """The whole body.

    :param limit: is set to what the body may take.
    :param large: whether it may be a large one.

    Raises :class:`.Refused` when it is too long or broken, and :class:`.UnknownCaller`.
    """
    begun = asyncio.get_running_loop().time()
    limit.reschedule(begun + bounds.patience)
    declared = framing(request.headers)
    if declared is not None:
        _check_size(declared, bounds.longest, large)
    if "Expect" in request.headers and request.version != HttpVersion10:
        connection.write(CONTINUE)
    stream: StreamReader = request.content
    parts: list[bytes] = []
    size = 0
    try:
        while not stream.at_eof():
            part = await stream.readany()
            size += len(part)
            _check_size(size, bounds.longest, large)
            parts.append(part)
            connection.holds(size)
            if not limit.expired() and not connection.is_crowded:
                limit.reschedule(begun + bounds.patience + size / bounds.rate)
    except (RequestPayloadError, HttpProcessingError) as error:
        raise unreadable(error, getattr(error, "message", str(error))) from error
    connection.received()
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _check_size(size: int, longest: int, large: bool) -> None:
    if size > longest:
        raise body_too_long()
    if size > LARGE_BODY and not large:
        raise UnknownCaller

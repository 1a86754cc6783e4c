"""Requests from a plain stream: whole ones, broken ones, and ends in the middle."""

from __future__ import annotations

import asyncio
import io
import random
import re

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParser
from aiohttp.streams import EMPTY_PAYLOAD

from pyslurmrestd.server.admission import LONGEST_HEAD, framing
from pyslurmrestd.server.reader import RequestHead, read_body, read_head
from pyslurmrestd.server.refusal import Refused


def read(data: bytes) -> tuple[RequestHead | None, bytes | None]:
    stream = io.BytesIO(data)
    head = read_head(stream)
    return head, None if head is None else read_body(stream, head, lambda: None)


def test_a_request_is_read_whole() -> None:
    head, body = read(b"POST /a?b HTTP/1.0\r\nX-A: b c \r\nContent-Length: 3\r\n\r\nxyzGET")
    assert head is not None
    assert (head.method, head.target, head.version, head.length) == ("POST", "/a?b", "1.0", 3)
    assert dict(head.headers) == {"X-A": "b c", "Content-Length": "3"}
    assert head.headers["x-a"] == "b c"
    assert body == b"xyz"


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET /a HTTP/1.1\nX-A: b\n\n",
        b"\r\n\r\nGET /a HTTP/1.1\r\nX-A:b\r\n\r\n",
        b"GET /a HTTP/1.1\r\nX-A:\t b\t\r\n\r\n",
    ],
)
def test_harmless_forms_are_read(request_text: bytes) -> None:
    head, body = read(request_text)
    assert head is not None
    assert (head.target, dict(head.headers), body) == ("/a", {"X-A": "b"}, b"")


def test_chunks_are_joined() -> None:
    _, body = read(
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
        b"2\r\nab\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    )
    assert body == b"ab0123456789"


@pytest.mark.parametrize(
    "request_text",
    [
        b"",
        b"\r\n",
        b"GET /a HT",
        b"GET /a HTTP/1.1\r\n",
        b"GET /a HTTP/1.1\r\nX-A: b",
        b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nxy",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
    ],
)
def test_a_request_that_ends_too_soon_is_none(request_text: bytes) -> None:
    assert read(request_text)[1] is None


@pytest.mark.parametrize(
    ("request_text", "status", "text"),
    [
        (b"\x01\x02\x03\r\n\r\n", 405, "Invalid HTTP method"),
        (b"\x16\x03\x01\x02", 405, "Invalid HTTP method"),
        (b"GET /a\r\n\r\n", 400, "Only HTTP version 1.1 requests are supported"),
        (b"GET /a HTTP/2.0\r\n\r\n", 400, "Only HTTP version 1.1 requests are supported"),
        (b"GET /a b HTTP/1.1\r\n\r\n", 400, "Unexpected character added or missing in HTTP"),
        (b"GET /a XTTP/1.1\r\n\r\n", 400, "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nFoo\r\n\r\n", 400, "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nFoo : b\r\n\r\n", 400,
         "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nFoo: b\r\n c\r\n\r\n", 400,
         "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nFoo: b\0c\r\n\r\n", 400,
         "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400,
         "Unexpected character or unparsable number in HTTP Content-Length header"),
        (b"GET /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400,
         "Unexpected character or unparsable number in HTTP Content-Length header"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 406,
         "Invalid HTTP Tranfser-Encoding header"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 406,
         "Invalid HTTP Tranfser-Encoding header"),
        (b"GET /a HTTP/1.1\r\nContent-Length: 52428801\r\n\r\n", 413,
         "HTTP Content-Length header too large to process"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n52428801\r\n", 413,
         "HTTP Content-Length header too large to process"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400,
         "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400,
         "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nContent-Length: " + b"0" * 5000 + b"1\r\n\r\n", 400,
         "Unexpected character or unparsable number in HTTP Content-Length header"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 406,
         "Invalid HTTP Tranfser-Encoding header"),
        (b"GET /a HTTP/1.1\rHost: x\r\n\r\n", 400, "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\r\n\r\n", 400, "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", 400, "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\nHost: x\r\r\n\r\n", 400, "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\nHost: x\r\n\rX: y\r\n\r\n", 400, "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\rx\r\n0\r\n\r\n", 400,
         "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r0\r\n\r\n", 400,
         "Missing an expected LF character"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n", 400,
         "Unexpected character added or missing in HTTP"),
        (b"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n",
         400, "Unexpected character added or missing in HTTP"),
        (b"GET /" + b"x" * 90000 + b" HTTP/1.1\r\n\r\n", 431, "Insane message length"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000 + b"\r\n", 431, "Insane message length"),
    ],
)  # fmt: skip
def test_broken_requests_are_refused(request_text: bytes, status: int, text: str) -> None:
    with pytest.raises(Refused) as refused:
        read(request_text)
    assert (refused.value.status, refused.value.text) == (status, text)


# ---- as on sockets ----------------------------------------------------------

REQUESTS = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n",
)
LENGTHS = (b"3", b"03", b"+3", b"3, 3", b"3 ", b"0x3")
ENCODINGS = (b"chunked", b"CHUNKED", b"chunked ", b"\tchunked", b"xchunked", b"gzip, chunked")
PIECES = (
    *(b"GET ", b"get ", b"/a", b"?q=1", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b" HTTP/2.0\r\n"),
    *(b"\r\n", b"\r", b"\0", b"\xe4", b"\x7f", b"\x0b", b"\t", b" ", b"abc"),
    *(b"X: y\r\n", b" folded\r\n", b": v\r\n", b"X:\r\n", b"X\r\n", b"X : y\r\n"),
    *(b"Content-Length: %b\r\n" % value for value in LENGTHS),
    *(b"Transfer-Encoding: %b\r\n" % value for value in ENCODINGS),
    *(b"3\r\n", b"3 \r\n", b"3;x=y\r\n", b"0x3\r\n", b"-3\r\n", b"0\r\n", b"f" * 16 + b"\r\n"),
)


def on_sockets(data: bytes, loop: asyncio.AbstractEventLoop) -> tuple[str, str, str, bytes] | None:
    """The same request as aiohttp's parser reads it; None where it refuses it."""
    parser = HttpRequestParser(
        BaseProtocol(loop), loop, 1 << 16, max_line_size=LONGEST_HEAD, max_field_size=LONGEST_HEAD
    )
    try:
        ((message, payload),), _, _ = parser.feed_data(data)
    except HttpProcessingError:
        return None
    assert payload.is_eof()
    framing(message.headers)
    body = b"" if payload is EMPTY_PAYLOAD else b"".join(payload._buffer)
    return message.method, message.path, f"1.{message.version.minor}", body


def test_what_is_read_here_is_read_the_same_on_sockets() -> None:
    """Broken requests of all kinds: none means one thing here and another there."""
    generator = random.Random(10)
    loop = asyncio.new_event_loop()
    same = 0
    for _ in range(20_000):
        data = bytearray(generator.choice(REQUESTS))
        for _ in range(generator.randrange(4)):
            lines = [0, *(match.end() for match in re.finditer(b"\n", data))]
            place = generator.choice((generator.choice(lines), generator.randrange(len(data) + 1)))
            data[place : place + generator.choice((0, 0, 1, 2, 20))] = generator.choice(PIECES)
        stream = io.BytesIO(data)
        try:
            head = read_head(stream)
            body = None if head is None else read_body(stream, head, lambda: None)
        except Refused:
            continue
        if head is not None and body is not None and head.method.isupper():
            there = on_sockets(bytes(data[: stream.tell()]), loop)
            if there is not None:
                same += 1
                here = (head.method, head.target, head.version, body)
                assert (data, here) == (data, there)
    loop.close()
    assert 2000 < same < 18_000

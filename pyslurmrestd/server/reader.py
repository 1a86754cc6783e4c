"""HTTP/1.1 requests from a plain stream, one after the other; strict, and quick to import."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, Final

from ..errors import ErrorCode
from ..record import record
from ..settings import Settings
from .admission import (
    LONGEST_HEAD,
    body_too_long,
    framing,
    head_too_long,
    malformed,
    missing_lf,
    wrong_version,
)
from .fields import Fields
from .refusal import Refused

__all__ = ["RequestHead", "read_body", "read_head"]

_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+)(?: HTTP/(\d\.\d))?")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_METHOD: Final = re.compile(rb"[A-Z]+ ")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[^\r\n]*)?")


@record
class RequestHead:
    """A request up to its body.

    :ivar version: ``1.0`` or ``1.1``.
    :ivar length: of the body; None when it comes in chunks.
    """

    method: str
    target: str
    version: str
    headers: Fields
    length: int | None

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow."""
        return self.headers.get("Connection", "").strip().lower() != "close"


def read_head(stream: BinaryIO) -> RequestHead | None:
    """The next request; None where the stream ends before it is whole.

    Raises :class:`.Refused` for what is no HTTP/1 request.
    """
    left = LONGEST_HEAD
    line = b"\r\n"
    while line in (b"\r\n", b"\n"):  # blank lines between requests mean nothing
        line = stream.readline(left)
        left -= len(line)
        if left <= 0:
            raise head_too_long()
    if not line.endswith(b"\n"):
        # What does not even begin like a request will not become one.
        if line and _METHOD.match(line) is None:
            raise Refused.of(ErrorCode.BAD_METHOD)
        return None
    method, target, version = _request_line(line)
    headers = _fields(stream, left)
    if headers is None:
        return None
    return RequestHead(method, target, version, headers, framing(headers))


def _fields(stream: BinaryIO, left: int) -> Fields | None:
    """Headers, or trailers, up to the blank line after them; None where the stream ends.

    :param left: bytes that they may take.
    """
    headers = Fields()
    while (line := stream.readline(left)) not in (b"\r\n", b"\n"):
        left -= len(line)
        if left <= 0:
            raise head_too_long()
        if not line.endswith(b"\n"):
            return None
        field = _FIELD.fullmatch(_content(line))
        if field is None:
            raise malformed()
        headers.add(field[1].decode(), field[2].rstrip().decode(errors="surrogateescape"))
    return headers


def _request_line(line: bytes) -> tuple[str, str, str]:
    parsed = _LINE.fullmatch(_content(line))
    if parsed is None:
        if _METHOD.match(line) is None:
            raise Refused.of(ErrorCode.BAD_METHOD)
        raise malformed()
    if parsed[3] not in (b"1.0", b"1.1"):
        raise wrong_version()
    return parsed[1].decode(), parsed[2].decode(), parsed[3].decode()


def _content(line: bytes) -> bytes:
    """A line without its end. Raises :class:`.Refused` for a CR that is not part of that."""
    content = line[:-2] if line.endswith(b"\r\n") else line[:-1]
    if b"\r" in content:
        raise missing_lf()
    return content


def read_body(
    stream: BinaryIO,
    head: RequestHead,
    proceed: Callable[[], None],
    longest: int = Settings.max_body,
) -> bytes | None:
    """The body of a request; None where the stream ends before it is whole.

    :param proceed: tells a client that waits for it to send the body.
    :param longest: bytes of a body.

    Raises :class:`.Refused` for one that is too long or broken.
    """
    if head.length == 0:
        return b""
    if head.length is not None and head.length > longest:
        raise body_too_long()
    if "Expect" in head.headers and head.version == "1.1":
        proceed()
    if head.length is None:
        return _read_chunks(stream, longest)
    body = stream.read(head.length)
    return body if len(body) == head.length else None


def _read_chunks(stream: BinaryIO, longest: int) -> bytes | None:
    parts: list[bytes] = []
    total = 0
    while True:
        line = stream.readline(LONGEST_HEAD)
        if not line.endswith(b"\n"):
            return None
        parsed = _SIZE.fullmatch(_content(line))
        if parsed is None:
            raise malformed()
        size = int(parsed[1], 16)
        total += size
        if total > longest:
            raise body_too_long()
        if size == 0:
            break
        part = stream.read(size)
        parts.append(part)
        if len(part) < size:
            return None
        end = stream.readline(2)
        if end not in (b"\r\n", b"\n"):
            raise missing_lf() if end.startswith(b"\r") else malformed()
    left = LONGEST_HEAD
    trailers = _fields(stream, left)
    if trailers is None:
        return None
    if "Transfer-Encoding" in trailers or "Content-Length" in trailers:
        raise malformed()
    return b"".join(parts)  # trailers are dropped

"""Status lines and headers as bytes."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Final

from ..application.protocol import Head

__all__ = ["CONTINUE", "WITHOUT_BODY", "response_head"]

_REASONS: Final[dict[int, str]] = {status.value: status.phrase.upper() for status in HTTPStatus} | {
    # Slurm: its own words where they differ from the registered ones.
    405: "NOT ALLOWED",
    413: "ENTITY TOO LARGE",
    422: "UNPROCESSABLE CONTENT",
    500: "INTERNAL ERROR",
    511: "Network Authentication Required",
}

CONTINUE: Final = b"HTTP/1.1 100 CONTINUE\r\n\r\n"

WITHOUT_BODY: Final = frozenset((HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED))


def response_head(head: Head, *, version: str = "1.1", close: bool = False) -> bytes:
    """In Slurm's order and with the blank line after them.

    A body of unknown length comes in chunks in HTTP/1.1, and ends with the connection in 1.0.
    """
    if head.headers or head.status in WITHOUT_BODY:
        return _written(head, version, close)
    before, after = _around_length(
        head.status, head.content_type, head.length is None, version, close
    )
    return before if head.length is None else b"%b%d%b" % (before, head.length, after)


@lru_cache(256)
def _around_length(
    status: int, content_type: str | None, chunked: bool, version: str, close: bool
) -> tuple[bytes, bytes]:
    """The head of a usual answer, up to its length and behind it."""
    written = _written(Head(status, content_type, None if chunked else 0), version, close)
    before, mark, after = written.partition(b"Content-Length: 0")
    return before + mark[:-1], after


def _written(head: Head, version: str, close: bool) -> bytes:
    lines = [f"HTTP/{version} {head.status} {_REASONS.get(head.status, 'UNKNOWN')}"]
    if close:
        lines.append("Connection: Close")
    if head.headers:
        lines += (f"{name}: {value}" for name, value in head.headers.items())
    if head.status not in WITHOUT_BODY:
        if head.length is not None:
            lines.append(f"Content-Length: {head.length}")
        elif version == "1.1":
            lines.append("Transfer-Encoding: chunked")
        if head.content_type is not None:
            lines.append(f"Content-Type: {head.content_type}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1", "replace")

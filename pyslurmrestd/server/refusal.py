"""What goes back to the client: status lines, headers, and requests turned away."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from ..errors import SlurmError, http_status

__all__ = [
    "BAD_METHOD",
    "BAD_PATH",
    "CONTINUE",
    "REASONS",
    "URL_METHOD",
    "Refused",
    "refusal",
    "response_head",
]

# Slurm's numbers for requests that end before any handler; stdin mode exits with them.
URL_METHOD: Final = 9007
BAD_PATH: Final = 11008
BAD_METHOD: Final = 12004

REASONS: Final[dict[int, str]] = {status.value: status.phrase.upper() for status in HTTPStatus} | {
    # Slurm: its own words where they differ from the registered ones.
    405: "NOT ALLOWED",
    413: "ENTITY TOO LARGE",
    422: "UNPROCESSABLE CONTENT",
    500: "INTERNAL ERROR",
    511: "Network Authentication Required",
}

CONTINUE: Final = b"HTTP/1.1 100 CONTINUE\r\n\r\n"

_NO_BODY: Final = frozenset((204, 304))


class Refused(SlurmError):
    """A request turned away before any handler: answered with its text alone, then closed.

    :param text: the body of the answer, ``text/plain``.
    :param errno: Slurm's number; decides the status unless one is given.
    :param headers: further headers of the answer.
    """

    status: HTTPStatus = HTTPStatus.BAD_REQUEST

    def __init__(
        self,
        text: str,
        errno: int,
        status: HTTPStatus | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        media: str = "text/plain",
    ) -> None:
        super().__init__(errno, text)
        self.status = status or http_status(errno)
        self.headers = headers or {}
        self.media = media


def response_head(
    status: int,
    content_type: str | None,
    length: int | None,
    *,
    version: str = "1.1",
    close: bool = False,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Status line and headers, in Slurm's order and with the blank line after them.

    :param length: of the body; None means chunks in HTTP/1.1, and all until the close in 1.0.
    """
    lines = [f"HTTP/{version} {status} {REASONS.get(status, 'UNKNOWN')}"]
    if close:
        lines.append("Connection: Close")
    if headers:
        lines += (f"{name}: {value}" for name, value in headers.items())
    if status not in _NO_BODY:
        if length is not None:
            lines.append(f"Content-Length: {length}")
        elif version == "1.1":
            lines.append("Transfer-Encoding: chunked")
        if content_type is not None:
            lines.append(f"Content-Type: {content_type}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1", "replace")


def refusal(refused: Refused, *, version: str = "1.1", bodiless: bool = False) -> bytes:
    """The whole answer to a request that is turned away."""
    body = refused.text.encode()
    head = response_head(
        refused.status,
        refused.media,
        len(body),
        version=version,
        close=True,
        headers=refused.headers,
    )
    return head if bodiless else head + body

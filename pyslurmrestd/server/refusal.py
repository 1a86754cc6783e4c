"""Requests turned away before any handler, and what their clients are told."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from ..application.protocol import Head
from ..errors import ErrorCode, SlurmError, http_status
from .response_head import response_head

__all__ = ["KeyAwaited", "Refused", "refusal"]


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

    @classmethod
    def of(cls, code: ErrorCode) -> Refused:
        """One in Slurm's own words for its number."""
        return cls(code.text, code)


class KeyAwaited(Refused):
    """A token is signed with a key that is not known, or not yet."""


def refusal(refused: Refused, *, version: str = "1.1", bodiless: bool = False) -> bytes:
    """The whole answer to a request that is turned away."""
    body = refused.text.encode()
    head = Head(refused.status, refused.media, len(body), headers=refused.headers)
    written = response_head(head, version=version, close=True)
    return written if bodiless else written + body

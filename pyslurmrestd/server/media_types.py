"""Media types: which one an answer gets by Accept, and how a request body is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from ..errors import ErrorCode
from ..serializer import ANY, FORM, Serializer, styles
from .refusal import Refused

__all__ = ["MediaTypes"]

_KEPT: Final = 512
"""Clients send the same few headers over and over."""


class MediaTypes:
    """The media types of the serializers that are loaded.

    :param json: the engine's style for JSON, pretty or compact. JSON is the default of answers.
    """

    def __init__(self, serializers: Sequence[Serializer], json: str = "json") -> None:
        self._styles = styles(serializers, json)
        self._default = next(media for media, style in self._styles.items() if style == json)
        self.answer = lru_cache(_KEPT)(self._answer)
        self.body = lru_cache(_KEPT)(self._body)

    def style(self, media: str) -> str:
        """The engine's style for a media type of answers."""
        return self._styles[media] or "json"

    def _answer(self, accept: str | None, default: str | None = None) -> str:
        """The media type of an answer, by the Accept header; parameters other than q are ignored.

        :param default: stands where the client leaves it open; JSON otherwise.
        """
        default = default or self._default
        if accept is None:
            return default
        wanted = [_parse(part) for part in accept.split(",")]
        wanted.sort(key=lambda choice: -choice[1])
        for name, _ in wanted:
            if name == ANY:
                return default
            if name in self._styles:
                return self._writable(name)
        raise Refused(
            "HTTP Accept header content type is unknown or unsupported",
            ErrorCode.UNKNOWN_MIME_TYPE,
        )

    def _writable(self, name: str) -> str:
        if self._styles[name] is None:
            # Slurm: read but never written, and told with that very type.
            raise Refused(
                "Requested operation not supported on this system",
                ErrorCode.BAD_REQUEST,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                media=name,
            )
        return name

    def _body(self, content_type: str | None) -> str:
        """The media type by which a body is read, from its Content-Type."""
        if content_type is None:
            return FORM
        name = content_type.partition(";")[0].strip().lower()
        if name == ANY:
            return self._default
        if name not in self._styles:
            raise Refused.of(ErrorCode.UNKNOWN_MIME_TYPE)
        return name


def _parse(part: str) -> tuple[str, float]:
    """One choice of an Accept header: the name in lower case, and its q."""
    name, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 1.0
    return name.strip().lower(), quality

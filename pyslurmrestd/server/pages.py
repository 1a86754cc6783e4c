"""What the front end answers itself: the OpenAPI document and the health checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..application.route import Route
    from ..data_parser.flags import DataParser
    from ..openapi.path import ContentPlugin

__all__ = ["Page", "Pages"]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer."""

    status: int
    content_type: str | None
    body: bytes


_HEALTHY = Page(HTTPStatus.NO_CONTENT, None, b"")


class Pages:
    """The pages of one daemon; the document is made on first need and kept.

    :param style: gives the engine's style for a media type.
    """

    def __init__(
        self,
        plugins: Sequence[ContentPlugin],
        data_parsers: Sequence[DataParser],
        release: str,
        status_codes: Sequence[str],
        style: Callable[[str], str],
    ) -> None:
        self._plugins = plugins
        self._data_parsers = data_parsers
        self._release = release
        self._status_codes = status_codes
        self._style = style
        self._document = cache(self._make_document)

    def page(self, route: Route, media: str) -> Page:
        """The answer to one of the routes that no worker serves."""
        if route.service == "health":
            return _HEALTHY
        return Page(HTTPStatus.OK, media, self._document(self._style(media)))

    def _make_document(self, style: str) -> bytes:
        from ..data_parser.engine import render
        from ..openapi.document import document

        told = document(
            self._plugins,
            self._data_parsers,
            release=self._release,
            status_codes=self._status_codes,
        )
        text: bytes = render(told, style)
        return text

"""What the front end answers itself: the OpenAPI document and the health checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..application.protocol import Answer
from ..application.route import Held, Route

if TYPE_CHECKING:
    from ..data_parser.flags import DataParser
    from ..openapi.path import ContentPlugin

__all__ = ["Document", "held_routes"]


class Document:
    """The OpenAPI document of one daemon, made on first need and kept.

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
        self._texts: dict[str, bytes] = {}

    def takes_long(self, media: str) -> bool:
        return self._style(media) not in self._texts

    def answer(self, media: str) -> Answer:
        style = self._style(media)
        text = self._texts.get(style)
        if text is None:
            text = self._texts[style] = self._make_text(style)
        return Answer.whole(HTTPStatus.OK, media, text)

    def _make_text(self, style: str) -> bytes:
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


class _Health:
    """The daemon answers, so it lives."""

    def takes_long(self, media: str) -> bool:
        return False

    def answer(self, media: str) -> Answer:
        return Answer.whole(HTTPStatus.NO_CONTENT, None, b"")


class _Readiness:
    """Whether a request would find somebody to answer it.

    :param lacking: says what is lacking; None when nothing is.
    """

    def takes_long(self, media: str) -> bool:
        return False

    def __init__(self, lacking: Callable[[], str | None]) -> None:
        self._lacking = lacking

    def answer(self, media: str) -> Answer:
        lacking = self._lacking()
        if lacking is None:
            return Answer.whole(HTTPStatus.NO_CONTENT, None, b"")
        later = {"Retry-After": "1"}
        return Answer.whole(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", lacking.encode(), later)


def held_routes(
    document: Document, lacking: Callable[[], str | None] = lambda: None
) -> list[Route]:
    """Where the document and the health checks are found.

    :param lacking: says what requests would lack, for ``/readyz``.
    """
    health = _Health()
    return [
        _route("/openapi", document),
        _route("/openapi/v3", document),
        _route("/openapi.json", document, "application/json"),
        _route("/openapi.yaml", document, "application/yaml"),
        _route("/healthz", health),
        _route("/livez", health),
        _route("/readyz", _Readiness(lacking)),
    ]


def _route(url: str, service: Held, media: str = "") -> Route:
    return Route(f"get {url}", "GET", url, service, media)

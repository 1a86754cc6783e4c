"""One method of one path in one version, and all of them that plugins and versions give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from ..data_parser.flags import DataParser
from ..openapi.path import ContentPlugin, Operation
from ..record import record

if TYPE_CHECKING:
    from .protocol import Answer

__all__ = ["Held", "Route", "Routes", "Served"]


@record
class Served:
    """An operation in one version: a worker answers.

    :ivar key: its name on a lane, ``get /slurm/v0.0.45/job/{job_id}``.
    """

    key: str
    method: str
    operation: Operation
    plugin: ContentPlugin
    data_parser: DataParser


class Held(Protocol):
    """What the front end answers itself: the document, the health checks."""

    def takes_long(self, media: str) -> bool:
        """Whether the answer in this media type is better made beside the event loop."""

    def answer(self, media: str) -> Answer:
        """The answer, in a media type that Accept allows."""


@record
class Route:
    """One method of one path.

    :ivar url: the path with the version in it and names in braces.
    :ivar media: the media type that the path asks for by its suffix.
    :ivar changes: (GET) it changes something.
    :ivar revalidates: (GET) it can be asked whether the answer that the client has still holds.
    :ivar long: it is expected to take long.
    :ivar accounting: it waits for slurmdbd.
    """

    key: str
    method: str
    url: str
    service: Served | Held
    media: str = ""
    changes: bool = False
    revalidates: bool = False
    long: bool = False
    accounting: bool = False

    @property
    def writes(self) -> bool:
        """Whether it matters that it is done once."""
        return self.changes or self.method not in ("GET", "HEAD")


class Routes:
    """All operations, each in the versions that have every parser it names.

    They are made as they are asked for, so that nobody waits for definitions that no request has
    asked for yet: a path is found by the word that its URL begins with, the version, and the word
    behind it.
    """

    def __init__(
        self, plugins: Iterable[ContentPlugin], data_parsers: Sequence[DataParser]
    ) -> None:
        self._data_parsers = {entry.version.name: entry for entry in data_parsers}
        self._plugins: dict[tuple[str, str], list[ContentPlugin]] = {}
        for plugin in plugins:
            for place in dict.fromkeys(plugin.places()):
                self._plugins.setdefault(place, []).append(plugin)
        self._known: dict[tuple[str, str, str], tuple[Route, ...]] = {}
        self._served: dict[str, Served] = {}

    def at(self, first: str, version: str, word: str) -> tuple[Route, ...]:
        """The routes whose URLs begin with ``/first/version/word``."""
        key = (first, version, word)
        known = self._known.get(key)
        if known is None:
            known = tuple(self._make(*key))
            if known:  # what clients make up is not kept
                self._known[key] = known
        return known

    def _make(self, first: str, version: str, word: str) -> Iterator[Route]:
        data_parser = self._data_parsers.get(version)
        if data_parser is None:
            return
        for plugin in self._plugins.get((first, word), ()):
            for path in plugin.at((first, word)):
                url = path.at(data_parser.version)
                for method, operation in path.operations():
                    if operation.exists(data_parser.version):
                        key = f"{method} {url}"
                        served = Served(key, method.upper(), operation, plugin, data_parser)
                        self._served[key] = served
                        yield Route(
                            key,
                            served.method,
                            url,
                            served,
                            changes=operation.changes,
                            revalidates=operation.revalidates,
                            long=operation.waits,
                            accounting=plugin.needs_accounting,
                        )

    def served(self, key: str) -> Served:
        """The operation that a request names. Raises KeyError."""
        if key not in self._served:
            first, version, word = key.partition("/")[2].split("/")[:3]
            self.at(first, version, word)
        return self._served[key]

    def __iter__(self) -> Iterator[Route]:
        for version in self._data_parsers:
            for first, word in self._plugins:
                yield from self.at(first, version, word)

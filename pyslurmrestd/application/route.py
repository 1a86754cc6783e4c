"""One method of one path in one version, and all of them that plugins and versions give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..data_parser.flags import DataParser
from ..openapi.path import ContentPlugin, Operation

__all__ = ["Route", "Service", "routes"]

Service = Literal["document", "health"]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    :ivar key: the operation's name on a lane, ``get /slurm/v0.0.45/job/{job_id}``.
    :ivar url: the path with the version in it and names in braces.
    :ivar operation: None for what belongs to no version: the document and the health checks.
    :ivar service: which of those it is.
    :ivar media: the media type that the path asks for by its suffix.
    """

    key: str
    method: str
    url: str
    operation: Operation | None = None
    plugin: ContentPlugin | None = None
    data_parser: DataParser | None = None
    service: Service | None = None
    media: str = ""


def routes(plugins: Iterable[ContentPlugin], data_parsers: Sequence[DataParser]) -> Iterator[Route]:
    """All operations: each in the versions that have every parser it names."""
    for plugin in plugins:
        for data_parser in data_parsers:
            for path in plugin.paths:
                url = path.at(data_parser.version)
                for method, operation in path.operations():
                    if operation.exists(data_parser.version):
                        yield Route(
                            f"{method} {url}", method.upper(), url, operation, plugin, data_parser
                        )

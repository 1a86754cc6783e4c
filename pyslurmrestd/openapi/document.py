"""The OpenAPI 3.0 document of the content plugins and API versions that are served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..data_parser.flags import FLAGS, DataParser
from ..data_parser.model import Parser
from ..data_parser.resolve import resolve
from ..data_parser.version import ApiVersion
from .parameters import parameters
from .path import ContentPlugin, Operation, Path
from .refs import Components
from .schema import Schema, shown

__all__ = ["GENERATED_MEDIA_TYPES", "LIVE_MEDIA_TYPES", "document"]

LIVE_MEDIA_TYPES: Final = ("application/json", "application/yaml")
"""What ``/openapi/v3`` tells that answers come in."""

GENERATED_MEDIA_TYPES: Final = ("application/json",)
"""The same for ``--generate-openapi-spec``."""

_TITLE: Final = "Slurm REST API"
_DESCRIPTION: Final = "Jobs, nodes, partitions and accounting of a Slurm cluster over HTTP."
_OPENAPI_TAG: Final = {"name": "openapi", "description": "This document"}
_RESPONSE_WORDS: Final = "The result, with what went wrong and what to be aware of"

_SECURITY_SCHEMES: Final = {
    "user": {
        "type": "apiKey",
        "description": "Name of the user that the token is used for",
        "name": "X-SLURM-USER-NAME",
        "in": "header",
    },
    "token": {
        "type": "apiKey",
        "description": "Token of the user, as scontrol token prints it",
        "name": "X-SLURM-USER-TOKEN",
        "in": "header",
    },
    "bearerAuth": {
        "type": "http",
        "description": "The token in an Authorization header",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    },
}
_SECURITY: Final = (("user", "token"), ("token",), ("bearerAuth",), ())


def document(
    plugins: Sequence[ContentPlugin],
    data_parsers: Sequence[DataParser],
    *,
    release: str,
    media_types: Sequence[str] = LIVE_MEDIA_TYPES,
    status_codes: Sequence[str] = ("200", "default"),
) -> dict[str, Any]:
    """The document as JSON data.

    :param release: the Slurm release that is served, such as ``26.05.5``.
    :param media_types: what requests and answers come in.
    :param status_codes: the keys under ``responses`` (SLURMRESTD_RESPONSE_STATUS_CODES).
    """
    paths: dict[str, Any] = {}
    schemas: dict[str, Schema] = {}
    parts = [
        _VersionPart(data_parser, plugins, media_types, status_codes, schemas)
        for data_parser in data_parsers
    ]
    # Slurm: a path stands beside itself in the other versions.
    for plugin in plugins:
        for path in plugin.all_paths():
            for part in parts:
                if operations := part.path(plugin, path):
                    paths[path.at(part.version)] = operations
    return {
        "tags": [*map(_tag, plugins), _OPENAPI_TAG],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY_SCHEMES},
        "info": _info(plugins, data_parsers, release),
        "servers": [{"url": "/"}],
        "security": [{scheme: [] for scheme in choice} for choice in _SECURITY],
        "openapi": "3.0.3",
    }


def _tag(plugin: ContentPlugin) -> Schema:
    return {"name": plugin.tag, "description": plugin.tag_description}


def _info(
    plugins: Sequence[ContentPlugin], data_parsers: Sequence[DataParser], release: str
) -> Schema:
    major, minor, micro = release.split("-")[0].split(".")
    return {
        "x-slurm": {
            "data_parsers": [
                {"plugin": entry.version.name, "flags": _flag_names(entry)}
                for entry in data_parsers
            ],
            "openapi": [plugin.name for plugin in plugins],
            "version": {"major": major, "micro": micro, "minor": minor},
            "release": release,
        },
        "title": _TITLE,
        "description": _DESCRIPTION,
        "version": f"Slurm-{release}",
    }


def _flag_names(data_parser: DataParser) -> list[str]:
    on = data_parser.flags
    return [flag.word.upper() for flag in FLAGS if flag.word in on] or ["NONE"]


class _VersionPart:
    """One version's paths, and the components they lead to."""

    def __init__(
        self,
        data_parser: DataParser,
        plugins: Sequence[ContentPlugin],
        media_types: Sequence[str],
        status_codes: Sequence[str],
        schemas: dict[str, Schema],
    ) -> None:
        self.version: ApiVersion = data_parser.version
        self._plugins = plugins
        self._media_types = media_types
        self._status_codes = status_codes
        self.components = Components(data_parser, self._uses(), schemas)

    def path(self, plugin: ContentPlugin, path: Path) -> dict[str, Any]:
        """The operations that the version has there, by method."""
        return {
            method: self._operation(plugin, path, method, operation)
            for method, operation in path.operations()
            if operation.exists(self.version)
        }

    def _operations(self) -> Iterator[Operation]:
        for plugin in self._plugins:
            for path in plugin.all_paths():
                for _, operation in path.operations():
                    if operation.exists(self.version):
                        yield operation

    def _uses(self) -> Counter[str]:
        """How often bodies and answers name each definition: once for each media type."""
        uses: Counter[str] = Counter()
        for operation in self._operations():
            for parser in (operation.body, operation.response):
                if parser is not None:
                    uses[shown(resolve(parser, self.version)).name] += len(self._media_types)
        return uses

    def _operation(
        self, plugin: ContentPlugin, path: Path, method: str, operation: Operation
    ) -> Schema:
        told: Schema = {"tags": [plugin.tag], "summary": operation.summary}
        if operation.description:
            told["description"] = operation.description
        if self.version.marks_deprecated:
            told["deprecated"] = True
        told["operationId"] = path.operation_id(method, self.version)
        if operation.params is not None or operation.query is not None:
            told["parameters"] = [
                *parameters(operation.params, "path", self.version),
                *parameters(operation.query, "query", self.version),
            ]
        response = {"content": self._content(operation.response), "description": _RESPONSE_WORDS}
        told["responses"] = dict.fromkeys(self._status_codes, response)
        if operation.body is not None:
            told["requestBody"] = {"content": self._content(operation.body)}
        return told

    def _content(self, parser: Parser) -> Schema:
        schema = self.components.place(resolve(parser, self.version))
        return {media_type: {"schema": schema} for media_type in self._media_types}

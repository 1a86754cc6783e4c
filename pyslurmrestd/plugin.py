"""Plugins: which are installed, which of them ``-a``, ``-d`` and ``-s`` choose.

A plugin is an entry point whose object is the plugin itself. Its name there is Slurm's, without
the prefix that tells the kind: ``jwt`` for ``rest_auth/jwt``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .data_parser.flags import DataParser, known_flags
from .data_parser.version import ApiVersion
from .entry_points import EntryPoint, entry_points
from .log import Fatal, log
from .record import record

if TYPE_CHECKING:
    from .auth.authenticator import Authenticator
    from .openapi.path import ContentPlugin
    from .serializer import Serializer

__all__ = [
    "CONTENT",
    "DATA_PARSER",
    "REST_AUTH",
    "SERIALIZER",
    "Kind",
    "authenticators",
    "contents",
    "data_parsers",
    "names",
    "refuse_unknown",
    "serializers",
]


@record
class Kind:
    """A kind of plugin.

    :ivar group: its entry points' group.
    :ivar prefix: what a name may begin with, and ``list`` prints.
    :ivar words: what ``list`` calls these plugins.
    """

    group: str
    prefix: str
    words: str


REST_AUTH: Final = Kind("pyslurmrestd.rest_auth", "rest_auth/", "REST authentication")
CONTENT: Final = Kind("pyslurmrestd.content", "openapi/", "OpenAPI")
DATA_PARSER: Final = Kind("pyslurmrestd.data_parser", "data_parser/", "data_parser")
SERIALIZER: Final = Kind("pyslurmrestd.serializer", "serializer/", "serializer")


@cache
def _installed(kind: Kind) -> dict[str, EntryPoint]:
    found = entry_points().get(kind.group, ())
    return {entry.name: entry for entry in sorted(found, key=lambda it: (it.name, it.value))}


def names(kind: Kind) -> list[str]:
    """The installed plugins of a kind, with their prefix."""
    return [kind.prefix + name for name in _installed(kind)]


def _load(kind: Kind, name: str) -> Any:
    entry = _installed(kind).get(name)
    if entry is None:
        raise Fatal(_unknown(kind, name))
    try:
        return entry.load()
    except Exception as error:  # whatever a third party's module may raise
        raise Fatal(f"Unable to load plugin {kind.prefix}{name}: {error}") from error


def _unknown(kind: Kind, name: str) -> str:
    there = ", ".join(_installed(kind))
    return f"Unable to find plugin: {kind.prefix}{name} (there are: {there})"


def refuse_unknown(
    auth_types: str | None, openapi_plugins: str | None, data_parsers: str | None
) -> None:
    """Look for all plugins that are chosen, without loading any.

    Raises :class:`.Fatal` for the first that is not installed; it names those that are.
    """
    for kind, choice in (
        (REST_AUTH, auth_types),
        (CONTENT, openapi_plugins),
        (DATA_PARSER, data_parsers),
    ):
        for word in _chosen(kind, choice or ""):
            name = word.partition("+")[0] if kind is DATA_PARSER else word
            if name not in _installed(kind) and (kind, name) != (DATA_PARSER, "latest"):
                raise Fatal(_unknown(kind, name))


def _load_all(kind: Kind, order: Callable[[Any], Any]) -> list[Any]:
    return sorted((_load(kind, name) for name in _installed(kind)), key=order)


def _chosen(kind: Kind, choice: str) -> list[str]:
    """The names in a comma list, without prefix, each once."""
    words = (word.strip().removeprefix(kind.prefix) for word in choice.split(","))
    return list(dict.fromkeys(word for word in words if word))


def authenticators(choice: str | None) -> list[Authenticator]:
    """The rest_auth plugins in the order in which they are asked."""
    if choice is None:
        found = _load_all(REST_AUTH, lambda plugin: (plugin.rank, plugin.name))
    else:
        found = [_load(REST_AUTH, name) for name in _chosen(REST_AUTH, choice)]
    if not found:
        raise Fatal("No authentication plugins to load")
    return found


def contents(choice: str | None, *, accounting: bool = True) -> list[ContentPlugin]:
    """The content plugins to serve.

    :param accounting: whether there is an accounting database; the default choice leaves out
        what needs one where there is none.
    """
    if choice is None:
        plugins = _load_all(CONTENT, lambda plugin: plugin.name)
        found = [plugin for plugin in plugins if accounting or not plugin.needs_accounting]
    else:
        found = [_load(CONTENT, name) for name in _chosen(CONTENT, choice)]
    if not found:
        raise Fatal("No OpenAPI plugins to load")
    return found


def data_parsers(choice: str | None) -> list[DataParser]:
    """The API versions to serve; of two entries for one version the first counts."""
    if choice is None:
        versions: list[ApiVersion] = _load_all(DATA_PARSER, lambda version: version)
        return [DataParser(version) for version in versions]
    found: dict[ApiVersion, DataParser] = {}
    for entry in choice.split(","):
        name, *words = entry.strip().removeprefix(DATA_PARSER.prefix).split("+")
        if not name:
            continue
        if name == "latest":
            version = _load_all(DATA_PARSER, lambda version: version)[-1]
        else:
            version = _load(DATA_PARSER, name)
        _note_unknown(version, words)
        found.setdefault(version, DataParser(version, tuple(words)))
    if not found:
        raise Fatal("No data_parser plugins to load")
    return list(found.values())


def _note_unknown(version: ApiVersion, words: Sequence[str]) -> None:
    known = known_flags(words, version)
    for word in words:
        if word.lower() not in known:
            log.info("%s%s: ignoring unknown flag %s", DATA_PARSER.prefix, version, word)


def serializers() -> list[Serializer]:
    """All installed serializers: media types are not chosen by the command line."""
    return _load_all(SERIALIZER, lambda plugin: plugin.name)

"""Path and Operation: what a content plugin offers, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from string import Formatter
from typing import TYPE_CHECKING

from ..data_parser.model import Either, Parser, Struct
from ..data_parser.resolve import exists
from ..record import record

if TYPE_CHECKING:
    from ..application.context import Context, Reply
    from ..data_parser.version import ApiVersion

__all__ = ["ContentPlugin", "Domain", "Operation", "Path", "Told"]

Handler = Callable[["Context"], "Reply"]


@record
class Told:
    """What a client is told of a failure: the description and the source of the error."""

    text: str
    source: str


@record(kw_only=True)
class Operation:
    """One method of a path.

    :ivar handler: an ordinary blocking function, run in a worker.
    :ivar query: the struct of the query; a request's body stands in for it. Slurm documents one
        beside a body too, which is not read.
    :ivar asks: the struct that is really read of the query, where the document shows another one.
    :ivar dumps: what is really dumped, where the document shows another struct as the answer.
    :ivar changes: (GET) it changes something, so that HEAD is not to do the same.
    :ivar revalidates: (GET) it asks what has changed since the query's ``update_time``, so a client
        that has its answer can be told that it still holds.
    :ivar waits: it may take all of its time without working at anything.
    :ivar since: for the few operations that need a mark; an operation exists otherwise exactly
        in the versions that have every parser it names.
    :ivar failed: how an error is told that has no words of its own, as that of a call; parameters
        of the path may stand in the text, ``{node_name}``.
    :ivar bad_params: told, as error 9000, instead of what is wrong with a parameter of the path.
    :ivar bad_query: told, as error 9000, after the errors of a query that cannot be parsed.
    :ivar bad_body: the same for the body; None tells its errors alone.
    """

    handler: Handler
    summary: str
    response: Struct | Either
    description: str = ""
    params: Struct | None = None
    query: Struct | None = None
    body: Parser | None = None
    asks: Struct | None = None
    dumps: Struct | None = None
    changes: bool = False
    revalidates: bool = False
    waits: bool = False
    since: ApiVersion | None = None
    failed: Told | None = None
    bad_params: Told | None = None
    bad_query: Told | None = None
    bad_body: Told | None = None

    def __post_init__(self) -> None:
        if self.failed is not None:
            known = {row.source for row in self.params.fields} if self.params else set()
            for _, name, _, _ in Formatter().parse(self.failed.text):
                if name is not None and name.partition(".")[0] not in known:
                    raise ValueError(f"{self.summary}: no parameter {name} in its path")

    @property
    def question(self) -> Struct | None:
        """The struct that the query is parsed by."""
        return self.asks or self.query

    @property
    def answer(self) -> Struct | Either:
        """The struct that is dumped."""
        return self.dumps or self.response

    def exists(self, version: ApiVersion) -> bool:
        """Whether the version has this operation."""
        if self.since is not None and version < self.since:
            return False
        return all(exists(parser, version) for parser in self.parsers())

    def parsers(self) -> Iterator[Parser]:
        """The definitions of its inputs and its answer, as the document shows them."""
        for parser in (self.params, self.query, self.body, self.response):
            if parser is not None:
                yield parser

    def all_parsers(self) -> Iterator[Parser]:
        """The same, and what is really read and dumped."""
        yield from self.parsers()
        yield from (parser for parser in (self.asks, self.dumps) if parser is not None)


@record(kw_only=True)
class Path:
    """A URL with ``{data_parser}`` where the version stands, and its operations by method."""

    url: str
    get: Operation | None = None
    post: Operation | None = None
    delete: Operation | None = None

    @property
    def place(self) -> tuple[str, str]:
        """What the URL begins with, and what stands behind the version: ``slurm``, ``jobs``."""
        first, _, rest = self.url.partition("/{data_parser}/")
        return first.strip("/"), rest.partition("/")[0]

    def at(self, version: ApiVersion) -> str:
        """The URL in one version."""
        return self.url.replace("{data_parser}", version.name)

    def operation_id(self, method: str, version: ApiVersion) -> str:
        """The name that generated clients call an operation by: ``slurm_v0045_get_jobs_state``.

        It is made of the URL's words: parameters are left out, but one that repeats the word
        before it makes that word ``single`` (``qos/{qos}`` is ``get_single_qos``).
        """
        words: list[str] = []
        for part in self.at(version).split("/"):
            if not part.startswith("{"):
                words.append(part.replace(".", ""))
            elif words[-1] == part[1:-1]:
                words[-1:] = ["single", part[1:-1]]
        plugin, parser, *rest = filter(None, words)
        return "_".join((plugin, parser, method, *rest))

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """(method in lower case, operation), in the order of the document."""
        for method in ("get", "post", "delete"):
            operation: Operation | None = getattr(self, method)
            if operation is not None:
                yield method, operation


class Domain:
    """The paths of one module, imported when a request first asks for one of them.

    :param module: its name; it has ``PATHS`` and, where handlers ask for C constants, their names
        as ``CONSTANTS``.
    :param words: what the URLs of its paths begin with, and what may stand behind the version:
        ``("slurm", "node", "nodes")``.
    """

    def __init__(self, module: str, *words: str) -> None:
        self.module = module
        self.places = [(words[0], word) for word in words[1:]]

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        paths: tuple[Path, ...] = import_module(self.module).PATHS
        for path in paths:
            if path.place not in self.places:
                raise ValueError(f"{self.module}: {path.url} is not announced")
        return paths

    @property
    def constants(self) -> tuple[str, ...]:
        constants: tuple[str, ...] = getattr(import_module(self.module), "CONSTANTS", ())
        return constants


@record(kw_only=True)
class ContentPlugin:
    """Paths of one part of Slurm: ``openapi/slurmctld`` and the like.

    :ivar name: with its prefix, as ``-s list`` prints it.
    :ivar title: as ``meta.plugin.name`` shows it.
    :ivar tag: the tag of its operations in the document.
    :ivar paths: in the order of the document; a domain stands for those of its module.
    :ivar constants: C constants that handlers ask their context for, beside those of domains.
    """

    name: str
    title: str
    tag: str
    paths: tuple[Path | Domain, ...]
    needs_accounting: bool = False
    constants: tuple[str, ...] = ()
    tag_description: str = ""

    def all_paths(self) -> Iterator[Path]:
        """Imports every domain."""
        for entry in self.paths:
            yield from entry.paths if isinstance(entry, Domain) else (entry,)

    def all_constants(self) -> Iterator[str]:
        """Imports every domain."""
        yield from self.constants
        for entry in self.paths:
            if isinstance(entry, Domain):
                yield from entry.constants

    def places(self) -> Iterator[tuple[str, str]]:
        """What leads to a path, see :meth:`at`; nothing is imported for it."""
        for entry in self.paths:
            yield from entry.places if isinstance(entry, Domain) else (entry.place,)

    def at(self, place: tuple[str, str]) -> Iterator[Path]:
        """The paths whose URLs begin so; only their domains are imported."""
        for entry in self.paths:
            if isinstance(entry, Path):
                if entry.place == place:
                    yield entry
            elif place in entry.places:
                yield from (path for path in entry.paths if path.place == place)

"""One request answered: inputs parsed, handler called, its reply dumped.

What a worker process runs; standard-input mode calls it in its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from itertools import chain
from typing import Any, Final

from .. import plugin
from ..data_parser.engine import Dump, Plan
from ..data_parser.model import Parser, Struct
from ..data_parser.parse import ParseContext, Record, parse_value
from ..data_parser.plan import response_plan
from ..data_parser.resolve import resolve
from ..errors import ErrorCode, NotFound, ParseError, SlurmError, http_status
from ..openapi.path import Rejection
from ..serializer import Serializer
from ..slurm import library
from ..slurm.layout import LAYOUT
from .context import Context, Reply
from .meta import meta
from .protocol import Answerer, Block, Head, Hello, Kind, Request
from .route import Route, routes
from .session import Session

__all__ = ["Site", "start"]

_ENVELOPE: Final = ("meta", "errors", "warnings")
_WITHOUT_PAYLOAD: Final = ("errors", "warnings", "meta")


def start(kind: Kind, options: Mapping[str, Any]) -> tuple[Hello, Answerer]:
    """Start libslurm and give what answers requests.

    :param options: ``conf`` (slurm.conf or None), ``openapi_plugins`` and ``data_parsers`` as
        for ``-s`` and ``-d``, ``json`` (the engine's style).
    :raises LibraryError: libslurm cannot be started.
    """
    hello = Hello(**asdict(library.start(options.get("conf"), kind)), pid=os.getpid())
    return hello, Site(hello, options).answer


class Site:
    """What all requests of a process share: operations, serializers, plans."""

    def __init__(self, hello: Hello, options: Mapping[str, Any]) -> None:
        # Only once libslurm is loaded can its calls be imported.
        from ..slurm import slurmctld

        self._hello = hello
        self._slurmctld = slurmctld
        contents = plugin.contents(options.get("openapi_plugins"), accounting=hello.accounting)
        data_parsers = plugin.data_parsers(options.get("data_parsers"))
        self._routes = {route.key: route for route in routes(contents, data_parsers)}
        self._readers: dict[str, Serializer] = {}
        self._styles: dict[str, str] = {}
        for serializer in plugin.serializers():
            for media in serializer.media_types:
                self._readers[media] = serializer
                if serializer.style is not None:
                    json = options.get("json") or "json"
                    self._styles[media] = json if serializer.style == "json" else serializer.style
        self._query_reader = self._readers["application/x-www-form-urlencoded"]
        self._plans: dict[tuple[str, str], Plan] = {}

    def answer(self, request: Request) -> Iterator[Head | Block]:
        """The head of the answer, then its body in blocks."""
        route = self._routes[request.operation]
        try:
            data = self._data(request)
        except SlurmError as error:
            # Text that is no data at all is told as such; no definition was asked.
            text = error.text.encode()
            head = Head(http_status(error.errno), "text/plain", len(text), errno=error.errno)
            return iter((head, text))
        session = Session(request.credential)
        try:
            exchange = _Exchange(route, request, data, session, self._slurmctld.error_text)
            reply = exchange.reply()
            if exchange.no_change:
                return iter((Head(HTTPStatus.NOT_MODIFIED, None, 0),))
            return self._dump(route, request, exchange, reply)
        finally:
            session.close()

    def _data(self, request: Request) -> Any:
        """The request's input as data: its body, or its query in the body's place."""
        if request.body:
            media = request.content_type or "application/x-www-form-urlencoded"
            return self._readers[media].parse(bytes(request.body))
        if not request.query:
            return {}
        return self._query_reader.parse(request.query.encode("utf-8", "surrogateescape"))

    def _dump(
        self, route: Route, request: Request, exchange: _Exchange, reply: Reply | None
    ) -> Iterator[Head | Block]:
        plan = self._plan(route, self._styles[request.media])
        values = dict(reply.payload) if reply is not None else {}
        order = [source for source in plan.sources if source in values]
        order += _WITHOUT_PAYLOAD if reply is None else _ENVELOPE
        values |= {
            "meta": meta(route, request.credential, request.peer, self._hello),
            "errors": [self._error(error) for error in exchange.errors],
            "warnings": [
                {"description": text, "source": source} for text, source in exchange.warnings
            ],
        }
        assert route.data_parser is not None
        dump = Dump(plan, values, order, quiet="fast" in route.data_parser.flags)
        block = next(dump)
        length = len(block) if dump.finished else None
        errno = exchange.errors[0].errno if exchange.errors else ErrorCode.SUCCESS
        return chain((Head(exchange.status, request.media, length, errno=errno), block), dump)

    def _plan(self, route: Route, style: str) -> Plan:
        """The plan of the route's answers, made on first need."""
        plan = self._plans.get((route.key, style))
        if plan is None:
            assert route.operation is not None
            assert route.data_parser is not None
            version = route.data_parser.version
            response = resolve(route.operation.answer, version)
            assert isinstance(response, Struct)
            plan = response_plan(response, version, route.data_parser.flags, style, LAYOUT)
            self._plans[route.key, style] = plan
        return plan

    def _error(self, error: SlurmError) -> dict[str, Any]:
        return {
            "description": error.text,
            "error_number": error.errno,
            "error": self._slurmctld.error_text(error.errno),
            "source": error.source,
        }


class _Exchange:
    """One request's way through parsing and its handler, with what is to be told of it."""

    def __init__(
        self,
        route: Route,
        request: Request,
        data: Any,
        session: Session,
        error_text: Callable[[int], str],
    ) -> None:
        assert route.operation is not None
        assert route.data_parser is not None
        self.errors: list[SlurmError] = []
        self.warnings: list[tuple[str, str]] = []
        self.no_change = False
        self._reads = route.method == "GET"
        self._operation = route.operation
        self._parser = route.data_parser
        self._request = request
        self._data = data
        self._session = session
        self._error_text = error_text

    @property
    def status(self) -> int:
        """By the first error; what is missing is 404, whatever its number says elsewhere."""
        if not self.errors:
            return HTTPStatus.OK
        first = self.errors[0]
        if isinstance(first, NotFound):
            return HTTPStatus.NOT_FOUND
        if first.errno == ErrorCode.SUCCESS:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return http_status(first.errno)

    def reply(self) -> Reply | None:
        """The handler's reply; None where inputs or the call failed, see ``errors``."""
        operation = self._operation
        try:
            params = self._parse(
                operation.params, dict(self._request.params), operation.bad_params, replace=True
            )
            query = self._parse(operation.query, self._data, operation.bad_query)
            body = self._parse(operation.body, self._data, operation.bad_body)
        except ParseError:
            return None
        context = Context(
            version=self._parser.version,
            params=params or Record(),
            query=query or Record(),
            body=body,
            session=self._session,
            constants=LAYOUT.constants,
            error_text=self._error_text,
            timeout=self._request.timeout,
        )
        context.warnings = self.warnings
        context.errors = self.errors
        try:
            return operation.handler(context)
        except SlurmError as error:
            if error.errno == ErrorCode.NO_CHANGE:
                self.no_change = True
            else:
                self.errors.append(error)
            return None

    def _parse(
        self,
        parser: Parser | None,
        data: Any,
        rejection: Rejection | None,
        *,
        replace: bool = False,
    ) -> Any:
        """One input, if the operation has it.

        :param replace: the rejection is told instead of the errors, not after them.
        :raises ParseError: it cannot be understood; ``errors`` says where.
        """
        if parser is None:
            return None
        context = ParseContext(self._parser.version, self._parser.flags, LAYOUT.constants)
        failure: ParseError | None = None
        value = None
        try:
            value = parse_value(parser, data, context)
        except ParseError as error:
            failure = error
        self.warnings += context.warnings
        if failure is None and (not context.errors or self._reads):
            # Slurm: a flag nobody knows is told, and the rest of the query answered.
            self.errors += context.errors
            return value
        told: list[SlurmError] = [] if replace and rejection else list(context.errors)
        if rejection is not None:
            told.append(SlurmError(ErrorCode.REST_INVALID_QUERY, rejection.text, rejection.source))
        elif not told and failure is not None:
            told.append(failure)
        self.errors += told
        raise failure or context.errors[0]

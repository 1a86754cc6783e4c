"""One request answered: inputs parsed, handler called, its reply dumped.

What a worker process runs; standard-input mode calls it in its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

from .. import plugin
from ..data_parser.engine import Dump, Plan, Prepared, Records
from ..data_parser.model import Parser, Struct
from ..data_parser.parse import ParseContext, parse_value
from ..data_parser.parsed import Parsed
from ..data_parser.plan import MOST_PLANS, response_plan
from ..data_parser.resolve import resolve
from ..errors import ErrorCode, ParseError, Rejected, SlurmError
from ..openapi.path import Told
from ..record import record, replace
from ..serializer import FORM, LIMITS, Limits, Serializer, styles
from ..slurm import library
from ..slurm.layout import LAYOUT
from .bodies import Bodies
from .caller import caller
from .context import Context, Reply
from .meta import meta
from .payload import Rows, rows_of
from .protocol import LARGE_BODY, Answerer, Block, Head, Hello, Kind, Request
from .route import Routes, Served
from .session import Session

__all__ = ["Site", "start"]

_ENVELOPE: Final = ("meta", "errors", "warnings")
_WITHOUT_PAYLOAD: Final = ("errors", "warnings", "meta")

_CLIENTS: Final = 1024
_LONGEST_NAME: Final = 256
"""Of so many clients with names up to this length ``meta`` is kept as it is written."""


def start(kind: Kind, options: Mapping[str, Any]) -> tuple[Hello, Answerer]:
    """Start libslurm and give what answers requests.

    :param options: ``conf`` (slurm.conf or None), ``openapi_plugins`` and ``data_parsers`` as
        for ``-s`` and ``-d``, ``json`` (the engine's style), ``limits`` (fields of Limits).
    :raises LibraryError: libslurm cannot be started.
    """
    hello = Hello(**vars(library.start(options.get("conf"), kind)), pid=os.getpid())
    contents = plugin.contents(options.get("openapi_plugins"), accounting=hello.accounting)
    data_parsers = plugin.data_parsers(options.get("data_parsers"))
    site = Site(
        hello,
        Routes(contents, data_parsers),
        plugin.serializers(),
        options.get("json") or "json",
        Limits(**options.get("limits", {})),
        timed=options.get("timed", False),
    )
    return hello, site.answer


@record
class _Form:
    """How a route's answers are written in one media type.

    :ivar quiet: without warnings about values.
    """

    plan: Plan
    rows: Rows
    quiet: bool


class Site:
    """What all requests of a process share: operations, serializers, plans.

    :param json: the engine's style for JSON.
    :param timed: heads tell how long their answers took.
    """

    def __init__(
        self,
        hello: Hello,
        routes: Routes,
        serializers: Sequence[Serializer],
        json: str,
        limits: Limits = LIMITS,
        *,
        timed: bool = False,
    ) -> None:
        # Only once libslurm is loaded can its calls be imported.
        from ..slurm import slurmctld

        self._hello = hello
        self._slurmctld = slurmctld
        self._routes = routes
        self._readers = {
            media: serializer for serializer in serializers for media in serializer.media_types
        }
        self._styles = styles(serializers, json)
        self._query_reader = self._readers[FORM]
        self._bodies = Bodies(limits)
        self._timed = timed
        self._uid = os.geteuid()
        self._form = lru_cache(MOST_PLANS)(self._make_form)
        self._meta = lru_cache(_CLIENTS)(self._prepare_meta)

    def answer(self, request: Request) -> Iterator[Head | Block]:
        """The head of the answer, then its body in blocks."""
        begun = perf_counter() if self._timed else 0.0
        served = self._routes.served(request.operation)
        accounting = served.plugin.needs_accounting
        session = Session(request.credential, request.timeout, accounting=accounting)
        try:
            passage = _Passage(served, request, session, self._slurmctld.error_text)
            try:
                if len(request.body) > LARGE_BODY:
                    # To read it takes time and memory, which nobody gets whom Slurm does not know.
                    session.vouch()
                reply = passage.reply(self._data(request))
            except SlurmError as error:
                passage.errors.append(error)
                reply = None
            if passage.no_change:
                session.close()
                return iter((Head(HTTPStatus.NOT_MODIFIED, None, 0, session.known),))
            called = perf_counter() if self._timed else 0.0
            head, block, dump = self._dump(served, request, passage, reply)
            if self._timed:
                head = replace(head, spent=(called - begun, perf_counter() - called))
        except BaseException:
            session.close()
            raise
        if dump.finished:
            session.close()
            return iter((head, block))
        return _stream(head, block, dump, session)

    def _data(self, request: Request) -> Any:
        """The request's input as data: its body, or its query in the body's place."""
        if request.body:
            media = request.content_type or FORM
            return self._bodies.read(self._readers[media], request)
        if not request.query:
            return {}
        return self._query_reader.parse(request.query.encode("utf-8", "surrogateescape"))

    def _dump(
        self, served: Served, request: Request, passage: _Passage, reply: Reply | None
    ) -> tuple[Head, Block, Dump]:
        """Head and first block of an answer, and what makes the further ones."""
        form = self._form(served.key, request.media)
        plan = form.plan
        values = self._payload(served, form.rows, reply, passage)
        lookups = None
        if plan.needs and any(isinstance(value, Records) and value for value in values.values()):
            lookups = passage.session.lookups
            lookups.load(plan.needs)
            passage.warnings += lookups.warnings
        order = [source for source in plan.sources if source in values]
        order += _ENVELOPE if values else _WITHOUT_PAYLOAD
        user, group = caller(request.credential, self._uid)
        # Names are what the client says.
        prepared = self._meta if len(user) <= _LONGEST_NAME else self._prepare_meta
        values |= {
            "meta": prepared(served.key, request.media, request.peer.source, user, group),
            "errors": [self._error(error) for error in passage.errors],
            "warnings": [
                {"description": text, "source": source} for text, source in passage.warnings
            ],
        }
        dump = Dump(plan, values, order, quiet=form.quiet, lookups=lookups)
        block = next(dump)
        length = len(block) if dump.finished else None
        errno = passage.errors[0].errno if passage.errors else ErrorCode.SUCCESS
        last_change = values.get("last_update") or None
        head = Head(
            passage.status,
            request.media,
            length,
            passage.session.known,
            errno,
            last_change,
            passage.headers,
            holds=passage.holds,
        )
        return head, block, dump

    def _payload(
        self, served: Served, rows: Rows, reply: Reply | None, passage: _Passage
    ) -> dict[str, Any]:
        """What the answer tells besides its envelope, by source.

        A list of records that is empty may come with a warning; one that a handler leaves out,
        since a call has failed, does not. What the document requires is there in any case, so
        that who reads by it can read of a failure too.
        """
        if reply is None:
            return dict(rows.required)
        unknown = reply.payload.keys() - rows.sources
        if unknown:
            raise TypeError(f"{served.key}: the response has no {', '.join(sorted(unknown))}")
        for source, text in rows.told_when_empty.items():
            value = reply.payload.get(source)
            if isinstance(value, Records) and not len(value):
                passage.warnings.append((text, ""))
        return {**rows.required, **reply.payload}

    def _make_form(self, operation: str, media: str) -> _Form:
        served = self._routes.served(operation)
        version, flags = served.data_parser.version, served.data_parser.flags
        response = resolve(served.operation.answer, version)
        assert isinstance(response, Struct)
        return _Form(
            response_plan(response, version, flags, self._styles[media] or "json", LAYOUT),
            rows_of(served.operation.answer, version, is_complex="complex" in flags),
            "fast" in flags,
        )

    def _prepare_meta(
        self, operation: str, media: str, source: str, user: str, group: str
    ) -> Prepared:
        """``meta`` as it is written in all answers of a route to one client."""
        told = meta(self._routes.served(operation), source, user, group, self._hello)
        return Prepared(self._form(operation, media).plan, "meta", told)

    def _error(self, error: SlurmError) -> dict[str, Any]:
        return {
            "description": error.description,
            "error_number": error.errno,
            "error": self._slurmctld.error_text(error.errno),
            "source": error.source,
        }


def _stream(head: Head, block: Block, dump: Dump, session: Session) -> Iterator[Head | Block]:
    """A long answer; its session ends with it, however it ends."""
    try:
        yield head
        yield block
        yield from dump
    finally:
        session.close()


class _Passage:
    """One request's way through parsing and its handler, with what is to be told of it."""

    def __init__(
        self,
        served: Served,
        request: Request,
        session: Session,
        error_text: Callable[[int], str],
    ) -> None:
        self.errors: list[SlurmError] = []
        self.warnings: list[tuple[str, str]] = []
        self.no_change = False
        self._reads = served.method == "GET"
        self._operation = served.operation
        self._parser = served.data_parser
        self._request = request
        self.session = session
        self._error_text = error_text
        self._context: Context | None = None

    @property
    def holds(self) -> int | None:
        """For how long the answer may be kept, see :class:`.Head`."""
        if self._context is None or not self._context.keeps or self.errors:
            return None
        return max(self._context.holds, 0) or None

    @property
    def status(self) -> int:
        """By the first error; what is missing is 404, whatever its number says elsewhere."""
        if not self.errors:
            return HTTPStatus.OK
        first = self.errors[0]
        if first.errno == ErrorCode.SUCCESS and first.status == HTTPStatus.OK:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return first.status

    @property
    def headers(self) -> dict[str, str] | None:
        """Further ones of the answer, where the first error calls for them."""
        if not self.errors or self.errors[0].retry_after is None:
            return None
        return {"Retry-After": str(self.errors[0].retry_after)}

    def reply(self, data: Any) -> Reply | None:
        """The handler's reply; None where inputs or the call failed, see ``errors``.

        :param data: the request's input, which parameters of its query and body are parsed from.
        """
        operation = self._operation
        try:
            params = self._parse(
                operation.params, dict(self._request.params), operation.bad_params, replace=True
            )
            query = None
            if operation.body is None:
                query = self._parse(operation.question, data, operation.bad_query)
            body = self._parse(operation.body, data, operation.bad_body)
        except ParseError:
            return None
        has, revalidates = self._request.has, False
        if has is not None and query is not None:
            revalidates = query.setdefault("update_time", has) == has
        context = Context(
            version=self._parser.version,
            params=params or Parsed(),
            query=query or Parsed(),
            body=body,
            session=self.session,
            constants=LAYOUT.constants,
            error_text=self._error_text,
            timeout=self._request.timeout,
            revalidates=revalidates,
            keeps=self._request.keeps,
            asked=bool(data),
        )
        self._context = context
        context.warnings = self.warnings
        context.errors = self.errors
        try:
            return operation.handler(context)
        except Rejected as error:
            self.errors.append(error)
            return None
        except SlurmError as error:
            if error.errno == ErrorCode.NO_CHANGE:
                self.no_change = True
                return None
            if operation.failed is not None:
                text = operation.failed.text.format_map(context.params)
                error.tell(text, operation.failed.source)
            self.errors.append(error)
            return Reply()

    def _parse(
        self,
        parser: Parser | None,
        data: Any,
        rejection: Told | None,
        *,
        replace: bool = False,
    ) -> Any:
        """One input, if the operation has it.

        :param replace: the rejection is told instead of the errors, not after them.
        :raises ParseError: it cannot be understood; ``errors`` says where.
        """
        if parser is None:
            return None
        context = ParseContext(
            self._parser.version,
            self._parser.flags,
            LAYOUT.constants,
            lambda: self.session.lookups,
        )
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
        if parser is self._operation.body and failure is not None and failure not in told:
            # Left to the operation to tell; the place in a body is told all the same.
            told.append(failure)
        if rejection is not None:
            told.append(SlurmError(ErrorCode.REST_INVALID_QUERY, rejection.text, rejection.source))
        elif not told and failure is not None:
            told.append(failure)
        self.errors += told
        raise failure or context.errors[0]

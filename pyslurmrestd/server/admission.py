"""What a request passes before its operation: head, caller, path, Accept, body; its log line.

The order is Slurm's own: who is not known learns nothing of the paths. Nothing here waits, so
sockets and standard input share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ..application.protocol import Block, Head, Request
from ..auth.credential import Credential, Peer
from ..errors import AuthFailed, ErrorCode
from ..log import log, log_line
from ..record import record, replace
from ..settings import Settings
from .refusal import Refused
from .url import split_target
from .validator import tag, tagged

if TYPE_CHECKING:
    from ..application.route import Route
    from ..auth.authenticator import Authenticator
    from .edge import Edge
    from .fields import Headers
    from .media_types import MediaTypes
    from .router import Match, Router

__all__ = [
    "LONGEST_HEAD",
    "Admission",
    "Admitted",
    "bad_encoding",
    "bad_length",
    "body_too_long",
    "check_head",
    "framing",
    "head_too_long",
    "log_access",
    "malformed",
    "missing_lf",
    "no_room",
    "too_slow",
    "wrong_version",
]

LONGEST_HEAD: Final = 80 << 10
"""Bytes of request line and headers."""

_KEPT: Final = 1024
_SHORT: Final = 256
"""Clients ask the same again and again: of so many targets up to this length the way is kept."""

_LONGEST_NUMBER: Final = 19
"""Digits of a Content-Length."""

_METHODS: Final = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"))


@record
class Admitted:
    """A request whose head is in order.

    :ivar media: the media type of its answer.
    :ivar query: as sent, without ``?``.
    """

    route: Route
    credential: Credential
    params: Mapping[str, str]
    query: str
    media: str


def check_head(method: str, headers: Mapping[str, str]) -> None:
    """Refuse what HTTP would allow and Slurm does not serve."""
    if method not in _METHODS:
        raise Refused.of(ErrorCode.BAD_METHOD)
    if "Upgrade" in headers:
        raise Refused(
            "HTTP protocol upgrading is not supported.",
            ErrorCode.BAD_REQUEST,
            HTTPStatus.NOT_ACCEPTABLE,
        )
    if "Content-Encoding" in headers:
        raise Refused(
            "Invalid or unsupported HTTP Content-Encoding header",
            ErrorCode.BAD_REQUEST,
            HTTPStatus.NOT_ACCEPTABLE,
        )
    expect = headers.get("Expect")
    if expect is not None and expect.lower() != "100-continue":
        # Slurm: the text names another header.
        raise Refused(
            "Invalid or unsupported HTTP Content-Encoding header",
            ErrorCode.BAD_REQUEST,
            HTTPStatus.EXPECTATION_FAILED,
        )


def framing(headers: Headers) -> int | None:
    """The length of the body as its headers tell it; None when it comes in chunks.

    Raises :class:`.Refused`.
    """
    encodings = headers.getall("Transfer-Encoding", [])
    lengths = headers.getall("Content-Length", [])
    if encodings:
        if lengths or [encoding.lower() for encoding in encodings] != ["chunked"]:
            raise bad_encoding()
        return None
    if not lengths:
        return 0
    (first, *more) = lengths
    if more or len(first) > _LONGEST_NUMBER or not (first.isascii() and first.isdecimal()):
        raise bad_length()
    return int(first)


def bad_encoding() -> Refused:
    return Refused(
        # Slurm: the misspelling is on the wire.
        "Invalid HTTP Tranfser-Encoding header",
        ErrorCode.BAD_REQUEST,
        HTTPStatus.NOT_ACCEPTABLE,
    )


def bad_length() -> Refused:
    return Refused(
        "Unexpected character or unparsable number in HTTP Content-Length header",
        ErrorCode.BAD_REQUEST,
    )


def malformed() -> Refused:
    return Refused("Unexpected character added or missing in HTTP", ErrorCode.BAD_REQUEST)


def missing_lf() -> Refused:
    return Refused("Missing an expected LF character", ErrorCode.BAD_REQUEST)


def no_room() -> Refused:
    return Refused(
        "Too many bytes of requests are waiting",
        ErrorCode.BAD_REQUEST,
        HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": "1"},
    )


def too_slow() -> Refused:
    return Refused(
        "The body of the request did not come in time",
        ErrorCode.SOCKET_TIMEOUT,
        HTTPStatus.REQUEST_TIMEOUT,
    )


def wrong_version() -> Refused:
    return Refused("Only HTTP version 1.1 requests are supported", ErrorCode.BAD_REQUEST)


def head_too_long() -> Refused:
    return Refused(
        "Insane message length",
        ErrorCode.BAD_REQUEST,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    )


def body_too_long() -> Refused:
    return Refused(
        "HTTP Content-Length header too large to process",
        ErrorCode.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )


class Admission:
    """Admits requests or refuses them.

    :ivar longest_body: bytes of a body.
    """

    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        router: Router,
        media_types: MediaTypes,
        edge: Edge | None = None,
        longest_body: int = Settings.max_body,
    ) -> None:
        self.longest_body = longest_body
        self._authenticators = authenticators
        self._edge = edge
        self._router = router
        self._media_types = media_types
        self._found = lru_cache(_KEPT)(self._find)

    async def renew(self) -> None:
        """Have the keys of now, for a request that :class:`.KeyAwaited` was raised for."""
        if self._edge is not None:
            await self._edge.renew()

    def admit(self, method: str, target: str, headers: Headers, peer: Peer) -> Admitted:
        """All checks that need no body. Raises :class:`.Refused`."""
        check_head(method, headers)
        credential = self._authenticate(headers, peer)
        find = self._found if len(target) <= _SHORT else self._find
        match, query = find(method, target)
        accepts = headers.getall("Accept", [])
        # Slurm: of several Accept headers the last one counts.
        media = self._media_types.answer(accepts[-1] if accepts else None, match.route.media)
        return Admitted(match.route, credential, match.params, query, media)

    def _find(self, method: str, target: str) -> tuple[Match, str]:
        """The route of a request, and its query."""
        segments, query = split_target(target)
        return self._router.match(method, segments), query

    def request(
        self,
        admitted: Admitted,
        headers: Headers,
        body: Block,
        peer: Peer,
        id: str = "",
    ) -> Request:
        """What a worker is asked. Raises :class:`.Refused` for a body that no parser reads."""
        content_type = None
        if body:
            if admitted.query:
                raise Refused(
                    "Unexpected HTTP body provided when URL Query provided",
                    ErrorCode.BAD_REQUEST,
                )
            content_type = self._media_types.body(headers.get("Content-Type"))
        request = Request(
            admitted.route.key,
            admitted.params,
            admitted.query,
            content_type,
            admitted.media,
            body,
            admitted.credential,
            peer,
            id=id,
            coding=_coding(admitted.route, headers),
            long=admitted.route.long,
            accounting=admitted.route.accounting,
        )
        if admitted.route.revalidates and not body and "If-None-Match" in headers:
            return replace(request, has=tagged(request, headers.getall("If-None-Match")))
        return request

    def validated(self, admitted: Admitted, asked: Request, head: Head) -> Head:
        """A worker's head, with the validator of its answer where it has one."""
        if not admitted.route.revalidates or asked.body:
            return head
        time = asked.has if head.status == HTTPStatus.NOT_MODIFIED else head.last_change
        if time is None or head.errno:
            return head
        return replace(head, headers={**(head.headers or {}), "ETag": tag(asked, time)})

    def _authenticate(self, headers: Mapping[str, str], peer: Peer) -> Credential:
        """The first plugin that knows the caller decides; one that refuses ends the search."""
        try:
            for authenticator in self._authenticators:
                credential = authenticator.authenticate(headers, peer)
                if credential is not None:
                    if self._edge is not None:
                        self._edge.judge(credential)
                    return credential
        except AuthFailed as error:
            log.debug("[%s] %s refuses the request", peer.source, authenticator.name)
            raise _not_authenticated() from error
        raise _not_authenticated()


def _coding(route: Route, headers: Headers) -> str:
    """The content coding of a long answer: to what reads, if the client takes one."""
    if "Accept-Encoding" not in headers or route.method != "GET" or route.changes:
        return ""
    from .content_coding import accepted

    return accepted(", ".join(headers.getall("Accept-Encoding")))


def _not_authenticated() -> Refused:
    return Refused.of(ErrorCode.AUTH_MISSING)


def log_access(peer: Peer, method: str, target: str, status: int, seconds: float) -> None:
    """One line per request; a query may hold what is nobody's business."""
    path = target.partition("?")[0]
    log_line(f"[{peer.source}] {method} {path} {status} {seconds * 1e6:.0f}us")

"""Errors that reach a client, and the HTTP status each Slurm error number gets.

The numbers are those of slurm_errno.h (Slurm 26.05) and, below 1000, of errno.h.
"""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus
from typing import Final

__all__ = [
    "AuthFailed",
    "BadQuery",
    "ErrorCode",
    "LimitReached",
    "NotFound",
    "NotInTime",
    "ParseError",
    "Rejected",
    "SlurmError",
    "error_text",
    "http_status",
]


_NO_SUCH_URL: Final = (
    "Unable to find requested URL endpoint. Please query the '/openapi/v3' endpoint or visit "
    "'https://slurm.schedmd.com/rest_api.html' for the OpenAPI specification which includes a "
    "list of all possible slurmrestd endpoints."
)

_UNKNOWN: Final = "no answer has come, so it is not known whether this was done"


class ErrorCode(IntEnum):
    """The Slurm error numbers that the daemon itself raises, looks for or has a status for.

    :ivar status: of an answer whose first error has the number; None: by :data:`_RANGES`.
    :ivar text: Slurm's own, where a process without libslurm tells it.
    """

    status: HTTPStatus | None
    text: str

    def __new__(cls, number: int, status: HTTPStatus | None = None, text: str = "") -> ErrorCode:
        code = int.__new__(cls, number)
        code._value_ = number
        code.status = status
        code.text = text
        return code

    ERROR = -1, None, "Unspecified error"
    SUCCESS = 0, HTTPStatus.OK, "No error"
    NOT_PERMITTED = 1, HTTPStatus.FORBIDDEN
    UNEXPECTED_MESSAGE = 1000
    PROTOCOL_AUTHENTICATION = (
        1007,
        HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
        "Protocol authentication error",
    )
    MISSING_SOCKET = 1013, HTTPStatus.BAD_GATEWAY
    CONTROLLER_CONNECT = 1800, None, "Unable to contact slurm controller (connect failure)"
    CONTROLLER_BACKOFF = 1804, HTTPStatus.TOO_MANY_REQUESTS
    NO_CHANGE = 1900, HTTPStatus.NOT_MODIFIED
    INVALID_PARTITION_NAME = 2000
    ACCESS_DENIED = 2002
    JOB_SCRIPT_MISSING = 2009
    USER_ID_MISSING = 2010
    INVALID_JOB_ID = 2017, HTTPStatus.NOT_FOUND
    INVALID_NODE_NAME = 2018
    ALREADY_DONE = 2021
    JOB_PENDING = 2024
    BAD_DISTRIBUTION = 2023
    INVALID_TASK_MEMORY = 2044
    NOT_SUPPORTED = 2036
    INVALID_ACCOUNT = 2045
    INVALID_PARENT_ACCOUNT = 2046
    RESERVATION_INVALID = 2053
    INVALID_WCKEY = 2057
    INVALID_QOS = 2066
    INVALID_CORE_COUNT = 2111
    INVALID_TRES = 2115
    INVALID_NICE = 2123
    BAD_THREADS_PER_CORE = 2132
    INVALID_JOB_ID_TEXT = 2140
    INVALID_STEP_ID_TEXT = 2153
    EMPTY_LIST = 2162
    GROUP_ID_INVALID = 2163
    GROUP_ID_UNKNOWN = 2164
    USER_ID_INVALID = 2165
    USER_ID_UNKNOWN = 2166
    INVALID_SLUID = 2185
    INCOMPLETE_PACKET = 5003, HTTPStatus.BAD_GATEWAY
    SOCKET_TIMEOUT = 5004, HTTPStatus.GATEWAY_TIMEOUT, "Socket timed out on send/recv operation"
    SOCKET_ZERO_BYTES = 5005, HTTPStatus.BAD_GATEWAY
    CREDENTIAL_INVALID = 6000, HTTPStatus.UNAUTHORIZED
    CREDENTIAL_EXPIRED = 6001, HTTPStatus.UNAUTHORIZED
    CREDENTIAL_NOT_APPLICABLE = 6008, HTTPStatus.UNAUTHORIZED
    TOKEN_NOT_GENERATED = 6009, HTTPStatus.UNAUTHORIZED
    NOBODY = 6010, HTTPStatus.UNAUTHORIZED
    DB_CONNECTION = 7000, HTTPStatus.BAD_GATEWAY
    REST_INVALID_QUERY = 9000, HTTPStatus.UNPROCESSABLE_ENTITY
    REST_FAIL_PARSING = 9001, HTTPStatus.BAD_REQUEST
    REST_INVALID_JOBS_DESC = 9002, HTTPStatus.BAD_REQUEST
    REST_EMPTY_RESULT = 9003, HTTPStatus.NO_CONTENT
    URL_UNKNOWN = 9006, HTTPStatus.NOT_FOUND, _NO_SUCH_URL
    URL_METHOD = 9007, HTTPStatus.METHOD_NOT_ALLOWED
    AUTH_MISSING = 9008, HTTPStatus.UNAUTHORIZED, "Authentication failure"
    BAD_REQUEST = 9009, HTTPStatus.BAD_REQUEST, "Query requirements not met"
    PATH_NOT_FOUND = 9200
    CONVERSION_FAILED = 9202, None, "Unable to convert Data type"
    UNKNOWN_MIME_TYPE = (
        9204,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "MIME type is unknown to any loaded plugins",
    )
    FLAGS_NO_LIST = 9206
    INVALID_FLAG = 9207
    LIST_EXPECTED = 9208
    OBJECT_EXPECTED = 9209
    AMBIGUOUS_MODIFY = 9210
    AMBIGUOUS_QUERY = 9211
    BAD_INPUT = 9216
    BAD_PATH = 11008, HTTPStatus.NOT_FOUND, "Invalid or unknown URL path"
    BAD_METHOD = 12004, HTTPStatus.METHOD_NOT_ALLOWED, "Invalid HTTP method"


_RANGES: Final = (
    (1001, 1004, HTTPStatus.BAD_GATEWAY),
    (1800, 1804, HTTPStatus.BAD_GATEWAY),
    (2000, 2185, HTTPStatus.UNPROCESSABLE_ENTITY),
    (7001, 7106, HTTPStatus.UNPROCESSABLE_ENTITY),
    (9200, 9216, HTTPStatus.UNPROCESSABLE_ENTITY),
)

_BY_NUMBER: Final[dict[int, ErrorCode]] = {code.value: code for code in ErrorCode}


def http_status(errno: int) -> HTTPStatus:
    """The status of an answer whose first error has this number."""
    code = _BY_NUMBER.get(errno)
    if code is not None and code.status is not None:
        return code.status
    for first, last, status in _RANGES:
        if first <= errno <= last:
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def error_text(errno: int) -> str:
    """Slurm's text for a number this process knows without libslurm; a worker asks the library."""
    code = _BY_NUMBER.get(errno)
    return code.text if code is not None and code.text else f"Slurm error {errno}"


class SlurmError(Exception):
    """A failure with Slurm's number, told to the client as one entry of ``errors``.

    :param errno: Slurm's error number.
    :param text: what happened, for ``description``; empty for Slurm's own text alone.
    :param source: the call or the place in the input that it concerns.
    :ivar retry_after: seconds after which trying again makes sense; None when it is unknown.
    :ivar unknown: of a write that nobody has answered: it may have been done.
    """

    retry_after: int | None = None
    unknown = False

    def __init__(self, errno: int, text: str = "", source: str = "") -> None:
        super().__init__(text or error_text(errno))
        self.errno = int(errno)
        self.text = text
        self.source = source

    @property
    def status(self) -> HTTPStatus:
        """Of an answer whose first error this is."""
        return http_status(self.errno)

    @property
    def description(self) -> str:
        """What a client is told beside the number's own text."""
        if not self.unknown:
            return self.text
        return f"{self.text}; {_UNKNOWN}" if self.text else _UNKNOWN

    def tell(self, text: str, source: str) -> None:
        """Put it in the words of whoever made the call, unless it has words of its own."""
        if not self.text:
            self.text = text
            self.source = source


class NotFound(SlurmError):
    """What the path names does not exist; answered 404 whatever the number's own status."""

    status = HTTPStatus.NOT_FOUND


class LimitReached(SlurmError):
    """The controller takes no more of the caller's requests for now, nor took this one (1804)."""

    def __init__(self, retry_after: int, source: str = "") -> None:
        super().__init__(ErrorCode.CONTROLLER_BACKOFF, "", source)
        self.retry_after = retry_after


class NotInTime(SlurmError):
    """What was waited for did not come about in the request's time; answered 504 whatever the
    number's own status."""

    status = HTTPStatus.GATEWAY_TIMEOUT


class Rejected(SlurmError):
    """A request that is at fault itself: nothing was asked of Slurm, and the answer tells nothing
    but this."""


class BadQuery(Rejected):
    """Parameters that cannot be understood (9000)."""

    def __init__(self, text: str, source: str = "") -> None:
        super().__init__(ErrorCode.REST_INVALID_QUERY, text, source)


class AuthFailed(SlurmError):
    """Nobody vouches for the caller (9008)."""

    def __init__(self, text: str = ErrorCode.AUTH_MISSING.text) -> None:
        super().__init__(ErrorCode.AUTH_MISSING, text)


class ParseError(SlurmError):
    """Input that no definition accepts; ``source`` is its path, such as ``#/job/tasks/``."""

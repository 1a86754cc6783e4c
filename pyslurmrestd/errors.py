"""Errors that reach a client, and the HTTP status each Slurm error number gets.

The numbers are those of slurm_errno.h (Slurm 26.05) and, below 1000, of errno.h.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

__all__ = [
    "AuthFailed",
    "BadQuery",
    "ErrorCode",
    "NotFound",
    "ParseError",
    "Rejected",
    "SlurmError",
    "error_text",
    "http_status",
]


class ErrorCode:
    """The Slurm error numbers that the daemon itself raises or looks for."""

    SUCCESS: Final = 0
    ERROR: Final = -1
    UNEXPECTED_MESSAGE: Final = 1000
    PROTOCOL_AUTHENTICATION: Final = 1007
    CONTROLLER_CONNECT: Final = 1800
    NO_CHANGE: Final = 1900
    INVALID_PARTITION_NAME: Final = 2000
    ACCESS_DENIED: Final = 2002
    JOB_SCRIPT_MISSING: Final = 2009
    INVALID_JOB_ID: Final = 2017
    INVALID_NODE_NAME: Final = 2018
    ALREADY_DONE: Final = 2021
    BAD_DISTRIBUTION: Final = 2023
    INVALID_TASK_MEMORY: Final = 2044
    USER_ID_MISSING: Final = 2010
    INVALID_ACCOUNT: Final = 2045
    INVALID_PARENT_ACCOUNT: Final = 2046
    RESERVATION_INVALID: Final = 2053
    INVALID_QOS: Final = 2066
    INVALID_CORE_COUNT: Final = 2111
    INVALID_TRES: Final = 2115
    INVALID_NICE: Final = 2123
    BAD_THREADS_PER_CORE: Final = 2132
    INVALID_JOB_ID_TEXT: Final = 2140
    INVALID_STEP_ID_TEXT: Final = 2153
    EMPTY_LIST: Final = 2162
    GROUP_ID_INVALID: Final = 2163
    GROUP_ID_UNKNOWN: Final = 2164
    USER_ID_INVALID: Final = 2165
    USER_ID_UNKNOWN: Final = 2166
    INVALID_SLUID: Final = 2185
    SOCKET_TIMEOUT: Final = 5004
    DB_CONNECTION: Final = 7000
    REST_INVALID_QUERY: Final = 9000
    REST_FAIL_PARSING: Final = 9001
    REST_INVALID_JOBS_DESC: Final = 9002
    REST_EMPTY_RESULT: Final = 9003
    URL_UNKNOWN: Final = 9006
    URL_METHOD: Final = 9007
    AUTH_MISSING: Final = 9008
    BAD_REQUEST: Final = 9009
    PATH_NOT_FOUND: Final = 9200
    CONVERSION_FAILED: Final = 9202
    UNKNOWN_MIME_TYPE: Final = 9204
    FLAGS_NO_LIST: Final = 9206
    INVALID_FLAG: Final = 9207
    LIST_EXPECTED: Final = 9208
    OBJECT_EXPECTED: Final = 9209
    AMBIGUOUS_MODIFY: Final = 9210
    AMBIGUOUS_QUERY: Final = 9211
    BAD_INPUT: Final = 9216
    BAD_PATH: Final = 11008
    BAD_METHOD: Final = 12004


class SlurmError(Exception):
    """A failure with Slurm's number, told to the client as one entry of ``errors``.

    :param errno: Slurm's error number.
    :param text: what happened, for ``description``; empty for Slurm's own text alone.
    :param source: the call or the place in the input that it concerns.
    """

    def __init__(self, errno: int, text: str = "", source: str = "") -> None:
        super().__init__(text or error_text(errno))
        self.errno = errno
        self.text = text
        self.source = source

    @property
    def status(self) -> HTTPStatus:
        """Of an answer whose first error this is."""
        return http_status(self.errno)

    def tell(self, text: str, source: str) -> None:
        """Put it in the words of whoever made the call, unless it has words of its own."""
        if not self.text:
            self.text = text
            self.source = source


class NotFound(SlurmError):
    """What the path names does not exist; answered 404 whatever the number's own status."""

    status = HTTPStatus.NOT_FOUND


class Rejected(SlurmError):
    """A request that is at fault itself: nothing was asked of Slurm, and the answer tells nothing
    but this."""


class BadQuery(Rejected):
    """Parameters that cannot be understood (9000)."""

    def __init__(self, text: str, source: str = "") -> None:
        super().__init__(ErrorCode.REST_INVALID_QUERY, text, source)


class AuthFailed(SlurmError):
    """Nobody vouches for the caller (9008)."""

    def __init__(self, text: str = "Authentication failure") -> None:
        super().__init__(ErrorCode.AUTH_MISSING, text)


class ParseError(SlurmError):
    """Input that no definition accepts; ``source`` is its path, such as ``#/job/tasks/``."""


_STATUS: Final[dict[int, HTTPStatus]] = {
    0: HTTPStatus.OK,
    1: HTTPStatus.FORBIDDEN,
    1007: HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
    1900: HTTPStatus.NOT_MODIFIED,
    2017: HTTPStatus.NOT_FOUND,
    5003: HTTPStatus.BAD_GATEWAY,
    5004: HTTPStatus.GATEWAY_TIMEOUT,
    5005: HTTPStatus.BAD_GATEWAY,
    6000: HTTPStatus.UNAUTHORIZED,
    6001: HTTPStatus.UNAUTHORIZED,
    6008: HTTPStatus.UNAUTHORIZED,
    6009: HTTPStatus.UNAUTHORIZED,
    6010: HTTPStatus.UNAUTHORIZED,
    7000: HTTPStatus.BAD_GATEWAY,
    9000: HTTPStatus.UNPROCESSABLE_ENTITY,
    9001: HTTPStatus.BAD_REQUEST,
    9002: HTTPStatus.BAD_REQUEST,
    9003: HTTPStatus.NO_CONTENT,
    9006: HTTPStatus.NOT_FOUND,
    9007: HTTPStatus.METHOD_NOT_ALLOWED,
    9008: HTTPStatus.UNAUTHORIZED,
    9009: HTTPStatus.BAD_REQUEST,
    9204: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    11008: HTTPStatus.NOT_FOUND,
    12004: HTTPStatus.METHOD_NOT_ALLOWED,
}

_STATUS_RANGES: Final = (
    (1001, 1004, HTTPStatus.BAD_GATEWAY),
    (1800, 1804, HTTPStatus.BAD_GATEWAY),
    (2000, 2185, HTTPStatus.UNPROCESSABLE_ENTITY),
    (7001, 7013, HTTPStatus.UNPROCESSABLE_ENTITY),
    (9200, 9216, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def http_status(errno: int) -> HTTPStatus:
    """The status of an answer whose first error has this number."""
    status = _STATUS.get(errno)
    if status is not None:
        return status
    for first, last, status in _STATUS_RANGES:
        if first <= errno <= last:
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


_TEXTS: Final[dict[int, str]] = {
    0: "No error",
    -1: "Unspecified error",
    1007: "Protocol authentication error",
    1800: "Unable to contact slurm controller (connect failure)",
    2000: "Invalid partition name specified",
    2017: "Invalid job id specified",
    2018: "Invalid node name specified",
    5004: "Socket timed out on send/recv operation",
}


def error_text(errno: int) -> str:
    """Slurm's text for a number this process knows without libslurm; a worker asks the library."""
    return _TEXTS.get(errno, f"Slurm error {errno}")

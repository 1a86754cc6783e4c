"""Why no answer comes from a worker, or not all of it."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil

from ..errors import ErrorCode, SlurmError

__all__ = [
    "AnswerCut",
    "DeadlinePassed",
    "ExchangeError",
    "HandlerFailed",
    "PoolBusy",
    "TooOften",
    "WorkerLost",
]


class ExchangeError(SlurmError):
    """No answer came from a worker.

    :ivar status: of the answer that tells the client.
    :ivar own_fault: the client is told what it did, and the log need not know.
    :ivar begun: a worker may have been at the request.
    """

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    code: int = ErrorCode.ERROR
    own_fault = False
    begun = False

    def __init__(self, text: str) -> None:
        super().__init__(self.code, text)


class HandlerFailed(ExchangeError):
    """A fault of ours: the worker's log has the traceback."""


class PoolBusy(ExchangeError):
    """All lanes are taken, and too many wait already or this one has waited too long."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 1


class TooOften(ExchangeError):
    """The caller asks more often than the administrator allows.

    :param wait: seconds until a request may come again.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = ErrorCode.CONTROLLER_BACKOFF
    own_fault = True

    def __init__(self, rate: float, wait: float) -> None:
        super().__init__(f"More than {rate:g} requests a second")
        self.retry_after = max(1, ceil(wait))


class WorkerLost(ExchangeError):
    """The worker ended before it answered, or none can be started."""

    status = HTTPStatus.BAD_GATEWAY


class DeadlinePassed(ExchangeError):
    """The worker did not answer in time."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = ErrorCode.SOCKET_TIMEOUT


class AnswerCut(ExchangeError):
    """A long answer ended early: its status is with the client already, so cut the connection."""

"""Bodies of requests: read within their limits, and large ones one at a time."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from ..errors import ErrorCode, SlurmError
from ..record import replace
from .protocol import LARGE_BODY

if TYPE_CHECKING:
    from ..serializer import Limits, Serializer
    from .protocol import Request

__all__ = ["Bodies", "BodiesBusy"]

_SHARE: Final = 4
"""Of its time, a request may spend one part in so many on its turn, and another on reading."""


class BodiesBusy(SlurmError):
    """Other large bodies are being read, and were for too long (503)."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(
            ErrorCode.SOCKET_TIMEOUT, "Other large requests are being read; try again later"
        )


class Bodies:
    """Reads the bodies of one process; its threads share it.

    What a body becomes takes many times its size, and reading it takes turns with all other
    threads: so there is one large one at a time.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turn = threading.Lock()

    def read(self, serializer: Serializer, request: Request) -> Any:
        """The data that a request's body stands for.

        Raises MalformedText, and :class:`BodiesBusy` when its turn does not come in time.
        """
        if len(request.body) <= LARGE_BODY:
            return serializer.parse(request.body, self._limits)
        limits = self._limits
        if request.timeout is not None:
            limits = replace(limits, seconds=min(limits.seconds, request.timeout / _SHARE))
        if not self._turn.acquire(timeout=limits.seconds):
            raise BodiesBusy
        try:
            return serializer.parse(request.body, limits)
        finally:
            self._turn.release()

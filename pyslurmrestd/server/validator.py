"""Validators: what a client has of an answer, and whether that has changed since.

A tag tells when the answer was made, and of which request it is the answer: whose, of what, in
which form. One of another caller's answer means nothing. Nothing is kept here: the controller
tells whether something has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ..application.caller import caller

if TYPE_CHECKING:
    from ..application.protocol import Request

__all__ = ["tag", "tagged"]

_TAG: Final = re.compile(r'W/"([0-9a-f]{1,16})-([0-9a-f]{16})"')


def tag(request: Request, time: int) -> str:
    """The validator of an answer.

    :param time: when it was true, by the controller's clock.
    """
    return f'W/"{time:x}-{_mark(request)}"'


def tagged(request: Request, headers: Iterable[str]) -> int | None:
    """When the answer was made that the client has; None where it has none of this request.

    :param headers: the values of its If-None-Match.
    """
    mark = _mark(request)
    times = [int(time, 16) for text in headers for time, of in _TAG.findall(text) if of == mark]
    return max(times, default=None)


def _mark(request: Request) -> str:
    """Stands for what decides what an answer tells, beside the controller's records."""
    from hashlib import blake2b  # takes longer to import than most requests need it

    credential = request.credential
    user, _ = caller(credential, -1)
    told = (
        credential.kind,
        user or credential.token or "",
        request.operation,
        *(part for pair in sorted(request.params.items()) for part in pair),
        request.query,
        request.media,
    )
    # No part may end where another one could.
    text = "".join(f"{len(part)}:{part}" for part in told)
    return blake2b(text.encode(errors="surrogateescape"), digest_size=8).hexdigest()

"""What a front end asks of a worker, and what it is told: request, Hello, an answer's parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from ..auth.credential import Credential, Peer
from ..record import record

__all__ = [
    "LARGE_BODY",
    "Answer",
    "Answerer",
    "Application",
    "Block",
    "Head",
    "Hello",
    "Kind",
    "Request",
    "Streamed",
]

LARGE_BODY: Final = 64 << 10
"""Bytes of a body beyond which it is dealt with only for callers whom Slurm knows."""

Kind = Literal["token", "local"]
Block = bytes | bytearray | memoryview


@record
class Request:
    """What a worker needs to know of a client's request.

    :ivar operation: its key, such as ``get /slurm/v0.0.45/jobs/``.
    :ivar params: the parameters in the path, decoded.
    :ivar query: the query as sent, without ``?``.
    :ivar content_type: of the body; None when the client named none.
    :ivar media: the media type of the answer, chosen by Accept.
    :ivar timeout: seconds that the worker has for it; the pool fills it in.
    :ivar has: when the answer was made that the client, or the front end for it, has already; None
        where it has none.
    :ivar keeps: the front end keeps the answer and wants to know for how long it may.
    :ivar id: as the log of both ends names it; empty where requests have no names.
    :ivar coding: the content coding in which the client takes a long answer; empty for none.
    :ivar long: it is expected to keep a lane for long; the worker is not told.
    :ivar accounting: it waits for slurmdbd, not for the controller; nor of that.
    """

    operation: str
    params: Mapping[str, str]
    query: str
    content_type: str | None
    media: str
    body: Block
    credential: Credential
    peer: Peer
    timeout: float | None = None
    id: str = ""
    has: int | None = None
    keeps: bool = False
    coding: str = ""
    long: bool = False
    accounting: bool = False


@record
class Head:
    """What an answer is, before its body: from the worker to the wire.

    :ivar length: bytes of the body when they are known and few; None when blocks follow until
        the end.
    :ivar last_change: of what the answer tells, as a UNIX time; None where nobody keeps it.
    :ivar headers: further ones, beside those that say how the body is sent.
    :ivar known: whether Slurm took the caller's token, or refused it; None where it was not asked.
    :ivar errno: Slurm's number of the first error, for the exit status of stdin mode.
    :ivar holds: for so many seconds after ``last_change`` the controller's word that nothing has
        changed is good for all of the answer; None where it cannot be kept, or is not to be.
    :ivar spent: seconds in the handler and its calls, and in the dump up to here; None where that
        is not asked for.
    """

    status: int
    content_type: str | None
    length: int | None
    known: bool | None = None
    errno: int = 0
    last_change: int | None = None
    headers: Mapping[str, str] | None = None
    spent: tuple[float, float] | None = None
    holds: int | None = None


class Answer:
    """An answer as the front end has it.

    :ivar body: all of it; None where it comes in blocks.
    """

    __slots__ = ("body", "head")

    def __init__(self, head: Head, body: bytes | None) -> None:
        self.head = head
        self.body = body

    def close(self) -> None:
        """Want no more of it."""

    @classmethod
    def whole(
        cls,
        status: int,
        content_type: str | None,
        body: bytes,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One that the front end makes itself."""
        return cls(Head(status, content_type, len(body), headers=headers), body)


class Streamed(Answer):
    """An answer that comes block by block. It must be closed whatever happens."""

    __slots__ = ()

    def __init__(self, head: Head) -> None:
        super().__init__(head, None)

    def __aiter__(self) -> Streamed:
        return self

    async def __anext__(self) -> Block:
        """The next bytes of the body, of any size."""
        raise StopAsyncIteration


@record
class Hello:
    """What a worker tells of its Slurm once it has read the configuration.

    :ivar release: of libslurm, such as ``26.05.5``.
    :ivar accounting_storage: the plugin, such as ``accounting_storage/slurmdbd``.
    :ivar daemons: hosts and ports of ``slurmctld`` and ``slurmdbd``; one of each has to be there.
    """

    release: str
    cluster: str
    accounting_storage: str
    accounting: bool
    slurm_user_uid: int
    slurm_user_gid: int
    daemons: Mapping[str, Sequence[tuple[str, int]]]
    pid: int


Answerer = Callable[[Request], Iterable[Head | Block]]
"""Gives the Head first, then blocks."""

Application = Callable[[Kind, Mapping[str, Any]], tuple[Hello, Answerer]]
"""Starts libslurm and whatever answering needs."""

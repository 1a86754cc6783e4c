"""What a handler is given, and what it gives back. A handler never sees HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import SlurmError

if TYPE_CHECKING:
    from ..data_parser.engine import Records
    from ..data_parser.model import Parser
    from ..data_parser.parsed import Parsed
    from ..data_parser.version import ApiVersion
    from ..slurm.accounting import Accounting
    from ..slurm.slurmctld import Slurmctld
    from ..slurm.written import Written
    from .session import Session

__all__ = ["LONGEST_KEPT", "Context", "Reply"]

LONGEST_KEPT: Final = 60
"""Seconds. What the controller tells without counting it as a change is at most so old: names of
users, what its user may see, when a scheduler last looked at a job."""


class Reply:
    """The payload of an answer: values by the sources of the response struct's rows.

    A value is the records that a call returned, or plain Python data.
    """

    __slots__ = ("payload",)

    def __init__(self, **payload: Any) -> None:
        self.payload = payload


class Context:
    """One request as its handler sees it.

    :ivar params: parameters of the path, by source.
    :ivar query: the query (or the body in its place), by source.
    :ivar asked: whether there is a query at all, of keys that are known or not.
    :ivar body: the parsed request body; None when there is none.
    :ivar session: what may be asked of Slurm, as the caller.
    :ivar error_text: Slurm's text for an error number.
    :ivar revalidates: the query's ``update_time`` is that of the answer that the client has: where
        nothing has changed since, that is all it wants to know.
    :ivar keeps: the answer is to be kept, and served again while the controller says that nothing
        has changed.
    :ivar holds: for so many seconds after its ``last_update`` that word is good for all of the
        answer; a handler lowers it where the answer tells what changes by itself.
    :ivar timeout: seconds that are left for the request; None when nothing limits it.
    :ivar errors: what to tell the client went wrong, in order.
    :ivar warnings: (description, source) of what to tell the client besides.
    """

    def __init__(
        self,
        *,
        version: ApiVersion,
        params: Parsed,
        query: Parsed,
        body: Any,
        session: Session,
        constants: Mapping[str, int],
        error_text: Callable[[int], str],
        timeout: float | None = None,
        revalidates: bool = False,
        keeps: bool = False,
        asked: bool = True,
    ) -> None:
        self.version = version
        self.params = params
        self.query = query
        self.asked = asked
        self.body = body
        self.session = session
        self.timeout = timeout
        self.revalidates = revalidates
        self.keeps = keeps
        self.holds = LONGEST_KEPT
        self.error_text = error_text
        self._constants = constants
        self.errors: list[SlurmError] = []
        self.warnings: list[tuple[str, str]] = []

    @property
    def slurmctld(self) -> Slurmctld:
        """The controller's calls."""
        return self.session.slurmctld

    @property
    def slurmdbd(self) -> Accounting:
        """The accounting daemon's calls."""
        return self.session.slurmdbd

    def record(self, struct: Parser, values: Mapping[str, Any]) -> Written:
        """A C record of a struct, as a call takes it, with values by source."""
        return self.session.record(struct, values)

    def records(self, made: Sequence[Written]) -> Records:
        """Such records as values of a reply."""
        return self.session.records(made)

    def constant(self, name: str) -> int:
        """The number of a C constant that the content plugin names in its ``constants``."""
        return self._constants[name]

    def warn(self, description: str, source: str = "") -> None:
        """Add a warning to the answer."""
        self.warnings.append((description, source))

    def error(self, error: SlurmError) -> None:
        """Add an error to the answer and go on; the first one decides the status."""
        self.errors.append(error)

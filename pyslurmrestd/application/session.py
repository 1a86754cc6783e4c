"""A request's session: what may be asked of Slurm as its caller, opened on first need."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..auth.credential import Credential
    from ..data_parser.engine import Records
    from ..data_parser.model import Parser
    from ..slurm.accounting import Accounting
    from ..slurm.lookups import SlurmdbLookups
    from ..slurm.slurmctld import Slurmctld
    from ..slurm.written import Written

__all__ = ["Session"]

_PATIENCE: Final = 0.9
"""The share of a request's time that may be spent waiting for a daemon that does not answer."""

_ASIDE_SECONDS: Final = 2.0
"""How long a request that is not for slurmdbd waits for it."""


@cache
def _calls() -> type[Slurmctld]:
    # Only once libslurm is loaded can its calls be imported.
    from ..slurm.slurmctld import Slurmctld

    return Slurmctld


class Session:
    """Made before a request's input is parsed, closed when its answer is out.

    :param timeout: seconds that are left for the request; None when nothing limits it.
    :param accounting: the request is for slurmdbd.
    :ivar credential: whom all calls are made as.
    """

    def __init__(
        self, credential: Credential, timeout: float | None = None, *, accounting: bool = False
    ) -> None:
        self.credential = credential
        self._accounting = accounting
        self._deadline = inf if timeout is None else time.monotonic() + timeout * _PATIENCE

    @cached_property
    def slurmctld(self) -> Slurmctld:
        """The controller's calls."""
        return _calls()(self.credential, self._deadline)

    @cached_property
    def slurmdbd(self) -> Accounting:
        """The accounting daemon's calls; it is connected to with the first."""
        from ..slurm.accounting import Accounting

        if self._accounting:
            return Accounting(self.credential, self._deadline)
        soon = time.monotonic() + _ASIDE_SECONDS
        return Accounting(self.credential, min(self._deadline, soon), aside=True)

    @cached_property
    def lookups(self) -> SlurmdbLookups:
        """What slurmdbd knows by number, loaded when it is first asked for."""
        from ..slurm.lookups import SlurmdbLookups

        return SlurmdbLookups(self.slurmdbd)

    def record(self, struct: Parser, values: Mapping[str, Any]) -> Written:
        """A C record of a struct, with the values that it was parsed to (by source)."""
        from ..slurm.written import new_record

        return new_record(struct, values)

    def records(self, made: Sequence[Written]) -> Records:
        """Records made by :meth:`record`, to be dumped."""
        from ..slurm.written import as_records

        return as_records(made)

    @property
    def known(self) -> bool | None:
        """Whether Slurm took the caller's token, or refused it; None where it was not asked."""
        opened = self.__dict__
        if "slurmdbd" in opened and self.slurmdbd.known:
            return True
        return self.slurmctld.known if "slurmctld" in opened else None

    def vouch(self) -> None:
        """Make sure that Slurm knows the caller. Raises :class:`.SlurmError` where it does not.

        A request for slurmdbd does not need the controller.
        """
        if self.credential.kind == "token":
            (self.slurmdbd if self._accounting else self.slurmctld).vouch()

    def close(self) -> None:
        """Give back what was opened."""
        slurmdbd: Accounting | None = self.__dict__.get("slurmdbd")
        if slurmdbd is not None:
            slurmdbd.close()

"""A request's session: what may be asked of Slurm as its caller, opened on first need."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..auth.credential import Credential
    from ..slurm.slurmctld import Slurmctld

__all__ = ["Session"]


class Session:
    """Made before a request's input is parsed, closed when its answer is out.

    :ivar credential: whom all calls are made as.
    """

    def __init__(self, credential: Credential) -> None:
        self.credential = credential

    @cached_property
    def slurmctld(self) -> Slurmctld:
        """The controller's calls."""
        # Only once libslurm is loaded can its calls be imported.
        from ..slurm.slurmctld import Slurmctld

        return Slurmctld(self.credential)

    @property
    def known(self) -> bool | None:
        """Whether Slurm took the caller's token, or refused it; None where it was not asked."""
        return self.slurmctld.known if "slurmctld" in self.__dict__ else None

    def vouch(self) -> None:
        """Make sure that Slurm knows the caller. Raises :class:`.SlurmError` where it does not."""
        if self.credential.kind == "token":
            self.slurmctld.vouch()

    def close(self) -> None:
        """Give back what was opened."""

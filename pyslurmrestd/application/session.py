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

    def close(self) -> None:
        """Give back what was opened."""

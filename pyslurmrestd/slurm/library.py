"""Start libslurm, once the configuration is known to be there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Literal

from ..auth.environment import set_identity
from ..record import record
from . import load_library

__all__ = ["Cluster", "LibraryError", "start"]

DEFAULT_CONF = "/etc/slurm/slurm.conf"


class LibraryError(Exception):
    """libslurm cannot be started; the text says why and what to do."""


@record
class Cluster:
    """What a process knows of its Slurm once libslurm is up (slurm.conf, slurm_conf_t).

    :ivar release: of libslurm: ``26.05.5``.
    :ivar cluster: ClusterName of slurm.conf.
    :ivar accounting_storage: AccountingStorageType of slurm.conf.
    :ivar accounting: whether there is any accounting.
    :ivar slurm_user_uid: SlurmUser's uid, ``slurm_user_gid`` its primary group.
    :ivar daemons: hosts and ports of ``slurmctld`` and, where there is accounting, ``slurmdbd``.
    """

    release: str
    cluster: str
    accounting_storage: str
    accounting: bool
    slurm_user_uid: int
    slurm_user_gid: int
    daemons: Mapping[str, Sequence[tuple[str, int]]]


def start(conf: str | None, kind: Literal["token", "local"]) -> Cluster:
    """Initialise libslurm in this process.

    :param conf: slurm.conf; None for SLURM_CONF or the usual place.
    :param kind: ``token`` sends the callers' tokens with each call, ``local`` calls as this
        process's user; one process can do one of them only.
    :raises LibraryError: slurm.conf cannot be read, or pyslurm is not installed.
    """
    path = conf or os.environ.get("SLURM_CONF") or DEFAULT_CONF
    # libslurm waits a minute for a missing file, and then ends the process.
    try:
        open(path, "rb").close()
    except OSError as error:
        raise LibraryError(f"cannot read {path}: {error.strerror}") from None
    os.environ["SLURM_CONF"] = path
    set_identity(os.environ, kind)
    try:
        libslurm = load_library()
    except ImportError as error:
        raise LibraryError(
            f"{error}: install pyslurm built for this host's Slurm, and libslurm"
        ) from error
    libslurm.slurm_init(os.fsencode(path))
    return _cluster()


def _cluster() -> Cluster:
    # These extensions can only be loaded once pyslurm has loaded libslurm.
    from . import derived, lookups, slurmctld
    from .layout import LAYOUT

    LAYOUT.functions.update(derived.FUNCTIONS)
    LAYOUT.functions.update(lookups.FUNCTIONS)
    return Cluster(**slurmctld.settings())

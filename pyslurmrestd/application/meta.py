"""``meta`` of an answer, and the envelope where there is nothing else to tell than errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import SlurmError, error_text

if TYPE_CHECKING:
    from .protocol import Hello
    from .route import Served

__all__ = ["envelope", "error_entry", "meta"]


def meta(served: Served, source: str, user: str, group: str, hello: Hello) -> dict[str, Any]:
    """``meta`` of an enveloped answer: who served it, who asked from where, and which Slurm it is.

    :param source: where the client is, see :class:`.Peer`.
    :param user, group: as :func:`.caller` names them.
    :param hello: what a worker told of its Slurm.
    """
    major, minor, micro = (*hello.release.split(".", 2), "", "")[:3]
    return {
        "plugin": {
            "type": served.plugin.name,
            "name": served.plugin.title,
            "data_parser": served.data_parser.name,
            "accounting_storage": hello.accounting_storage,
        },
        "client": {"source": source, "user": user, "group": group},
        "command": [],
        "slurm": {
            "version": {"major": major, "micro": micro, "minor": minor},
            "release": hello.release,
            "cluster": hello.cluster,
        },
    }


def error_entry(error: SlurmError) -> dict[str, Any]:
    """One entry of ``errors`` where libslurm is not at hand to name the number."""
    return {
        "description": error.description,
        "error_number": error.errno,
        "error": error_text(error.errno),
        "source": error.source,
    }


def envelope(errors: Iterable[SlurmError], about: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without payload: errors, warnings and meta stand in this order."""
    return {
        "errors": [error_entry(error) for error in errors],
        "warnings": [],
        "meta": about,
    }

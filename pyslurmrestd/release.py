"""The Slurm release that this package was built for."""

from __future__ import annotations

from .log import Fatal

__all__ = ["slurm_release"]


def slurm_release() -> str:
    """The release, such as ``26.05.5``; needs no libslurm.

    Raises :class:`.Fatal` when the package's compiled parts are missing.
    """
    try:
        from .slurm.layout import built_for
    except ImportError as error:
        raise Fatal(f"pyslurmrestd is not built for a Slurm release: {error}") from error
    return built_for()

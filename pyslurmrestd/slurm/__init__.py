"""libslurm: its calls, its records, and the identity under which calls are made.

pyslurm brings the libslurm that it was built for. Our extensions are not linked to it: they find
its symbols because it is loaded globally, so it has to come first. That is what this module sees
to; :mod:`.library` then initialises it.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from importlib.machinery import PathFinder

__all__ = ["load_library"]


@cache
def load_library() -> ctypes.CDLL:
    """Load libslurm with the smallest of pyslurm's extensions, without initialising it.

    All of pyslurm takes as long to import as everything else that a short answer needs.

    :raises ImportError: pyslurm, or the libslurm it was built for, is not installed.
    """
    package = PathFinder.find_spec("pyslurm")
    places = package.submodule_search_locations if package else None
    extension = PathFinder.find_spec("pyslurm.api", places) if places else None
    if extension is None or extension.origin is None:
        raise ModuleNotFoundError("No module named 'pyslurm.api'", name="pyslurm.api")
    try:
        # As pyslurm itself loads it: among libslurm's own symbols some are named as others are.
        return ctypes.CDLL(extension.origin, os.RTLD_GLOBAL | os.RTLD_DEEPBIND)
    except OSError as error:
        raise ImportError(str(error), name="pyslurm.api", path=extension.origin) from error

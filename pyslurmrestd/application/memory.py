"""Memory that is free, given back to the system."""

from __future__ import annotations

import ctypes
import gc
from functools import cache
from typing import Any

__all__ = ["give_back"]


def give_back() -> None:
    """Return what is free: glibc keeps it otherwise, for each thread that ever needed it.

    Exceptions and the frames they passed hold one another, and with them all that was parsed.
    """
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # another libc has none

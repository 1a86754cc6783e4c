"""How often a caller may ask, where the administrator has set that."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

__all__ = ["Rates"]

_BURST_SECONDS: Final = 2.0
"""A caller who was silent for so long may ask all that at once."""

_MOST: Final = 8192
"""Callers remembered. Who is forgotten asked long ago, so starts anew with no more than he had."""


class Rates:
    """Counts the requests of each caller (the generic cell rate algorithm).

    :param rate: requests a second.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._each = 1 / rate
        self._burst = max(_BURST_SECONDS - self._each, 0.0)
        # When all that a caller has asked would be done, were it done one after the other.
        self._done: OrderedDict[str, float] = OrderedDict()

    def take(self, caller: str, now: float) -> float:
        """Count a request, and give 0; or seconds until there may be one, which counts nothing."""
        done = max(self._done.get(caller, 0.0), now)
        wait = done - now - self._burst
        if wait > 0:
            return wait
        self._done[caller] = done + self._each
        self._done.move_to_end(caller)
        if len(self._done) > _MOST:
            self._done.popitem(last=False)
        return 0.0

"""Which operations keep a lane for long: what their answers took so far tells."""

from __future__ import annotations

from typing import Final

__all__ = ["Costs"]

_LONG_BYTES: Final = 256 << 10
_LONG_SECONDS: Final = 1.0
_FADE: Final = 0.8
"""What is left of an earlier cost at each later answer: one short answer among long ones, such as
an error, does not make an operation short."""


class Costs:
    """Sizes and times of answers, by operation."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, float]] = {}

    def is_long(self, operation: str) -> bool:
        """Whether the next one is expected to keep its lane for long."""
        size, seconds = self._known.get(operation, (0.0, 0.0))
        return size > _LONG_BYTES or seconds > _LONG_SECONDS

    def note_long(self, operation: str) -> None:
        """An answer has only begun, and is a long one."""
        self.note(operation, _LONG_BYTES + 1, 0.0)

    def note(self, operation: str, size: int, seconds: float) -> None:
        """Remember what one answer took."""
        if size <= _LONG_BYTES and seconds <= _LONG_SECONDS and operation not in self._known:
            return  # as nearly all are
        known_size, known_seconds = self._known.get(operation, (0.0, 0.0))
        self._known[operation] = (
            max(float(size), known_size * _FADE),
            max(seconds, known_seconds * _FADE),
        )

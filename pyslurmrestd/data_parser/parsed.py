"""The values of one parsed object, by the C members they are for."""

from __future__ import annotations

from typing import Any

__all__ = ["Parsed"]


class Parsed(dict[str, Any]):
    """Values by source, also as attributes; what was not given reads as None.

    A dotted source (``step_id.job_id``) is a key as it stands.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

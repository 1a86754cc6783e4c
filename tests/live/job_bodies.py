"""Jobs to submit: a script, and a description to which a test adds what it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["SCRIPT", "Submit", "description"]

SCRIPT = "#!/bin/sh\nsleep 60\n"

Submit = Callable[..., int]


def description(**fields: Any) -> dict[str, Any]:
    """A job that can be submitted and waits, held."""
    return {
        "name": "test",
        "current_working_directory": "/tmp",
        "environment": ["PATH=/usr/bin:/bin"],
        "standard_output": "/dev/null",
        "hold": True,
        **fields,
    }

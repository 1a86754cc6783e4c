"""The variables from which libslurm takes a process's identity."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Literal

__all__ = ["set_identity"]


def set_identity(environment: MutableMapping[str, str], kind: Literal["token", "local"]) -> None:
    """Let libslurm make its calls with the callers' tokens, or as the process's own user."""
    # Either would let libslurm make tokens, or check them, by itself.
    environment.pop("SLURM_SACK_KEY", None)
    environment.pop("SLURM_SACK_JWKS", None)
    if kind == "token":
        # Loads auth/jwt. Never an inherited token: it would serve every call that brings none.
        environment["SLURM_JWT"] = "daemon"
    else:
        environment.pop("SLURM_JWT", None)

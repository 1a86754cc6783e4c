"""What Slurm's own parsers hold, from ``tests/facts``, in the words of our tables."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from pyslurmrestd.data_parser.version import ApiVersion

FACTS = Path(__file__).parent.parent / "facts"

Fact = dict[str, Any]


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FACTS / name).read_text(encoding="utf-8"))
    return data


@cache
def facts(version: ApiVersion) -> dict[str, Fact]:
    """A version's parsers by name; of two of one name Slurm uses the first."""
    data = _read(f"parsers-{version}.json")
    found: dict[str, Fact] = {}
    for parser in data["parsers"]:
        found.setdefault(parser["name"], parser)
    if version.name == "v0.0.42":
        # Served by 26.05, so what that release changed in this version counts.
        delta = _read("parsers-v0.0.42-26.05-delta.json")
        found |= {parser["name"]: parser for parser in delta["parsers"]}
        for name in delta["gone"]:
            del found[name]
    return found


@cache
def local_masks() -> dict[str, str]:
    """Masks that the parsers' source defines for itself, as C expressions."""
    masks: dict[str, str] = _read("parsers-v0.0.45.json")["local_masks"]
    return masks


def expression(text: str) -> str:
    """A C expression in one spelling: local masks spelled out, no brackets around the whole."""
    for _ in local_masks():
        for name, mask in local_masks().items():
            text = re.sub(rf"\b{name}\b", mask, text)
    return text[1:-1] if re.fullmatch(r"\(([^()]|\([^()]*\))*\)", text) else text

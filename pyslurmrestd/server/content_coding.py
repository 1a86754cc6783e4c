"""Accept-Encoding: the content coding that a client takes best (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ..application.encoding import OFFERED

__all__ = ["accepted"]

_QUALITY: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
_OTHER_NAMES: Final = {"x-gzip": "gzip"}
_LONGEST: Final = 256


def accepted(header: str) -> str:
    """The coding to answer in; empty for none.

    Of those that the client likes as much the fastest one; none where it likes plain answers
    better. Where nothing is left, which a refusal of ``identity`` may lead to, an answer is plain.
    """
    return _known(header) if len(header) <= _LONGEST else _accepted(header)


def _accepted(header: str) -> str:
    told: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                known = _QUALITY.fullmatch(value.strip())
                quality = float(known[0]) if known else 0.0  # who says it wrong does not get it
        if name:
            told[_OTHER_NAMES.get(name, name)] = quality
    others = told.get("*", 0.0)
    best, highest = "", 0.0
    for coding in OFFERED:
        quality = told.get(coding, others)
        if quality > highest:
            best, highest = coding, quality
    return best if highest >= told.get("identity", 0.0) else ""


_known = lru_cache(256)(_accepted)

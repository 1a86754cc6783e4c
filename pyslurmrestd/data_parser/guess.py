"""What JSON data becomes when another type is wanted, as Slurm's ``data_t`` converts it.

Query parameters and YAML scalars arrive as texts, and clients send numbers as texts: these
conversions decide what is understood. None of them raises; what cannot be converted is None.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

__all__ = ["guess", "shown", "to_bool", "to_float", "to_int", "to_text", "type_name"]

# No number of C is longer; Python refuses to convert texts of thousands of digits.
_DIGITS: Final = re.compile(r"[0-9]{1,40}")
_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{1,40}")
_SIGNED: Final = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]{1,40}")
_FLOAT: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_NO_FINITE: Final = re.compile(r"[+-]?(?:inf|infinity|nan)", re.IGNORECASE)
_WORDS: Final = {
    **dict.fromkeys(("y", "yes", "t", "true", "on"), True),
    **dict.fromkeys(("n", "no", "f", "false", "off"), False),
}

_SHOWN_BYTES: Final = 251
"""The most of a refused value that Slurm repeats in a message."""


def guess(value: Any) -> Any:
    """The value a text means: null, a number, a boolean, or the text itself.

    Anything but a text is returned as it is.
    """
    if not isinstance(value, str):
        return value
    if not value or value[0] == "~" or value.lower() == "null":
        return None
    if _DIGITS.fullmatch(value) or _HEX.fullmatch(value):
        return _integer(value)
    if _FLOAT.fullmatch(value) or _NO_FINITE.fullmatch(value):
        return float(value)
    if _SIGNED.fullmatch(value):
        return int(value)
    return _WORDS.get(value.lower(), value)


def to_int(value: Any) -> int | None:
    """A whole number: floats are rounded, null is 0; booleans and other texts are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return round(value) if math.isfinite(value) else None
    if value is None:
        return 0
    if isinstance(value, str) and (_SIGNED.fullmatch(value) or _HEX.fullmatch(value)):
        return _integer(value)
    return None


def to_float(value: Any) -> float | None:
    """A floating point number, ``inf`` and ``nan`` included; null and booleans are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and (_FLOAT.fullmatch(value) or _NO_FINITE.fullmatch(value)):
        return float(value)
    return None


def to_bool(value: Any) -> bool | None:
    """A boolean: null and empty texts are false, numbers unequal to 0 and other texts true."""
    meant = guess(value)
    if isinstance(meant, list | dict):
        return None
    # Slurm: any text that is no word for false is true.
    return bool(meant)


def to_text(value: Any) -> str | None:
    """A text: null is empty, floats have six decimals; lists and objects are none."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:f}"
    return None


def type_name(value: Any) -> str:
    """Slurm's name for the type of JSON data, as its messages use it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "64 bit integer"
    if isinstance(value, float):
        return "floating point number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list) else "dictionary"


def shown(value: Any) -> str:
    """The value as messages repeat it: compact JSON with ``/`` escaped, cut when long."""
    if isinstance(value, float):
        text = f"{value:.17g}"
        if math.isfinite(value) and text.lstrip("-").isdigit():
            text += ".0"
    else:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    if len(text) <= _SHOWN_BYTES // 4:
        return text
    return text.encode("utf-8", "replace")[:_SHOWN_BYTES].decode("utf-8", "ignore")


def _integer(text: str) -> int:
    return int(text, 16) if _HEX.fullmatch(text) else int(text)

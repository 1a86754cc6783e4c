"""Values of settings, from their texts; each raises ValueError for what is none."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

__all__ = [
    "access_log",
    "addresses",
    "json",
    "natural",
    "observe",
    "positive",
    "seconds",
    "security",
    "status_codes",
    "switch",
    "threads",
    "yaml",
]


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def threads(text: str) -> int:
    # Slurm: what is no number means automatic.
    return int(text) if text.isdecimal() else 0


def seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise ValueError(text)
    return number


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def addresses(text: str) -> tuple[str, ...]:
    return tuple(_words(text))


_SECURITY: Final = frozenset(
    ("become_user", "disable_unshare_files", "disable_unshare_sysv", "disable_user_check")
)


def security(text: str) -> frozenset[str]:
    words = frozenset(_words(text))
    if not words <= _SECURITY:
        raise ValueError(text)
    return words


def switch(text: str) -> bool:
    chosen = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
    if text.lower() not in chosen:
        raise ValueError(text)
    return chosen[text.lower()]


def access_log(text: str) -> str:
    if text not in ("text", "json", "off"):
        raise ValueError(text)
    return text


def observe(text: str) -> frozenset[str]:
    words = frozenset(_words(text))
    if not words <= {"id", "timing"}:
        raise ValueError(text)
    return words


def status_codes(text: str) -> tuple[str, ...]:
    phrases = {status.phrase.upper(): str(status.value) for status in HTTPStatus}
    return tuple(_status_code(word, phrases) for word in _words(text))


def _status_code(word: str, phrases: Mapping[str, str]) -> str:
    if word.isdecimal():
        return str(int(word))
    if word.lower() == "default":
        return "default"
    if word.upper() not in phrases:
        raise ValueError(word)
    return phrases[word.upper()]


def json(text: str) -> str:
    words = _words(text.lower())
    if not set(words) <= {"compact", "pretty", "complex"}:
        raise ValueError(text)
    # Slurm: of two contrary words, pretty wins.
    return "json" if "pretty" in words or not words else "json_compact"


def yaml(text: str) -> frozenset[str]:
    words = frozenset(_words(text.lower()))
    if not words <= {"compact", "pretty", "no_tag"}:
        raise ValueError(text)
    return words

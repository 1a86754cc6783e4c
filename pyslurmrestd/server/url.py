"""URLs as Slurm reads them: which characters may stand in a path, and how it splits.

A path is split before it is decoded, so ``%2F`` is a slash within a segment. Empty segments and
``.`` vanish; ``..`` is refused.
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import ErrorCode
from .refusal import Refused

__all__ = ["split_target"]

_PLAIN: Final = re.compile(r"[A-Za-z0-9._~/-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~/-]*)*")
_AUTHORITY: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://[^/?#]*")
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


def split_target(target: str) -> tuple[tuple[str, ...], str]:
    """The decoded segments of a request's target, and its query as sent.

    Raises :class:`.Refused` (11008, 404) for a path that no operation can have.
    """
    if not target.startswith("/"):
        target = _origin_form(target)
    path, _, query = target.partition("#")[0].partition("?")
    if _PLAIN.fullmatch(path) is None:
        raise Refused.of(ErrorCode.BAD_PATH)
    segments = [segment for segment in path.split("/") if segment and segment != "."]
    if ".." in segments:
        raise Refused.of(ErrorCode.BAD_PATH)
    if "%" in path:
        segments = [_decoded(segment) if "%" in segment else segment for segment in segments]
    # Bytes that are not UTF-8 would be lone surrogates; no query may hold either.
    return tuple(segments), query if query.isascii() else query.encode(errors="replace").decode()


def _origin_form(target: str) -> str:
    """The path and query of an absolute URL; whose host it names does not matter."""
    absolute = _AUTHORITY.match(target)
    if absolute is None:
        raise Refused.of(ErrorCode.BAD_PATH)
    match absolute[1].lower():
        case "http":
            return "/" + target[absolute.end() :].removeprefix("/")
        case "https":
            raise Refused("TLS missing but required for connection", ErrorCode.BAD_REQUEST)
        case _:
            raise Refused("Unknown URL scheme", ErrorCode.BAD_REQUEST)


def _decoded(segment: str) -> str:
    data = _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()), segment.encode())
    # Slurm: these two bytes are refused, all others pass.
    if b"\x00" in data or b"\xff" in data:
        raise Refused.of(ErrorCode.BAD_PATH)
    return data.decode(errors="replace")

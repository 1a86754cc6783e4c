"""Two connections that stay open, to ours and to a real daemon, asked the same at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from comparison import differences
from laboratory import Answer, Lab
from told_otherwise import asked_of_the_real_daemon, evened, failed_there, refused_here

__all__ = ["Both"]


class Both:
    """Ours and a real daemon, as one user.

    :param release: of the real daemon.
    :param urls: of ours and the real one, where they are not those of the lab.
    """

    def __init__(
        self, lab: Lab, release: str, user: str, urls: tuple[str, str] | None = None
    ) -> None:
        self._release = release
        ours, theirs = urls or (lab.ours, lab.reference[release])
        self._ours, self._theirs = lab.kept(user, ours), lab.kept(user, theirs)
        self._other = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._other.shutdown()
        for connection in (self._ours, self._theirs):
            connection.close()

    def differences(self, path: str) -> list[str]:
        """Where the answers to a GET differ, but for what docs/deviations.md tells; some of it."""
        found: list[str] = []
        for _ in range(4):  # the cluster may change between the two answers
            coming = self._other.submit(
                self._theirs.get, asked_of_the_real_daemon(path, self._release)
            )
            ours = self._ours.get(path)
            found = list(_differences(path, ours, coming.result(), self._release))
            if not found:
                break
            time.sleep(0.3)
        return [f"{path}: {text}" for text in found[:8]]


def _differences(path: str, ours: Answer, theirs: Answer, release: str) -> Iterator[str]:
    if failed_there(theirs, release):
        if ours.status not in (200, 304):
            yield f"{ours.status} {ours.body!r:.200} where the nodes should be"
        return
    if refused_here(path):
        if ours.status != 422 or [e["error_number"] for e in ours.json()["errors"]][:1] != [9202]:
            yield f"{ours.status} {ours.body!r:.200} where 9202 should be"
        return
    if theirs.status == 500 and 400 <= ours.status < 500:
        pass  # the client's mistakes are no faults of ours
    elif ours.status == 404 and theirs.status in (200, 422):
        yield from _missing(ours, theirs)
        return
    elif ours.status != theirs.status and not (release == "24.11" and _no_url(ours)):
        yield f"status {ours.status} is not {theirs.status}: {ours.body!r:.400}"
    if not ours.body or theirs.headers.get("Content-Type") == "text/plain":
        yield from _plain(ours, theirs)
        return
    mine, other = _without_equal_records(ours, theirs)
    told, expected = evened(path, mine.json(), other.repaired_json(), release)
    yield from differences(told, expected)


def _missing(ours: Answer, theirs: Answer) -> Iterator[str]:
    """What does not exist: 404 here, told in the words of the real daemon."""
    told, expected = (
        [
            entry["description"]
            for key in ("errors", "warnings")
            for entry in answer.repaired_json()[key]
        ]
        for answer in (ours, theirs)
    )
    if told != expected:
        yield f"{told} is not {expected}"


def _plain(ours: Answer, theirs: Answer) -> Iterator[str]:
    """A query that is none has errors here, in the form of all others."""
    if ours.headers.get("Content-Type") == "application/json":
        numbers = [error["error_number"] for error in ours.json()["errors"]]
        if (ours.status, numbers) != (400, [9001]):
            yield f"{ours.status} {numbers} where the real daemon says {theirs.body!r}"
    elif ours.body != theirs.body and not _no_url(ours):
        yield f"{ours.body!r:.80} is not {theirs.body!r:.80}"


def _no_url(answer: Answer) -> bool:
    """Whether 26.05's words say that there is no such path: they count in all versions."""
    return answer.status == 404 and answer.body == b"Invalid or unknown URL path"


RECORD_END = b"\n    },"


def _without_equal_records(ours: Answer, theirs: Answer) -> tuple[Answer, Answer]:
    """Both without the records that are the same to the byte: a thousand nodes are not worth the
    time."""
    mine, other = (answer.body.split(RECORD_END) for answer in (ours, theirs))
    if len(mine) != len(other):
        return ours, theirs
    kept = [
        index
        for index, (one, another) in enumerate(zip(mine, other, strict=True))
        if one != another or not one.startswith(b"\n    {\n") or b"\n  ]" in one
    ]
    left, right = (
        Answer(answer.status, answer.headers, RECORD_END.join(parts[index] for index in kept))
        for answer, parts in ((ours, mine), (theirs, other))
    )
    return left, right

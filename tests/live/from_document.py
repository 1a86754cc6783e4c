"""Requests made from our own OpenAPI document by schemathesis: as it says, and as it does not."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from laboratory import Kept
from schemathesis import GenerationMode

__all__ = ["LEFT_OUT", "Asked", "ask", "operations", "wrong"]

OF_THE_CONNECTION: Final = (
    "X-SLURM-USER-TOKEN",
    "X-SLURM-USER-NAME",
    "Authorization",
    "Accept-Encoding",
)

LEFT_OUT: Final = {
    "get /slurm/{version}/reconfigure/": "has no input to vary, and every daemon of the cluster"
    " reads its configuration again",
}
"""What is not asked, and why. All else is, of each version."""

SLURM_IS_AWAY: Final = (1800, 1801, 1802, 1803, 1804, 5003, 5004, 5005, 7000)
"""Error numbers of a controller or database that does not answer, which no input brings about."""

_OURS: Final = re.compile(r"worker|Traceback|Error in |File \"")
"""What no description says but that of a fault in the daemon."""

_SLOW: Final = 30.0
"""Seconds: all answers come sooner, whatever is asked; requests of ours end after 60."""


@dataclass(frozen=True)
class Asked:
    """An operation of one version, with the ways in which requests for it can be made."""

    name: str
    entry: Any
    modes: tuple[GenerationMode, ...]

    def __str__(self) -> str:
        return self.name


def operations(document: Any, version: str) -> Iterator[Asked]:
    """All of a version but :data:`LEFT_OUT`."""
    left_out = {name.format(version=version) for name in LEFT_OUT}
    paths = {url: told for url, told in document["paths"].items() if f"/{version}/" in url}
    for found in schemathesis.openapi.from_dict({**document, "paths": paths}).get_all_operations():
        entry = found.ok()
        name = f"{entry.method} {entry.path}"
        if name in left_out:
            continue
        # A path alone can be nothing but a text.
        varied = bool(entry.body) or bool(entry.query)
        yield Asked(name, entry, tuple(GenerationMode) if varied else (GenerationMode.POSITIVE,))


def ask(
    connection: Kept,
    asked: Asked,
    mode: GenerationMode,
    examples: int,
    statuses: Counter[int],
    start: int = 1,
) -> list[str]:
    """What is wrong with the answers to some requests, which are the same every time.

    :param statuses: counts the answers by theirs.
    :param start: other ones for another number.
    """
    found: list[str] = []

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked.entry.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        made = requests.Request(**case.as_transport_kwargs(base_url="http://x")).prepare()
        target, body = made.path_url, made.body
        headers = {
            name: value for name, value in made.headers.items() if name not in OF_THE_CONNECTION
        }
        began = time.monotonic()
        try:
            answer = connection.send(str(made.method), target, headers, body)
            statuses[answer.status] += 1
        except (OSError, ValueError) as error:
            found.append(f"{asked} {target} {body!r:.500}: {error!r}")
            return
        text = wrong(answer.status, answer.body)
        if time.monotonic() - began > _SLOW:
            text = text or "slow"
        if text:
            found.append(f"{asked} {target} {body!r:.2000}: {answer.status} {text}")

    send()
    return found


def wrong(status: int, body: bytes) -> str:
    """What no answer may be, whatever was asked; empty for a right one."""
    if status in (204, 304):
        return "" if not body else f"a body: {body!r:.200}"
    if status >= 400 and not body.startswith(b"{"):
        return "" if status < 500 and body and _OURS.search(body.decode()) is None else f"{body!r}"
    try:
        told = json.loads(body)
    except ValueError:
        return f"no JSON: {body!r:.200}"
    errors: Sequence[Any] = told.get("errors", [])
    if status >= 400 and not errors:
        return "a failure without an error"
    for error in errors:
        if _OURS.search(error.get("description", "")):
            return str(error)
    if status >= 500 and (not errors or errors[0]["error_number"] not in SLURM_IS_AWAY):
        return str(errors[:1])
    return ""

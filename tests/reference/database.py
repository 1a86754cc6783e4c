"""What the comparisons of the accounting database share: an answer of ours beside the real one."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from comparison import SERVED, differences
from laboratory import Answer, Lab

__all__ = ["Write", "answers_alike", "table", "writes_alike"]

Write = tuple[str, str, Any]
"""Method, path behind the version, body."""


def answers_alike(lab: Lab, version: str, path: str) -> None:
    """Ours and the real daemon answer the same to a GET of root's."""
    url = f"/slurmdb/{version}/{path}"
    found: list[str] = []
    for _ in range(4):  # slurmctld may add what it learns between the two calls
        ours = lab.get(url, user="root")
        theirs = lab.get(url, user="root", url=lab.reference[SERVED[version]])
        assert ours.status == theirs.status
        # Addresses of memory are in 24.11's texts.
        told = re.sub(rb"_get\(0x[0-9a-f]+\)", b"_get()", theirs.body)
        real = Answer(theirs.status, theirs.headers, told)
        found = list(differences(ours.json(), real.json()))
        if not found:
            return
        time.sleep(0.5)
    pytest.fail("\n".join(found[:40]))


def table(lab: Lab, name: str) -> list[str]:
    """The rows of a table of slurmdbd's, whole but for numbers and times that no two share."""
    return sorted(_query(lab, f"select {', '.join(_columns(lab, name))} from {name}"))


@cache
def _columns(lab: Lab, name: str) -> list[str]:
    varying = "'creation_time', 'mod_time', 'id', 'id_wckey'"
    return _query(
        lab,
        "select column_name from information_schema.columns where table_schema = 'slurm_acct_db'"
        f" and table_name = '{name}' and column_name not in ({varying})",
    )


def _query(lab: Lab, query: str) -> list[str]:
    return lab.run(f'mariadb -N slurm_acct_db -e "{query}"').splitlines()


def writes_alike(
    lab: Lab,
    version: str,
    writes: Sequence[Write],
    *,
    forget: Callable[[], None],
    stored: Callable[[], Any],
    misread: tuple[str, ...] = (),
) -> None:
    """Each write is told alike, and leaves the same in the database.

    :param forget: takes away what they store.
    :param stored: the records that they are about.
    :param misread: methods whose answers the real daemon gets wrong: what they leave counts alone.
    """

    def done(url: str | None) -> list[Any]:
        forget()
        steps = []
        for method, path, body in writes:
            answer = lab.ask(method, f"/slurmdb/{version}/{path}", user="root", url=url, body=body)
            told = json.loads(answer.body or b"{}")
            numbers = [error["error_number"] for error in told.get("errors", [])]
            # Where nothing was added the real daemon still says why there.
            payload = {
                key: told[key]
                for key in told.keys() - {"meta", "warnings", "errors"}
                if not numbers and answer.body
            }
            status = 422 if answer.status == 500 else answer.status
            outcome = () if method in misread else (status, numbers, payload)
            steps.append((method, path, body, outcome, stored()))
        forget()
        return steps

    ours = done(None)
    theirs = done(lab.reference[SERVED[version]])
    for mine, real in zip(ours, theirs, strict=True):
        assert mine == real, f"{mine}\nis not\n{real}"

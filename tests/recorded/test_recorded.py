"""Requests recorded on the real daemons, sent to ours.

``cases.jsonl`` holds them with what the real daemon answered, ``run_cases.py`` sends and compares.
Where ours answers otherwise on purpose, ``deviations.tsv`` names the case, the heading in
docs/deviations.md that tells why, and just what differs: a listed case that agrees again fails
as much as an unlisted one that differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import run_cases
from laboratory import Lab

from pyslurmrestd import plugin
from pyslurmrestd.openapi.path import ContentPlugin

HERE = Path(__file__).parent
DEVIATIONS_DOCUMENT = HERE.parent.parent / "docs" / "deviations.md"

SERVED_OF_SLURMDBD = {
    "account",
    "accounts",
    "accounts_association",
    "association",
    "associations",
    "cluster",
    "clusters",
    "conf",
    "config",
    "diag",
    "instance",
    "instances",
    "job",
    "jobs",
    "ping",
    "tres",
    "qos",
    "user",
    "users",
    "users_association",
    "wckey",
    "wckeys",
}
"""Of slurmdbd's operations those that ours has: by first words after the version."""


def served(path: str) -> bool:
    """Whether a recorded request is for something that ours is to answer by now."""
    match = re.match(r"/+slurmdb/+v0\.0\.4\d/+([^/?]*)", path)
    return match is None or match[1] in SERVED_OF_SLURMDBD


def paths(case: dict[str, Any]) -> Iterator[str]:
    for step in case.get("steps") or [case]:
        request = step["request"]
        if "raw" in request:
            line = request["raw"].split("\r\n")[0].split(" ")
            yield line[1] if len(line) > 1 else ""
        else:
            yield request["path"]


def recorded() -> list[dict[str, Any]]:
    """Cases of 26.05, and of 24.11 those of the versions that only it serves."""
    with (HERE / "cases.jsonl").open(encoding="utf-8") as file:
        cases = [json.loads(line) for line in file if line.strip()]
    return [
        case
        for case in cases
        if (case["release"] == "26.05" or case["version"] in ("v0.0.40", "v0.0.41"))
        and all(map(served, paths(case)))
    ]


def deviations() -> dict[str, tuple[str, list[str]]]:
    """By case: the heading that tells why, and what differs."""
    found = {}
    for line in (HERE / "deviations.tsv").read_text(encoding="utf-8").splitlines():
        case, why, *differs = line.split("\t")
        found[case] = (why, differs)
    return found


def summed_up(differences: list[str]) -> list[str]:
    """What differs, without the values: ``status 500 -> 422``, ``$.meta.client.user``, ``body``."""
    found = set()
    for text in differences:
        parts = re.fullmatch(r"(step \d+: )?(status: expected (\d+), got (\d+))?(.*)", text, re.S)
        assert parts is not None
        step, status, was, now, rest = parts.groups(default="")
        what = f"status {was} -> {now}" if status else re.split(r": | !~ ", rest, maxsplit=1)[0]
        found.add(step + what)
    return sorted(found)


CASES = recorded()
DEVIATIONS = deviations()


@pytest.fixture(scope="session")
def environment(lab: Lab) -> run_cases.Env:
    """Tokens and keys as the runner wants them, and no past of nodes: each would be an instance."""
    lab.run("mariadb slurm_acct_db -e \"delete from lab_event_table where node_name != ''\"")
    return run_cases.Env(
        argparse.Namespace(
            token_cmd="scontrol token lifespan=3600 username={user}",
            shell=False,
            jwt_key=os.environ["LAB_JWT_KEY"],
        )
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_recorded_request_is_answered_as_recorded(
    lab: Lab, environment: run_cases.Env, case: dict[str, Any]
) -> None:
    if any("update_time=now" in path for path in paths(case)):
        # Slurm: whatever changed within this second has changed since now.
        time.sleep(1.1)
    differences = run_cases.run_case(case, environment, lab.ours, 30)
    _, expected = DEVIATIONS.get(case["id"], ("", []))
    assert summed_up(differences) == expected, "\n".join(differences)


def test_every_deviation_is_of_a_case_and_has_its_reason_told() -> None:
    headings = re.findall(r"^#+ (.*)$", DEVIATIONS_DOCUMENT.read_text("utf-8"), re.M)
    reasons = {why for why, _ in DEVIATIONS.values()}
    assert DEVIATIONS.keys() <= {case["id"] for case in CASES}
    assert reasons <= set(headings)


def test_nothing_is_called_unserved_that_is_served() -> None:
    """So that the recorded cases of an operation run as soon as there is one."""
    contents: list[ContentPlugin] = plugin.contents(None)
    for content in contents:
        for path in content.all_paths():
            assert served(path.url.replace("{data_parser}", "v0.0.45")), path.url

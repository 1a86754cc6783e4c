"""Whatever our document allows, and what it does not: no failure of the daemon's own comes of it.

Here a few requests for each operation, always the same, of a user who may change little. `make
fuzz` asks with FUZZ_SECONDS for so long and as root, with ever other requests, in a cluster that is
put back afterwards.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from from_document import LEFT_OUT, Asked, ask, operations
from laboratory import Kept, Lab
from rest_daemon import Daemon, StartDaemon
from schemathesis import GenerationMode

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))

USER = "root" if SECONDS else "alice"

FAULT = re.compile(r"Traceback|worker \d+ (ended|hangs)")
"""What the daemon's log says of a fault of its own."""

LARGE = ("post /slurmdb/",)
"""Bodies of many levels, of which a wrong one takes seconds to make."""


@pytest.fixture(scope="module")
def daemon(lab: Lab, keep_daemon: StartDaemon) -> Iterator[Daemon]:
    """One of the test's own, with what it has logged; the jobs that were submitted go with it."""

    def queue() -> set[str]:
        return set(lab.run("squeue -h -a -o %i").split())

    before = queue()
    daemon = keep_daemon("127.0.0.1:0")
    yield daemon
    added = queue() - before
    if added:
        lab.run("scancel " + " ".join(added), check=False)


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.42", "v0.0.45"])
def test_no_request_brings_about_a_failure(lab: Lab, daemon: Daemon, version: str) -> None:
    document = lab.get("/openapi/v3").json()
    all_of_it = list(operations(document, version))
    written = [url for url in document["paths"] if f"/{version}/" in url]
    assert len(all_of_it) == sum(len(document["paths"][url]) for url in written) - len(LEFT_OUT)
    found: list[str] = []
    statuses: Counter[int] = Counter()
    with Kept(daemon.url, lab.token(USER)) as connection:
        for number, asked in enumerate(all_of_it):
            for mode in asked.modes:
                if _is_short(number, asked, mode, version):
                    found += ask(connection, asked, mode, 1, statuses)
        end, start = time.monotonic() + SECONDS / 3, 1
        while time.monotonic() < end:
            start += 1
            for asked in all_of_it:
                for mode in asked.modes:
                    if time.monotonic() < end:
                        found += ask(connection, asked, mode, 5, statuses, start)
    print(f"{version}: {sum(statuses.values())} answers: {dict(statuses)}")
    assert found == []
    assert statuses[200] > 5
    assert statuses[422] > 5
    assert [line for line in daemon.lines if FAULT.search(line)] == []


def _is_short(number: int, asked: Asked, mode: GenerationMode, version: str) -> bool:
    """Whether it is among the few: all of the newest version, by turns as the document says and as
    it does not, and a quarter of the others."""
    if version != "v0.0.45" and number % 4:
        return False
    wrong = number % 2 and len(asked.modes) > 1 and not asked.name.startswith(LARGE)
    return mode is (GenerationMode.NEGATIVE if wrong else GenerationMode.POSITIVE)

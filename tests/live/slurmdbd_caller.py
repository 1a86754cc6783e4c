"""A process that calls slurmdbd as a worker does: prints what came of one case, as JSON.

``python slurmdbd_caller.py CASE TOKEN...``
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from pyslurmrestd.auth.credential import Credential
from pyslurmrestd.errors import SlurmError
from pyslurmrestd.plugins.data_parser.tables.accounts import ACCOUNT, ACCOUNT_CONDITION
from pyslurmrestd.slurm import library

library.start(None, "token")

from pyslurmrestd.slurm import connections  # noqa: E402 - it needs libslurm
from pyslurmrestd.slurm.slurmdbd import Slurmdbd  # noqa: E402
from pyslurmrestd.slurm.written import new_record  # noqa: E402


def calls_of(token: str) -> Slurmdbd:
    return Slurmdbd(Credential("token", token))


def accounts(calls: Slurmdbd) -> int:
    return len(calls.get("accounts", new_record(ACCOUNT_CONDITION, {})))


def kept() -> list[str | None]:
    return [token for _, token, _ in connections.idle()]


def kept_by_caller(*tokens: str) -> Any:
    """Each asks twice, at different times; then what is kept."""
    for token in tokens * 2:
        calls = calls_of(token)
        accounts(calls)
        calls.close()
    return [tokens.index(str(token)) for token in kept()]


def kept_are_few(*tokens: str) -> Any:
    """Many at once; then how many are kept, and how many may be."""
    many = [calls_of(token) for token in tokens * 6]
    for calls in many:
        accounts(calls)
    for calls in many:
        calls.close()
    return [len(many), len(kept()), connections.MOST_IDLE]


def idle_are_closed(token: str) -> Any:
    connections.IDLE_SECONDS = 0.4  # type: ignore[misc]
    calls = calls_of(token)
    accounts(calls)
    calls.close()
    before = len(kept())
    time.sleep(1.5)
    return [before, len(kept())]


def ends_with_its_token(token: str, seconds: str) -> Any:
    """A connection was opened with a token; what is answered once it has ended."""
    calls = calls_of(token)
    found = accounts(calls)
    calls.close()
    time.sleep(float(seconds))
    try:
        accounts(calls_of(token))
    except SlurmError as error:
        return [found > 0, error.errno]
    return [found > 0, 0]


def restarted_within_a_transaction(token: str) -> Any:
    """slurmdbd is restarted between a write and its commit."""
    calls = calls_of(token)
    account = {"name": "lc", "description": "x", "organization": "y"}
    try:
        with calls.transaction():
            calls.add("accounts", [new_record(ACCOUNT, account)])
            for verb in ("stop", "start"):
                line = ["/src/lab/inside/cluster", verb, "slurmdbd"]
                subprocess.run(line, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    except SlurmError as error:
        condition = {"assoc_cond": {"acct_list": ["lc"]}}
        return [error.errno, len(calls.get("accounts", new_record(ACCOUNT_CONDITION, condition)))]
    return "committed"


def written_outside_of_a_transaction(token: str) -> Any:
    calls = calls_of(token)
    account = {"name": "lc", "description": "x", "organization": "y"}
    try:
        calls.add("accounts", [new_record(ACCOUNT, account)])
    except RuntimeError as error:
        return str(error)
    return "written"


CASES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        kept_by_caller,
        kept_are_few,
        idle_are_closed,
        ends_with_its_token,
        restarted_within_a_transaction,
        written_outside_of_a_transaction,
    )
}

if __name__ == "__main__":
    import os

    # Commands of the lab prove who they are in another way.
    ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "SLURM_JWT"}
    case, *arguments = sys.argv[1:]
    print(json.dumps(CASES[case](*arguments)))

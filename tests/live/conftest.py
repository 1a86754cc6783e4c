"""What tests of the running daemon share: jobs that end with the test, daemons of its own."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from laboratory import Lab
from rest_daemon import DAEMON, Daemon, StartDaemon

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import VERSIONS

SCRIPT = "#!/bin/sh\nsleep 60\n"


@pytest.fixture(params=VERSIONS, ids=str)
def version(request: pytest.FixtureRequest) -> ApiVersion:
    """Each API version in turn."""
    found: ApiVersion = request.param
    return found


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A directory in which the daemon's user may make sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        user = pwd.getpwnam("restd")
        os.chown(name, user.pw_uid, user.pw_gid)
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def start_daemon(lab: Lab) -> Iterator[StartDaemon]:
    daemons: list[Daemon] = []

    def start(
        *argv: str,
        count: int = 1,
        user: str = "restd",
        command: Sequence[str] = DAEMON,
        pass_fds: Sequence[int] = (),
        **environment: str,
    ) -> Daemon:
        process = subprocess.Popen(
            [*command, *argv],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=pass_fds,
            env={**os.environ, **environment},
            user=user,
            group=user,
            extra_groups=(),
        )
        daemons.append(Daemon(process, count))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.end(signal.SIGKILL)


@pytest.fixture
def held(lab: Lab) -> Iterator[Callable[..., int]]:
    """Submits held jobs with ``sbatch``; they are cancelled when the test ends."""
    submitted: list[int] = []

    def submit(options: str = "", *, user: str = "alice") -> int:
        line = f"--hold --output=/dev/null {options} --wrap 'sleep 60'"
        submitted.append(lab.submit(line, user=user))
        return submitted[-1]

    yield submit
    if submitted:
        lab.cancel(*submitted)


Submit = Callable[..., int]


@pytest.fixture
def submit(lab: Lab) -> Iterator[Submit]:
    """Submits a job through the daemon, held unless it says otherwise; likewise cancelled."""
    submitted: list[int] = []

    def submit(version: ApiVersion, job: dict[str, Any] | None = None, **how: Any) -> int:
        body = {"script": SCRIPT, "job": description(**(job or {}))}
        answer = lab.ask("POST", f"/slurm/{version}/job/submit", body=body, **how)
        told = answer.json()
        assert (answer.status, told["errors"]) == (200, []), told
        submitted.append(told["job_id"])
        return submitted[-1]

    yield submit
    if submitted:
        lab.cancel(*submitted)


def description(**fields: Any) -> dict[str, Any]:
    """A job that can be submitted and waits, held."""
    return {
        "name": "test",
        "current_working_directory": "/tmp",
        "environment": ["PATH=/usr/bin:/bin"],
        "standard_output": "/dev/null",
        "hold": True,
        **fields,
    }

"""What tests of the running daemon share: jobs that end with the test, daemons of its own."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accounting import Ask
from job_bodies import SCRIPT, Submit, description
from laboratory import Answer, Lab
from rest_daemon import StartDaemon, daemons, flagged, own_conf

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V42, V45, VERSIONS


@pytest.fixture(params=VERSIONS, ids=str)
def version(request: pytest.FixtureRequest) -> ApiVersion:
    """Each API version in turn."""
    found: ApiVersion = request.param
    return found


@pytest.fixture
def ask(lab: Lab) -> Ask:
    """Asks slurmdb's paths, as root unless told otherwise."""

    def ask(
        method: str, path: str, body: Any = None, *, user: str = "root", version: ApiVersion = V45
    ) -> Answer:
        return lab.ask(method, f"/slurmdb/{version}/{path}", body=body, user=user)

    return ask


@pytest.fixture
def forgotten(lab: Lab) -> Iterator[None]:
    """What a test stores goes with it."""
    yield
    lab.run("sacctmgr -i delete user lu,lu2", check=False)
    lab.run("sacctmgr -i delete account lb,la", check=False)


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A directory in which the daemon's user may make sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        user = pwd.getpwnam("restd")
        os.chown(name, user.pw_uid, user.pw_gid)
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def conf(run_dir: Path) -> Path:
    """A slurm.conf of the test's own."""
    return own_conf(run_dir)


@pytest.fixture
def start_daemon() -> Iterator[StartDaemon]:
    """Starts daemons that end with the test."""
    with daemons() as start:
        yield start


@pytest.fixture(scope="module")
def keep_daemon() -> Iterator[StartDaemon]:
    """Starts daemons that end with the module."""
    with daemons() as start:
        yield start


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


@pytest.fixture(scope="module")
def real_complex(lab: Lab) -> Iterator[str]:
    """A real slurmrestd 26.05 that answers in complex mode; gives its address."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    served = ",".join(f"{version}+complex" for version in VERSIONS if version >= V42)
    process = subprocess.Popen(
        ["slurmrestd", "-a", "rest_auth/jwt", "-d", served, f"127.0.0.1:{port}"],
        env={"PATH": "/usr/sbin:/usr/bin", "SLURM_JWT": "daemon"},
        cwd="/tmp",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user="restd",
        group="restd",
        extra_groups=(),
    )

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        lab.wait_for(listens)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def ours_complex(keep_daemon: StartDaemon) -> str:
    """Ours in complex mode; gives its address."""
    return flagged(keep_daemon, "complex")

"""Keys of tokens replaced while the daemon runs: old tokens end, new ones are taken, by itself."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt
from laboratory import Lab
from rest_daemon import Daemon, StartDaemon

JOBS = "/slurm/v0.0.45/jobs/"
PING = "/slurm/v0.0.45/ping/"
USERS = "/slurmdb/v0.0.45/users/"
SLURMS_KEY = Path(os.environ["LAB_JWT_KEY"])


def token(key: bytes) -> str:
    now = int(time.time())
    return jwt.encode({"exp": now + 600, "iat": now, "sun": "alice"}, key, "HS256")


def statuses(daemon: Daemon, key: bytes) -> tuple[int, ...]:
    told = token(key)
    return tuple(daemon.get(path, told)[0] for path in (JOBS, USERS))


@contextmanager
def slurm_with(lab: Lab, key: bytes) -> Iterator[None]:
    """While slurmctld and slurmdbd judge tokens by another key."""
    cluster = "/src/lab/inside/cluster"
    restart = f"{cluster} stop slurmctld slurmdbd; {cluster} start slurmdbd slurmctld"
    before = SLURMS_KEY.read_bytes()
    try:
        SLURMS_KEY.write_bytes(key)
        lab.run(restart)
        yield
    finally:
        SLURMS_KEY.write_bytes(before)
        lab.run(restart)


def test_slurms_own(lab: Lab, start_daemon: StartDaemon) -> None:
    """Connections to slurmdbd that were opened with the old key serve nobody any more."""
    old, new = SLURMS_KEY.read_bytes(), secrets.token_bytes(32)
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    workers = daemon.workers()
    assert statuses(daemon, old) == (200, 200)
    with slurm_with(lab, new):
        assert statuses(daemon, old) == (511, 502)
        assert statuses(daemon, new) == (200, 200)
    assert statuses(daemon, new) == (511, 502)
    assert statuses(daemon, old) == (200, 200)
    assert daemon.workers() == workers


def test_the_daemons(lab: Lab, start_daemon: StartDaemon, run_dir: Path) -> None:
    old, new = SLURMS_KEY.read_bytes(), secrets.token_bytes(32)
    file = run_dir / "key"

    def write(key: bytes) -> None:
        """As a whole, as administrators should."""
        part = run_dir / "key.new"
        part.write_bytes(key)
        part.chmod(0o640)
        os.chown(part, 0, run_dir.stat().st_gid)
        part.rename(file)

    write(old)
    daemon = start_daemon("127.0.0.1:0", "--jwt-key", str(file))
    assert daemon.get(JOBS, token(old))[0] == 200
    write(new)
    lab.wait_for(lambda: daemon.get(JOBS, token(old))[0] == 401)
    assert daemon.get(JOBS, token(new))[0] == 511  # it is Slurm now that does not know it
    file.unlink()
    assert daemon.get(JOBS, token(new))[0] == 511  # what was read last holds
    write(old)
    lab.wait_for(lambda: daemon.get(JOBS, token(old))[0] == 200)
    assert daemon.process.poll() is None

"""A slurmdbd of its own, on an empty database: what a configuration is restored to."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from laboratory import Lab

__all__ = ["second_slurmdbd"]

DATABASE = "other_acct_db"


def free_port() -> int:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def with_settings(text: str, **settings: object) -> str:
    """A configuration in which settings have other values."""
    for name, value in settings.items():
        text = re.sub(rf"^{name}=.*\n", "", text, flags=re.M)
        text += f"{name}={value}\n"
    return text


@contextmanager
def second_slurmdbd(lab: Lab, directory: Path) -> Iterator[Path]:
    """With a slurmdbd beside the lab's; gives the slurm.conf of a cluster that uses it.

    It is the lab's cluster by name and has no controller of its own.
    """
    port = free_port()
    directory.chmod(0o755)
    for name in ("cgroup.conf", "plugstack.conf"):
        shutil.copy(f"/etc/slurm/{name}", directory)
    conf = directory / "slurm.conf"
    text = Path("/etc/slurm/slurm.conf").read_text()
    conf.write_text(with_settings(text, AccountingStoragePort=port))
    dbd = directory / "slurmdbd.conf"
    dbd.write_text(
        with_settings(
            Path("/etc/slurm/slurmdbd.conf").read_text(),
            DbdPort=port,
            StorageLoc=DATABASE,
            PidFile=directory / "slurmdbd.pid",
            LogFile=directory / "slurmdbd.log",
        )
    )
    for path in (directory, dbd):
        shutil.chown(path, "slurm", "slurm")
    dbd.chmod(0o600)
    shutil.copy2("/etc/slurm/slurm.key", directory)
    shutil.chown(directory / "slurm.key", "slurm", "slurm")
    sql = (
        f"drop database if exists {DATABASE}; create database {DATABASE};"
        f" grant all on {DATABASE}.* to slurm@localhost;"
    )
    lab.run(f'mariadb -e "{sql}"')
    process = subprocess.Popen(
        ["slurmdbd", "-D"],
        env={**os.environ, "SLURM_CONF": str(conf)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        lab.wait_for(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, (directory / "slurmdbd.log").read_text()[-2000:]
        yield conf
    finally:
        process.terminate()
        process.wait(30)
        lab.run(f'mariadb -e "drop database {DATABASE}"')

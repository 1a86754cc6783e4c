"""The packages that are installed, and the machines that they are installed on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine, boot

ROOT = Path(__file__).parents[2]

BUILDING = "gcc libc6-dev python3-dev '^python3.*-venv$' libslurm-dev"

PORT = int(os.environ.get("LAB_PORT_BASE", "0")) + 11
"""Where the service listens: its usual port may be taken by another lab's."""


@pytest.fixture(scope="session")
def packages() -> Iterator[Path]:
    """A directory with ``1.deb``, the package as built, and ``2.deb``, the same one version on."""
    built = list((ROOT / "dist").glob("pyslurmrestd_*.deb"))
    assert len(built) == 1, "the package is built by: make deb"
    # Not in /tmp, which each machine has for itself.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        directory = Path(name)
        shutil.copy(built[0], directory / "1.deb")
        _make_newer(directory)
        yield directory


def _make_newer(directory: Path) -> None:
    tree = directory / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", directory / "1.deb", tree], check=True)
    control = tree / "DEBIAN/control"
    text, count = re.subn(r"(?m)^(Version: .*)-1$", r"\1-2", control.read_text())
    assert count == 1
    control.write_text(text)
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, directory / "2.deb"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def machine(packages: Path) -> Iterator[Machine]:
    """A machine with Debian's Slurm and nothing that the package was built with."""
    with boot(str(packages)) as machine:
        machine.run(f"apt-get purge -y --auto-remove {BUILDING}")
        yield machine


@pytest.fixture
def listening(machine: Machine) -> Iterator[str]:
    """The service's address, as an administrator sets it."""
    directory = "/etc/systemd/system/pyslurmrestd.socket.d"
    address = f"127.0.0.1:{PORT}"
    machine.write(
        f"{directory}/port.conf",
        f"[Socket]\nListenStream=\nListenStream={address}\nListenStream=/run/slurmrestd.socket\n",
    )
    machine.run("systemctl daemon-reload")
    yield f"http://{address}"
    machine.run(f"rm -r {directory}; systemctl daemon-reload")

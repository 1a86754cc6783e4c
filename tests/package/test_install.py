"""``packaging/install``, for other systems than Debian, and what a build asks of a machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import BUILDING, PORT
from laboratory import Lab
from machine import Machine, boot

PREFIX = "/opt/rest"
CACHES = "PYSLURMRESTD_WHEELS=/var/cache/lab/wheels PIP_CACHE_DIR=/var/cache/lab/pip"
INSTALL = f"{CACHES} /src/packaging/install {PREFIX}"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine with all that a build takes."""
    with boot("/src", "/var/cache/lab") as machine:
        yield machine


def test_one_command_installs_a_service(machine: Machine, lab: Lab) -> None:
    told = machine.told(INSTALL)
    assert f"{PREFIX}/bin/pyslurmrestd is installed, for Slurm 26.05.5. Next:" in told
    assert machine.told(f"{PREFIX}/bin/pyslurmrestd -V") == "slurm-wlm 26.05.5"
    check = f"SLURM_JWT={lab.token('root')} {PREFIX}/bin/pyslurmrestd check"
    assert "mend" not in machine.told(check)
    # Without the socket unit, it makes its sockets itself.
    machine.write("/etc/default/pyslurmrestd", f"SLURMRESTD_LISTEN=127.0.0.1:{PORT}\n")
    machine.run("systemctl start pyslurmrestd")
    ping = "/slurm/v0.0.45/ping/"
    assert lab.get(ping, url=f"http://127.0.0.1:{PORT}").status == 200
    # The same once more is an update: the settings stay.
    machine.run(INSTALL)
    machine.run("systemctl restart pyslurmrestd")
    assert lab.get(ping, url=f"http://127.0.0.1:{PORT}").status == 200
    machine.run("systemctl stop pyslurmrestd")
    page = machine.told(f"cat {PREFIX}/share/man/man8/pyslurmrestd.8")
    assert ".SH OPTIONS" in page


def test_what_a_directory_has_already_is_left_alone(machine: Machine) -> None:
    machine.run("mkdir -p /opt/others && touch /opt/others/file")
    refused = machine.run("/src/packaging/install /opt/others", check=False)
    assert (refused.status, refused.text) == (
        1,
        "install: /opt/others has other things in it; name a directory of its own",
    )


def test_what_a_build_lacks_is_told_with_the_packages_that_have_it(machine: Machine) -> None:
    assert machine.run("/src/packaging/need").text == ""
    old = "/tmp/old/slurm"
    machine.run(f"mkdir /tmp/old; cp -r /usr/include/slurm {old}")
    number = "s/^#define SLURM_VERSION_NUMBER .*/#define SLURM_VERSION_NUMBER 0x190b02/"
    machine.run(f"sed -i '{number}' {old}/slurm_version.h")
    refused = machine.run("SLURM_INCLUDE_DIR=/tmp/old /src/packaging/install /opt/x", check=False)
    assert refused.status == 1
    assert "Slurm 26.05: the headers in /tmp/old are of Slurm 25.11.2" in refused.text
    machine.run(f"apt-get purge -y --auto-remove {BUILDING}")
    refused = machine.run("/src/packaging/deb /tmp/debs", check=False)
    assert refused.status == 1
    *_, last = refused.text.splitlines()
    assert last == (
        "Install it with: apt-get install gcc libc6-dev libslurm-dev python3-dev python3-venv"
    )

"""The installed service under a real systemd: its units, its watchdog, the real daemon's name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from laboratory import Lab
from machine import Machine

PING = "/slurm/v0.0.45/ping/"
SERVICE = "pyslurmrestd.service"


@pytest.fixture(scope="module")
def installed(machine: Machine, packages: Path) -> Machine:
    machine.run(f"dpkg -i {packages}/1.deb")
    return machine


@pytest.fixture
def service(installed: Machine, listening: str) -> Iterator[str]:
    """The address of the running service."""
    installed.run(f"systemctl start pyslurmrestd.socket {SERVICE}")
    yield listening
    installed.run(f"systemctl stop pyslurmrestd.socket {SERVICE}")


def test_the_units_are_sound(installed: Machine) -> None:
    verified = installed.run(f"systemd-analyze verify --man=no {SERVICE} pyslurmrestd.socket")
    assert verified.text == ""


def test_the_service_is_locked_in(installed: Machine) -> None:
    """systemd's own judgement: 3.0 of 10 at most."""
    judged = installed.run(f"systemd-analyze security --no-pager --threshold=30 {SERVICE}")
    assert "Overall exposure level" in judged.text


def test_it_tells_systemd_how_things_stand(installed: Machine, service: str, lab: Lab) -> None:
    assert installed.show(SERVICE, "NotifyAccess") == "main"
    lab.wait_for(lambda: "workers" in installed.show(SERVICE, "StatusText"))
    assert lab.get(PING, url=service).status == 200
    # As a user that has no home, no tokens, no rights.
    curl = "curl -s -o /dev/null -w '%{http_code}' --unix-socket /run/slurmrestd.socket"
    assert installed.told(f"runuser -u nobody -- {curl} http://x{PING}") == "401"


def test_it_reads_its_configuration_again(installed: Machine, service: str, lab: Lab) -> None:
    assert lab.get(PING, url=service).status == 200
    pid = installed.show(SERVICE, "MainPID")
    installed.run(f"systemctl reload {SERVICE}")
    assert lab.get(PING, url=service).status == 200
    assert installed.show(SERVICE, "MainPID") == pid


def test_workers_that_stand_still_bring_it_down_and_up_again(
    installed: Machine, service: str, lab: Lab
) -> None:
    directory = f"/run/systemd/system/{SERVICE}.d"
    installed.write(f"{directory}/watchdog.conf", "[Service]\nWatchdogSec=3\n")
    installed.run(f"systemctl daemon-reload; systemctl restart {SERVICE}")
    try:
        assert lab.get(PING, url=service).status == 200
        pid = installed.show(SERVICE, "MainPID")
        installed.run(f"pkill -STOP -P {pid}")
        lab.wait_for(lambda: installed.show(SERVICE, "NRestarts") != "0")
        lab.wait_for(lambda: installed.show(SERVICE, "ActiveState") == "active")
        assert installed.show(SERVICE, "MainPID") != pid
        assert lab.get(PING, url=service).status == 200
        assert "Watchdog timeout" in installed.told(f"journalctl -u {SERVICE} --no-pager")
    finally:
        installed.run(
            f"rm -r {directory}; systemctl daemon-reload; systemctl reset-failed {SERVICE}"
        )


def test_tokens_are_judged_behind_the_lock(installed: Machine, service: str, lab: Lab) -> None:
    """What judges tokens is not written in Python; nothing that it does is denied."""
    installed.write("/etc/default/pyslurmrestd", "PYSLURMRESTD_JWKS=/etc/slurm/jwks.json\n")
    installed.run(f"systemctl restart {SERVICE}")
    try:
        claims = {"exp": int(time.time()) + 600, "sun": "alice"}
        key = Path(os.environ["LAB_JWKS_KEY"]).read_bytes()
        good = jwt.encode(claims, key, "RS256", {"kid": "lab"})
        bad = jwt.encode(claims, b"k" * 32, "HS256")
        asked = [
            lab.get(PING, url=service, headers={"X-SLURM-USER-TOKEN": token}).status
            for token in (good, bad)
        ]
        assert asked == [200, 401]
    finally:
        installed.run("rm /etc/default/pyslurmrestd")


def test_under_the_real_daemons_name_it_takes_what_scripts_pass(installed: Machine) -> None:
    real = installed.told("/usr/sbin/slurmrestd.slurm -V; /usr/sbin/slurmrestd.slurm -d list 2>&1")
    installed.run("update-alternatives --set slurmrestd /usr/sbin/pyslurmrestd")
    try:
        assert installed.told("readlink -f /usr/sbin/slurmrestd") == (
            "/usr/lib/pyslurmrestd/bin/pyslurmrestd"
        )
        ours = installed.told("slurmrestd -V; slurmrestd -d list 2>&1").splitlines()
        assert ours[:2] == real.splitlines()[:2]
        assert set(real.splitlines()) <= set(ours)
        line = "slurmrestd --generate-openapi-spec -f /dev/null -s openapi/slurmctld -d v0.0.42"
        assert installed.told(f"{line} | head -c 1") == "{"
        refused = installed.run("slurmrestd --bogus", check=False)
        assert (refused.status, refused.text) == (
            1,
            "slurmrestd: option --bogus not recognized; slurmrestd --help tells more",
        )
    finally:
        installed.run("update-alternatives --auto slurmrestd")
    assert installed.told("readlink -f /usr/sbin/slurmrestd") == "/usr/sbin/slurmrestd.slurm"


def test_the_name_is_ours_while_the_real_daemon_is_away(installed: Machine) -> None:
    control = "Package: slurmrestd\nVersion: 26.05.5-1\nArchitecture: all\nMaintainer: a <a@b>\n"
    installed.write("/root/real/DEBIAN/control", f"{control}Description: the real one again\n")
    installed.run("install -D /usr/sbin/slurmrestd.slurm /root/real/usr/sbin/slurmrestd")
    installed.run("dpkg -r slurm-wlm slurmrestd")
    assert installed.told("update-alternatives --list slurmrestd") == "/usr/sbin/pyslurmrestd"
    assert installed.told("readlink -f /usr/sbin/slurmrestd").endswith("/bin/pyslurmrestd")
    installed.run("dpkg-deb --build /root/real /root/real.deb && dpkg -i /root/real.deb")
    assert installed.told("readlink -f /usr/sbin/slurmrestd") == "/usr/sbin/slurmrestd.slurm"

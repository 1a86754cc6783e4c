"""The Debian package from its installation to its purge, beside Debian's own slurmrestd."""

from __future__ import annotations

from pathlib import Path

from laboratory import Lab
from machine import Machine

PING = "/slurm/v0.0.45/ping/"
UNITS = "pyslurmrestd.socket pyslurmrestd.service"


def test_it_is_installed_upgraded_and_gone_without_a_trace(
    machine: Machine, packages: Path, lab: Lab, listening: str
) -> None:
    before = machine.files()
    real = machine.told("slurmrestd -V")

    machine.run(f"dpkg -i {packages}/1.deb")
    # Nothing runs that nobody has asked for, and the real daemon is still the one of its name.
    assert (
        machine.run(f"systemctl is-enabled {UNITS}", check=False).text.split() == ["disabled"] * 2
    )
    assert machine.show("pyslurmrestd.service", "ActiveState") == "inactive"
    assert machine.told("readlink -f /usr/sbin/slurmrestd") == "/usr/sbin/slurmrestd.slurm"
    assert machine.told("slurmrestd -V; pyslurmrestd -V").splitlines() == [real, real]

    told = machine.told(f"SLURM_JWT={lab.token('root')} pyslurmrestd check")
    assert "mend" not in told
    assert "ok    runs as slurmrestd\n" in told

    machine.run(f"systemctl enable --now {UNITS}")
    answer = lab.get(PING, url=listening)
    assert (answer.status, answer.json()["pings"][0]["responding"]) == (200, True)
    pid = machine.show("pyslurmrestd.service", "MainPID")
    assert machine.told(f"stat -c %U /proc/{pid}") == "slurmrestd"

    machine.write("/etc/default/pyslurmrestd", "SLURMRESTD_DEBUG=verbose\n")
    machine.run(f"dpkg -i --force-confold {packages}/2.deb")
    assert machine.told("dpkg-query -W -f '${Version}' pyslurmrestd").endswith("-2")
    assert machine.show("pyslurmrestd.service", "ActiveState") == "active"
    assert machine.show("pyslurmrestd.service", "MainPID") != pid
    assert lab.get(PING, url=listening).status == 200
    assert machine.told("cat /etc/default/pyslurmrestd") == "SLURMRESTD_DEBUG=verbose"

    machine.run("dpkg -r pyslurmrestd")
    assert machine.run("pgrep -u slurmrestd", check=False).text == ""
    assert machine.told("stat -c %F /usr/sbin/slurmrestd") == "regular file"
    assert machine.told("slurmrestd -V") == real
    assert machine.told("ls /etc/default/pyslurmrestd") == "/etc/default/pyslurmrestd"
    machine.run("dpkg -P pyslurmrestd")
    after = machine.files()
    assert sorted(set(after) - set(before)) == []
    assert sorted(set(before) - set(after)) == []


def test_what_it_cannot_work_with_is_not_installed(machine: Machine, packages: Path) -> None:
    """A package is for one release of Python and of Slurm: dpkg knows."""
    depends = machine.told(f"dpkg-deb -f {packages}/1.deb Depends").split(", ")
    python = machine.told("python3 -c 'import sys; print(sys.version_info[1])'")
    assert f"python3 (>= 3.{python}~)" in depends
    assert f"python3 (<< 3.{int(python) + 1}~)" in depends
    (above,) = (entry for entry in depends if entry.endswith("(<< 26.06~)"))
    assert above.split()[0] in machine.told("dpkg-query -W -f '${Package}\\n'").splitlines()

"""A machine to install packages on: the lab's root filesystem under a systemd of its own.

All that is written in it is gone with it. It shares the lab's network, so that Slurm answers it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Machine", "Result", "boot"]

_HERE = Path(__file__).parent

_NAMESPACES = ("--mount", "--pid", "--cgroup", "--ipc", "--uts", "--root", "--wd")
_UNSHARE_MOUNTS = ("unshare", "--mount", "--propagation=unchanged")
"""The lab's root is no mount that could be made private; ``/run`` is."""

_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
_PASSED = re.compile("PIP_|https?_proxy|no_proxy", re.IGNORECASE)

_SEEN = "/boot /etc /home /opt /root /run/systemd/system /srv /usr /var"
_UNSEEN = (
    "/var/cache",
    "/var/lib/apt",
    "/var/lib/dpkg",
    "/var/lib/systemd",
    "/var/log",
    "/var/tmp",
)


@dataclass(frozen=True)
class Result:
    """What a command printed, on both its outputs, and its exit status."""

    status: int
    text: str


class Machine:
    """A booted machine; ``pid`` is its systemd's."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def run(self, command: str, *, check: bool = True) -> Result:
        """A shell command in it, as root. Raises AssertionError where it fails."""
        ran = subprocess.run(
            ["nsenter", f"--target={self.pid}", *_NAMESPACES, "sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_ENVIRONMENT
            | {name: os.environ[name] for name in os.environ if _PASSED.match(name)},
            timeout=300,
            check=False,
        )
        if check and ran.returncode:
            raise AssertionError(f"{command}: status {ran.returncode}\n{ran.stdout}")
        return Result(ran.returncode, ran.stdout.strip())

    def told(self, command: str) -> str:
        """What a command prints."""
        return self.run(command).text

    def write(self, path: str, text: str) -> None:
        where = shlex.quote(path)
        self.run(f"mkdir -p $(dirname {where}) && printf %s {shlex.quote(text)} >{where}")

    def show(self, unit: str, prop: str) -> str:
        """A property of a unit."""
        return self.told(f"systemctl show --value -p {prop} {unit}")

    def files(self) -> list[str]:
        """Every file, with its kind, mode, owner and contents, but for logs and what systemd, dpkg
        and apt note for themselves. (Backups of the list of users differ in what they preserve.)"""
        pruned = " -o ".join(f"-path {path}" for path in _UNSEEN)
        found = self.told(
            f"find {_SEEN} -xdev \\( {pruned} -o -name __pycache__ \\) -prune -o "
            "-not -path '/etc/*-' -printf '%y %m %U:%G %p %l\\n' | sort; "
            "find /etc /var/lib/dpkg/alternatives -xdev -type f -not -name '*-' "
            "-exec sha256sum {} + | sort; "
            "dpkg-divert --list | sort; find /var/lib/dpkg/info -name 'pyslurm*'"
        )
        return found.splitlines()


@contextmanager
def boot(*shared: str) -> Iterator[Machine]:
    """Boot a machine that sees these directories of the lab; it is switched off afterwards."""
    cgroup = f"pyslurmrestd-machine-{os.getpid()}-{time.monotonic_ns()}"
    with tempfile.TemporaryDirectory(dir="/run") as directory:
        process = subprocess.Popen(
            [
                *_UNSHARE_MOUNTS,
                *("--pid", "--ipc", "--uts", "--fork", "--kill-child"),
                *(sys.executable, str(_HERE / "start_machine.py")),
                *(directory, cgroup, *shared),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield _booted(process)
        finally:
            process.kill()
            process.communicate()
            _remove_cgroup(directory, cgroup)


def _booted(process: subprocess.Popen[str]) -> Machine:
    def init() -> int:
        """The pid of what runs as pid 1 in there, once it is systemd."""
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(f"the machine did not boot: {process.stderr.read()}")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            return int(children[0])
        return 0

    machine = Machine(_wait(init))
    _wait(
        lambda: (
            machine.run("systemctl is-system-running", check=False).text in ("running", "degraded")
        )
    )
    return machine


def _wait(what: Callable[[], int]) -> int:
    end = time.monotonic() + 60
    while not (value := what()):
        if time.monotonic() > end:
            raise AssertionError("the machine did not boot in a minute")
        time.sleep(0.1)
    return value


def _remove_cgroup(directory: str, cgroup: str) -> None:
    """What systemd made of its cgroup; it is empty once its processes are gone."""
    program = (sys.executable, str(_HERE / "remove_cgroup.py"))
    subprocess.run([*_UNSHARE_MOUNTS, *program, directory, cgroup], check=True)

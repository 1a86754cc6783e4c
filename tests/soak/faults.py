"""Faults made for real, one after the other, and what has to be there again after each."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from laboratory import Lab
from rest_daemon import Daemon

__all__ = ["Faults"]


class Faults:
    """All kinds of them.

    :param conf: the daemon's own slurm.conf.
    :param killed: told when slurmctld has been killed.
    """

    def __init__(self, lab: Lab, daemon: Daemon, conf: Path, killed: Callable[[], None]) -> None:
        self._lab, self._daemon, self._conf = lab, daemon, conf
        self._killed = killed
        self._dice = random.Random(14)

    def all(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "a worker killed", self._kill_workers
        yield "slurmctld restarted", lambda: self._restart("slurmctld")
        yield "slurmdbd restarted", lambda: self._restart("slurmdbd")
        yield "slurmctld stopped (SIGSTOP) for 4 s", lambda: self._freeze("slurmctld", 4)
        yield "configuration broken and mended", self._break_configuration
        yield "slurmdbd killed", lambda: self._restart("slurmdbd", kill=True)
        yield "a worker stopped (SIGSTOP)", self._stop_worker
        yield "slurmctld killed", lambda: self._restart("slurmctld", kill=True)
        yield "MariaDB restarted", lambda: self._restart("mariadb")
        yield "slurmdbd stopped (SIGSTOP) for 15 s", lambda: self._freeze("slurmdbd", 15)
        yield "workers replaced (SIGHUP)", self._reload
        yield "slurmctld stopped (SIGSTOP) for 12 s", lambda: self._freeze("slurmctld", 12)
        yield "MariaDB killed", lambda: self._restart("mariadb", kill=True)

    def _pid(self, service: str) -> int:
        path = (
            "/run/mysqld/mariadbd.pid" if service == "mariadb" else f"/var/lib/slurm/{service}.pid"
        )
        return int(Path(path).read_text())

    def _restart(self, service: str, *, kill: bool = False) -> None:
        if kill:
            pid = self._pid(service)
            os.kill(pid, signal.SIGKILL)
            self._lab.wait_for(lambda: not Path(f"/proc/{pid}").exists())
            if service == "slurmctld":
                self._killed()
        else:
            self._lab.run(f"/src/lab/inside/cluster stop {service}")
        time.sleep(1)
        self._lab.run(f"/src/lab/inside/cluster start {service}")
        if service == "mariadb":
            # slurmdbd ends where a query of its own loses the database.
            self._lab.run("/src/lab/inside/cluster start slurmdbd")

    def _freeze(self, service: str, seconds: float) -> None:
        pid = self._pid(service)
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    def _kill_workers(self) -> None:
        for _ in range(5):
            serving = self._lab.wait_for(self._daemon.serving)
            os.kill(self._dice.choice(serving), signal.SIGKILL)
            time.sleep(self._dice.random() * 0.8)

    def _stop_worker(self) -> None:
        """It is given up at its deadline, and replaced."""
        pid = self._dice.choice(self._lab.wait_for(self._daemon.serving))
        os.kill(pid, signal.SIGSTOP)
        # What slow clients have yet to take of its answers is waited for first, a minute each time.
        self._lab.wait_for(lambda: not Path(f"/proc/{pid}").exists(), 240)

    def _reload(self) -> None:
        before = self._daemon.serving()
        self._daemon.process.send_signal(signal.SIGHUP)
        self._lab.wait_for(lambda: not set(before) & set(self._daemon.workers()))

    def _break_configuration(self) -> None:
        good, mark = self._conf.read_text(), len(self._daemon.lines)
        self._conf.write_text(good + "NoSuchOption=1\n")
        self._daemon.process.send_signal(signal.SIGHUP)
        self._lab.wait_for(
            lambda: any("the workers stay" in line for line in self._daemon.lines[mark:])
        )
        self._conf.write_text(good)
        self._reload()

"""The daemon under mixed load while Slurm, its database and the workers fail in turn.

    make soak                     # ten minutes; SOAK_MINUTES sets it

At the end nothing may be lost or left: every write that was answered 200 is done and every one that
was refused is not (where an error says that nobody knows, either may be), no answer went to
somebody else, the daemon has no more files, threads, processes or busy lanes than before, its
memory is what it was after the first fifth of the time, and no token stands in the log. Prints the
figures, and ends with 1 if something of that does not hold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

from callers import in_log
from clients import Clients
from faults import Faults
from laboratory import Lab
from ledger import Accounts, Jobs
from processes import MOST_MEMORY, Samples, held
from rest_daemon import daemons, own_conf

KEPT = 16 << 20
"""Bytes of answers that the daemon keeps (PYSLURMRESTD_CACHE): so few that it soon has them."""

GROWTH = {"front end": 32.0, "largest worker": 32.0}
"""MiB that the last fifth of the time may be above the second one: twice what is kept."""

IDLE_SECONDS = 26.0
"""After which all that is kept for further requests is given back (slurmdbd: 20 s and 5)."""

THREADS_KEPT = 6
"""Of the front end, which make documents beside its loop, once there was one to make."""

MIN_JOB_AGE = "MinJobAge=5"
"""So that the lists do not grow with the time: cancelled jobs are forgotten soon."""


def metrics(port: int) -> dict[str, float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[0] != "#"
    }


class Soak:
    """One run.

    :ivar broken: what did not hold.
    """

    def __init__(self, lab: Lab, minutes: float, stack: ExitStack) -> None:
        self.broken: list[str] = []
        self._lab, self._seconds = lab, minutes * 60
        stack.enter_context(lab.configured(MIN_JOB_AGE))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp")))
        conf = own_conf(directory)
        self._management = Lab.free_port()
        unix = str(directory / "rest.sock")
        self._daemon = stack.enter_context(daemons())(
            *("-f", str(conf), "127.0.0.1:0", f"unix:{unix}", "-vvv", "--observe", "id"),
            *("--metrics", f"127.0.0.1:{self._management}"),
            count=2,
            PYSLURMRESTD_TIMEOUT="20",
            PYSLURMRESTD_CACHE=str(KEPT),
        )
        self._jobs, self._accounts = Jobs(lab), Accounts(lab)
        stack.callback(self._accounts.remove)
        stack.callback(self._jobs.remove)
        self._tokens = {user: lab.token(user) for user in ("alice", "bob", "root")}
        self._clients = Clients(self._daemon.port, unix, self._tokens, self._jobs, self._accounts)
        self._faults = Faults(
            lab, self._daemon, conf, lambda: self._jobs.kills.append(time.monotonic())
        )
        self._made: Counter[str] = Counter()
        self._samples = Samples(self._daemon)

    def run(self) -> None:
        before = self._resting()
        begun = time.monotonic()
        over = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(over,))
        sampler.start()
        self._clients.start()
        try:
            self._fail_in_turn(begun + self._seconds)
        finally:
            self._clients.stop()
            over.set()
            sampler.join()
        self._check_writes()
        end = time.monotonic()
        time.sleep(IDLE_SECONDS)
        self._tell_memory(begun, end)
        self._check_left(before)
        self._check_log()
        self._tell()

    def _resting(self) -> tuple[int, int, int]:
        """Open files and threads of the front end, and its processes, once all have started."""
        for user in ("alice", "restd"):
            self._clients.ask("GET", "/slurm/v0.0.45/ping/", user)
        Lab.wait_for(lambda: len(self._daemon.serving()) == 4)
        time.sleep(1)
        found = held(self._daemon.process.pid)
        assert found is not None
        return found.files, found.threads, len(self._daemon.workers())

    def _sample(self, over: threading.Event) -> None:
        while not over.wait(1):
            self._samples.take()

    def _fail_in_turn(self, end: float) -> None:
        while True:
            for name, fail in self._faults.all():
                time.sleep(min(3.0, max(end - time.monotonic(), 0)))
                if time.monotonic() >= end:
                    return
                fail()
                self._made[name] += 1
                self._recover(name)
                self._check_writes()

    def _recover(self, name: str) -> None:
        """All is served again, by itself."""
        paths = ("/slurm/v0.0.45/jobs/", "/slurmdb/v0.0.45/users/")
        begun = time.monotonic()
        for path in paths:
            while self._clients.ask("GET", path, "alice")[0] != 200:
                if time.monotonic() > begun + 60:
                    self.broken.append(f"{path} is not served a minute after: {name}")
                    return
                time.sleep(0.2)

    def _check_writes(self) -> None:
        with self._clients.gate.closed():
            self._jobs.check()
            self._accounts.check()

    def _tell_memory(self, begun: float, end: float) -> None:
        fifth = (end - begun) / 5
        *early, _ = self._samples.between(begun + fifth, begun + 2 * fifth)
        *late, _ = self._samples.between(end - fifth, end)
        most = self._samples.between(begun, end)[2]
        for (name, bound), first, last in zip(GROWTH.items(), early, late, strict=True):
            print(f"memory of the {name}: {first:.1f} MiB, at the end {last:.1f} MiB")
            if last - first > bound:
                self.broken.append(f"the {name} has grown by {last - first:.1f} MiB")
        print(f"memory of all together: {most:.0f} MiB at the most")
        if most > MOST_MEMORY:
            self.broken.append(f"all together had {most:.0f} MiB")

    def _check_left(self, before: tuple[int, int, int]) -> None:
        found = held(self._daemon.process.pid)
        assert found is not None
        now = found.files, found.threads, len(self._daemon.workers())
        print("open files, threads of the front end, processes:", before, "->", now)
        if now[0] > before[0] + 2 or now[1] > before[1] + THREADS_KEPT or now[2] > before[2]:
            self.broken.append(f"left over: {before} -> {now}")
        workers = [found for pid in self._daemon.serving() if (found := held(pid))]
        print("open files and threads of workers:", [(one.files, one.threads) for one in workers])
        if len({(one.files, one.threads) for one in workers}) != 1:
            self.broken.append("workers at rest differ in what they hold")
        told = metrics(self._management)
        for name in ("lanes_busy", "requests_waiting", "waiting_bytes", "connections"):
            values = {
                key: value for key, value in told.items() if key.startswith(f"pyslurmrestd_{name}")
            }
            print(f"{name} at rest:", sum(values.values()))
            if any(values.values()) or not values:
                self.broken.append(f"at rest: {values or name}")
        for name in ("starts", "deaths"):
            values = {key: value for key, value in told.items() if f"worker_{name}_total" in key}
            print(f"workers, {name}:", sum(values.values()))

    def _check_log(self) -> None:
        lines = self._daemon.lines
        for word in ("Traceback", "Error in"):
            found = [line for line in lines if word in line]
            if found:
                self.broken.append(f"{len(found)} lines of the log: {found[0]}")
        leaked = in_log(self._daemon, [*self._tokens.values()])
        print(f"lines of the log: {len(lines)}, with a token: {len(leaked)}")
        self.broken += leaked[:3]

    def _tell(self) -> None:
        for name, count in self._made.items():
            print(f"fault, {count} times: {name}")
        for counter in (self._clients.did, self._jobs.told, self._accounts.told):
            for name, count in sorted(counter.items()):
                print(f"{name}: {count}")
        for status, count in sorted(self._clients.counts.items()):
            print(f"answers {status or 'cut'}: {count}")
        if not self._made:
            self.broken.append("there was no fault")
        print(f"taken and lost by slurmctld itself when killed: {len(self._jobs.lost_by_slurm)}")
        self.broken += [*self._clients.wrong, *self._jobs.wrong, *self._accounts.wrong]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("minutes", type=float, nargs="?", default=10.0)
    settings = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with ExitStack() as stack:
        soak = Soak(Lab(), settings.minutes, stack)
        soak.run()
    for line in soak.broken[:20]:
        print("BROKEN:", line[:600])
    print("all holds" if not soak.broken else f"{len(soak.broken)} things do not hold")
    return 1 if soak.broken else 0


if __name__ == "__main__":
    sys.exit(main())

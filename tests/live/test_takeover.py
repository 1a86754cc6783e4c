"""A backup controller takes over while requests run."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from job_bodies import SCRIPT, description
from laboratory import Lab
from rest_daemon import StartDaemon

PREFIX = f"takeover-{time.time_ns()}"
BACKUP = "backup"
ADDRESS = "127.0.0.2"
HOSTS = Path("/etc/hosts")
LOG = Path("/var/log/slurm/backup.log")


@pytest.fixture
def backup(lab: Lab, run_dir: Path) -> Iterator[None]:
    """The lab with a second controller, on an address of its own, that is ready to take over."""
    hosts = HOSTS.read_text()
    conf = run_dir / "slurm.conf"
    # A controller knows by its host's name which of them it is.
    command = f"hostname {BACKUP} && exec slurmctld -D -f {conf}"
    LOG.unlink(missing_ok=True)
    HOSTS.write_text(f"{hosts.rstrip()}\n{ADDRESS} {BACKUP}\n")
    try:
        with lab.configured(f"SlurmctldHost={BACKUP}({ADDRESS})\nSlurmctldTimeout=6"):
            for entry in Path("/etc/slurm").iterdir():
                if entry.name != conf.name:
                    (run_dir / entry.name).symlink_to(entry)
            own = Path("/etc/slurm/slurm.conf").read_text()
            own = own.replace("/slurmctld.pid", "/backup.pid").replace("slurmctld.log", LOG.name)
            conf.write_text(own)
            process = subprocess.Popen(
                ["unshare", "--uts", "--", "sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                lab.wait_for(lambda: f"{BACKUP} is UP" in lab.run("scontrol ping", check=False))
                yield
            finally:
                lab.run(f"squeue -h -o '%i %j' | awk '/{PREFIX}/ {{print $1}}' | xargs -r scancel")
                process.terminate()
                process.wait(30)
    finally:
        HOSTS.write_text(hosts)


def test_reads_go_on_and_no_write_is_sent_twice(
    lab: Lab, backup: None, start_daemon: StartDaemon
) -> None:
    lab.token("alice")
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_TIMEOUT="40")
    over = threading.Event()
    read: list[tuple[float, int]] = []
    written: dict[str, int] = {}

    def reads() -> None:
        while not over.is_set():
            begun = time.monotonic()
            read.append((begun, lab.get("/slurm/v0.0.45/nodes/", url=daemon.url).status))

    def writes(writer: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            name = f"{PREFIX}-{writer}-{count}"
            body = {"script": SCRIPT, "job": description(name=name)}
            answer = lab.ask("POST", "/slurm/v0.0.45/job/submit", url=daemon.url, body=body)
            written[name] = answer.status
            time.sleep(0.05)

    def controllers() -> dict[str, bool]:
        pings = lab.get("/slurm/v0.0.45/ping/", url=daemon.url).json()["pings"]
        return {ping["hostname"]: ping["responding"] for ping in pings}

    before = controllers()
    (primary,) = before.keys() - {BACKUP}
    threads = [threading.Thread(target=reads) for _ in range(2)]
    threads += [threading.Thread(target=writes, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(2)
        lab.run("/src/lab/inside/cluster stop slurmctld")
        lab.wait_for(lambda: "taking over" in LOG.read_text(), 60)
        lab.wait_for(lambda: "Running as primary controller" in LOG.read_text(), 60)
        taken = time.monotonic()
        lab.wait_for(lambda: sum(begun > taken for begun, _ in read) > 3, 60)
        time.sleep(2)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert before == {primary: True, BACKUP: True}
    assert controllers() == {primary: False, BACKUP: True}
    assert {status for _, status in read} == {200}
    made = Counter(name for name in lab.run("squeue -h -o %j").split() if name.startswith(PREFIX))
    accepted = {name for name, status in written.items() if status == 200}
    assert set(made.values()) == {1}
    assert accepted <= made.keys() <= written.keys()

"""Points of the curves: so many records made, all of them asked for, time and memory taken down.

In the lab, as root. Each daemon is started afresh for each point; ours keeps no answers, so that
each is made anew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from client import Client
from memory import peak

VERSION: Final = "v0.0.45"
CONF: Final = Path("/etc/slurm/slurm.conf")
CLUSTER: Final = "/src/lab/inside/cluster"
REAL_UP_TO: Final = 10_000
"""The real daemon takes half a megabyte for each job."""

TIMES: Final = 3
"""Requests for a point, of which the fastest counts: what else the machine does only adds."""

HISTORY: Final = "start_time=2025-01-01&end_time=2025-07-01"


def run(*command: str, user: str = "root") -> str:
    words = command if user == "root" else ("runuser", "-u", user, "--", *command)
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, cwd="/tmp")
    return done.stdout


def say(text: str) -> None:
    print(f"curves: {text}", file=sys.stderr, flush=True)


def restart_controller(text: str) -> None:
    run(CLUSTER, "stop", "slurmctld")
    CONF.write_text(text)
    run(CLUSTER, "start", "slurmctld")


@contextmanager
def own_configuration() -> Iterator[str]:
    """With jobs that are forgotten once they are cancelled; slurm.conf is put back in the end."""
    before = CONF.read_text()
    try:
        text = re.sub(r"MinJobAge=\d+", "MinJobAge=2", before)
        restart_controller(text)
        yield text
    finally:
        restart_controller(before)


def with_nodes(text: str, count: int) -> str:
    """The configuration with so many simulated nodes, up to 10,000."""
    names = f"sim[00001-{count:05}]"
    text = re.sub(r"sim\[0001-1000\]", names, text)
    text = re.sub(r"NodeAddr=127\.1\.\S+", f"NodeAddr=127.1.[0-{count // 250 - 1}].[1-250]", text)
    return re.sub(r"MaxNodeCount=\d+", f"MaxNodeCount={count + 100}", text)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(pid: int, port: int) -> bool:
    """Whether this very process listens on a port."""
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    }
    try:
        files = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any(f"socket:[{inode}]" in files for inode in inodes)


@contextmanager
def daemon(name: str, port: int = 0, keep: bool = False) -> Iterator[tuple[int, int]]:
    """One that has just been started; its pid and port.

    :param port: what it listens on, of ours beside others perhaps; 0 is a free one.
    :param keep: whether ours keeps answers.
    """
    port = port or free_port()
    command = {
        "ours": ["pyslurmrestd", "--share-port", f"127.0.0.1:{port}"],
        "slurmrestd": ["slurmrestd", "-a", "rest_auth/jwt", f"127.0.0.1:{port}"],
    }[name]
    environment = {
        "ours": {"PYSLURMRESTD_TIMEOUT": "600", **({} if keep else {"PYSLURMRESTD_CACHE": "0"})},
        "slurmrestd": {"SLURM_JWT": "daemon"},
    }[name]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
        user="restd",
        group="restd",
        extra_groups=(),
        cwd="/tmp",
    ) as process:
        try:
            while not listens(process.pid, port):
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended at its start")
                time.sleep(0.1)
            yield process.pid, port
        finally:
            process.terminate()


def through(name: str, path: str, query: str, token: str) -> dict[str, float]:
    """Whole answers over TCP."""
    with daemon(name) as (pid, port):
        client = Client(("127.0.0.1", port), token)
        client.fetch(f"/slurm/{VERSION}/ping/")
        target = f"{path}?{query}" if query else path
        times = 1 if name == "slurmrestd" else TIMES
        taken = [client.load([target], requests=1).each for _ in range(times)]
        return {"seconds": min(taken), "memory": peak(pid)}


def in_process(path: str, query: str, token: str) -> dict[str, float]:
    """Calls and dump alone."""
    script = Path(__file__).with_name("alone_in_process.py")
    told = subprocess.run(
        [sys.executable, str(script), f"get {path}", query, str(TIMES)],
        input=token + "\n",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        user="restd",
        group="restd",
        extra_groups=(),
    ).stdout
    return dict(json.loads(told))


def measured(what: str, count: int, path: str, query: str = "") -> Iterator[dict[str, Any]]:
    """The points of one number of records."""
    token = run("scontrol", "token", "username=alice", "lifespan=7200").strip()
    token = token.removeprefix("SLURM_JWT=")
    for who in ("alone", "ours", "slurmrestd"):
        if who == "slurmrestd" and count > REAL_UP_TO:
            continue
        load = os.getloadavg()[0]
        if who == "alone":
            told = in_process(path, query, token)
        else:
            told = through(who, path, query, token)
        say(f"{what} {count} {who}: {told['seconds']:.3f} s, {told['memory'] / 1e6:.0f} MB")
        told["seconds"] = round(told["seconds"], 4)
        yield {"what": what, "records": count, "of": who, "load": round(load, 1), **told}


def jobs(counts: list[int]) -> Iterator[dict[str, Any]]:
    there = 0
    try:
        for count in counts:
            run("/src/lab/inside/load", str(count - there), user="alice")
            there = count
            yield from measured("jobs", count, f"/slurm/{VERSION}/jobs/")
            found = len(run("squeue", "--noheader", "--name=load", "--format=%i").split())
            if found != count:
                raise RuntimeError(f"{found} jobs are left of {count}: somebody cancels them")
    finally:
        run("scancel", "--user=alice", "--name=load", "--state=PENDING", user="alice")


def nodes(counts: list[int], text: str) -> Iterator[dict[str, Any]]:
    for count in counts:
        restart_controller(with_nodes(text, count))
        yield from measured("nodes", count, f"/slurm/{VERSION}/nodes/")


def finished(counts: list[int]) -> Iterator[dict[str, Any]]:
    try:
        for count in counts:
            run("/src/lab/inside/history", str(count))
            yield from measured("finished jobs", count, f"/slurmdb/{VERSION}/jobs/", HISTORY)
    finally:
        run("/src/lab/inside/history", "0")


def keep(results: Path, points: list[dict[str, Any]]) -> None:
    """What has been measured so far, a point a line."""
    told = {"when": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "version": VERSION}
    lines = ",\n  ".join(map(json.dumps, points))
    results.write_text(f'{json.dumps(told)[:-1]}, "points": [\n  {lines}\n]}}\n')


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=numbers, default=[1000, 10_000, 50_000, 100_000])
    parser.add_argument("--nodes", type=numbers, default=[1000, 5000, 10_000])
    parser.add_argument("--finished", type=numbers, default=[10_000, 100_000])
    parser.add_argument("--results", type=Path, required=True)
    settings = parser.parse_args()
    points: list[dict[str, Any]] = []
    with own_configuration() as text:
        parts: list[Callable[[], Iterator[dict[str, Any]]]] = [
            lambda: nodes(settings.nodes, text),
            lambda: jobs(settings.jobs),
            lambda: finished(settings.finished),
        ]
        for part in parts:
            for point in part():
                points.append(point)
                keep(settings.results, points)


if __name__ == "__main__":
    main()

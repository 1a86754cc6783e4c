"""Clients that ask for nodes and jobs once every few seconds: what they cost the controller.

Run in the lab by ``bench/pollers``. Tokens come on standard input, one a line; the clients share
them. A daemon that keeps no answers and one that does are asked in turn, on a quiet cluster and on
one where a job is changed twice a second. The controller's figures are its own (``sdiag``), its
processor time the kernel's.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_RPCS = ("REQUEST_JOB_INFO", "REQUEST_NODE_INFO", "REQUEST_PARTITION_INFO", "REQUEST_STATS_INFO")
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    settings = _arguments()
    tokens = sys.stdin.read().split()
    print(
        f"{settings.clients} clients of {len(tokens)} users, a request every {settings.pause:g} s"
        f" of each, {settings.seconds:g} s at a time, {settings.rounds} rounds"
    )
    print(
        "| cluster | daemon | answers | 503 | ms | answers' MB | RPCs | RPC s"
        " | slurmctld CPU s | ours |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for busy in (False, True):
        rows: dict[str, list[tuple[float, ...]]] = {"keeps none": [], "keeps": []}
        for _ in range(settings.rounds):
            for name, cache in (("keeps none", 0), ("keeps", 256 << 20)):
                with _daemon(cache) as (pid, port), _changes(busy):
                    rows[name].append(asyncio.run(_round(settings, tokens, pid, port)))
        for name, figures in rows.items():
            told = " | ".join(
                f"{statistics.median(each):.3g}" for each in zip(*figures, strict=True)
            )
            print(f"| {'busy' if busy else 'quiet'} | {name} | {told} |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", default="v0.0.45")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--pause", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args()


@contextmanager
def _daemon(cache: int) -> Iterator[tuple[int, int]]:
    """A daemon of our own: its pid and port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pyslurmrestd", "--access-log", "off", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYSLURMRESTD_CACHE": str(cache)},
        user="restd",
        group="restd",
        extra_groups=(),
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            found = re.search(r"listening on .*:(\d+)$", line)
            if found:
                break
        else:
            raise SystemExit("the daemon does not start")
        yield process.pid, int(found[1])
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def _changes(busy: bool) -> Iterator[None]:
    """While a job changes twice a second, on a busy cluster."""
    if not busy:
        yield
        return
    job = subprocess.run(
        ["runuser", "-u", "alice", "--", "sbatch", "--parsable", "--hold", "--wrap", "true"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/tmp",
    ).stdout.strip()
    change = f"while sleep 0.5; do scontrol update jobid={job} comment=$(date +%N); done"
    changing = subprocess.Popen(["sh", "-c", change], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        changing.terminate()
        changing.wait()
        subprocess.run(["scancel", job], check=False)


async def _round(
    settings: argparse.Namespace, tokens: list[str], pid: int, port: int
) -> tuple[float, ...]:
    """Answers, refusals, milliseconds of an answer, megabytes of all; RPCs, their seconds; seconds
    of processor time of the controller and of the daemon."""
    end = time.monotonic() + settings.seconds
    controller = int(Path("/var/lib/slurm/slurmctld.pid").read_text())
    before = *_rpcs(), _cpu(controller), sum(map(_cpu, _family(pid)))
    told = await asyncio.gather(
        *(
            _poll(settings, port, tokens[number % len(tokens)], number, end)
            for number in range(settings.clients)
        )
    )
    after = *_rpcs(), _cpu(controller), sum(map(_cpu, _family(pid)))
    times = [seconds for each, _, _ in told for seconds in each]
    size = sum(size for _, size, _ in told)
    return (
        len(times),
        sum(refused for _, _, refused in told),
        statistics.median(times) * 1e3,
        size / 1e6,
        *(now - then for now, then in zip(after, before, strict=True)),
    )


async def _poll(
    settings: argparse.Namespace, port: int, token: str, number: int, end: float
) -> tuple[list[float], int, int]:
    """One client until the end: the seconds of its answers, their bytes, how many were refused."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    times, size, refused = [], 0, 0
    # Not all in step: spread over the pause.
    await asyncio.sleep(settings.pause * number / settings.clients)
    while time.monotonic() < end:
        begun = time.monotonic()
        path = f"/slurm/{settings.version}/{('jobs', 'nodes')[len(times) % 2]}/"
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-SLURM-USER-TOKEN: {token}\r\n\r\n"
        writer.write(head.encode())
        taken = await _answer(reader)
        if taken is None:
            refused += 1
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        else:
            size += taken
            times.append(time.monotonic() - begun)
        await asyncio.sleep(max(begun + settings.pause - time.monotonic(), 0))
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return times, size, refused


async def _answer(reader: asyncio.StreamReader) -> int | None:
    """Read one; gives the bytes of its body, None where there was no room for the request."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 503 " in head[:16]:
        return None
    if b" 200 " not in head[:16]:
        raise SystemExit(head.decode())
    found = re.search(rb"Content-Length: (\d+)", head)
    if found:
        return len(await reader.readexactly(int(found[1])))
    size = 0
    while length := int(await reader.readline(), 16):
        left = length + 2
        while left:
            left -= len(await reader.read(min(left, 1 << 20)))
        size += length
    await reader.readline()
    return size


def _rpcs() -> tuple[float, float]:
    """How many RPCs of those kinds the controller has had, and the seconds they took it."""
    told = subprocess.run(["sdiag"], capture_output=True, text=True, check=True).stdout
    count = seconds = 0.0
    for name in _RPCS:
        found = re.search(rf"{name} .*count:(\d+).*total_time:(\d+)", told)
        if found:
            count += int(found[1])
            seconds += int(found[2]) / 1e6
    return count, seconds


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _cpu(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()

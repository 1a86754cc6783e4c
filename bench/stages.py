"""Where the time of a request goes, stage by stage; and ours beside the bare call and dump.

Run in the lab by ``bench/stages``. A token comes on standard input.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from client import Client
from memory import peak, processes
from own import started

_PING_PAUSE: Final = 0.01
_PINGS: Final = 300
_LISTINGS: Final = 8
"""Clients that list all jobs at once."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, epilog="A token comes on stdin.")
    parser.add_argument("--version", default="v0.0.45", help="API version")
    parser.add_argument("--slurmctld", type=int, required=True, help="its process id")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--bare", action="store_true", help="be the process that does no more")
    settings = parser.parse_args()
    token = sys.stdin.readline().strip()
    if settings.bare:
        _be_bare(token)
        return
    operations = f"get /slurm/{settings.version}"
    # Nothing is kept: each answer is made anew.
    with started(PYSLURMRESTD_CACHE="0") as (pid, port), _bare(token) as bare:
        client = Client(("127.0.0.1", port), token)
        states = json.loads(client.fetch(f"/slurm/{settings.version}/jobs/state/"))["jobs"]
        job = states[-1]["job_id"]
        for operation, params, count in (
            (f"{operations}/jobs/", {}, 2),
            (f"{operations}/job/{{job_id}}", {"job_id": str(job)}, 200),
            (f"{operations}/ping/", {}, 200),
        ):
            path = operation.removeprefix("get ").format(**params)
            rounds = []
            for _ in range(settings.rounds):
                alone = bare({"operation": operation, "params": params, "count": count})
                rounds.append(alone | _round(client, path, count, pid, settings.slurmctld))
            _tell(path, {name: median(one[name] for one in rounds) for name in rounds[0]})
    with started(PYSLURMRESTD_CACHE="0") as (pid, port):
        _crowd(Client(("127.0.0.1", port), token), f"/slurm/{settings.version}", pid)


def _tell(path: str, told: dict[str, float]) -> None:
    print(f"\n{path}, milliseconds a request:")
    for name, value in told.items():
        print(f"  {name:<44} {value:10.3f}")
    print(
        f"  {'whole request / one process':<44} {told['whole request'] / told['one process']:10.2f}"
    )


def _round(client: Client, path: str, count: int, pid: int, controller: int) -> dict[str, float]:
    """Processor time of everybody's, and the clock."""
    front, *workers = processes(pid)
    of = {"front end": [front], "workers": workers, "slurmctld": [controller]}
    client.load([path], requests=1)
    before = {name: _spent(pids) for name, pids in of.items()}
    own = time.process_time()
    load = client.load([path], requests=count)
    told = {f"cpu: {name}": (_spent(pids) - before[name]) / count for name, pids in of.items()}
    told["cpu: client"] = 1e3 * (time.process_time() - own) / count
    return {**told, "whole request": 1e3 * load.each}


def _spent(pids: list[int]) -> float:
    """Milliseconds of processor time of all threads that these processes have now."""
    tasks = [task for pid in pids for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


@contextmanager
def _bare(token: str) -> Iterator[Any]:
    """A process that makes calls and dumps what they give, and no more; gives how to ask it."""
    with subprocess.Popen(
        [sys.executable, __file__, "--bare", "--slurmctld=0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout
        stdin.write(token + "\n")

        def ask(what: dict[str, Any]) -> dict[str, float]:
            stdin.write(json.dumps(what) + "\n")
            stdin.flush()
            told: dict[str, float] = json.loads(stdout.readline())
            return told

        try:
            yield ask
        finally:
            stdin.close()


def _be_bare(token: str) -> None:
    from pyslurmrestd.application.answer import start
    from pyslurmrestd.application.protocol import Request
    from pyslurmrestd.auth.credential import Credential, Peer

    answer = start("token", {})[1]
    credential, peer = Credential("token", token, None, None), Peer("tcp", "127.0.0.1:1(fd:9)")
    for line in sys.stdin:
        what = json.loads(line)
        request = Request(
            *(what["operation"], what["params"], "", None, "application/json", b""),
            credential,
            peer,
        )
        begun, called, dumped = time.perf_counter(), 0.0, 0.0
        for _ in range(what["count"]):
            at = time.thread_time()
            # The first block, which short answers are no longer than, belongs to the call here.
            items = answer(request)
            then = time.thread_time()
            for _ in items:
                pass
            called += then - at
            dumped += time.thread_time() - then
        each = 1e3 / what["count"]
        told = {
            "cpu: call, unpacking, first block": each * called,
            "cpu: dump of the other blocks": each * dumped,
            "one process": each * (time.perf_counter() - begun),
        }
        print(json.dumps(told), flush=True)


def _crowd(client: Client, path: str, pid: int) -> None:
    """Several list all jobs at once, and somebody pings."""
    at_rest = _pings(client, path, _PINGS)
    alone = client.load([f"{path}/jobs/"], requests=2).each
    told, tell = multiprocessing.Pipe(duplex=False)
    crowd = multiprocessing.Process(target=_list, args=(client, path, tell))
    crowd.start()
    tell.close()
    meanwhile = []
    while not told.poll():
        meanwhile += _pings(client, path, 1)
    each = told.recv()  # EOFError, where it has failed
    crowd.join()
    print(
        f"\n{_LISTINGS} clients list all jobs at once: {1e3 * each:.0f} ms each, one alone"
        f" {1e3 * alone:.0f}; ping's 99th percentile {_late(at_rest):.2f} ms at rest,"
        f" {_late(meanwhile):.2f} meanwhile ({len(meanwhile)} pings);"
        f" peak memory {peak(pid) / 1e6:.0f} MB"
    )


def _list(client: Client, path: str, tell: Any) -> None:
    tell.send(client.load([f"{path}/jobs/"], _LISTINGS, requests=3 * _LISTINGS).each)


def _pings(client: Client, path: str, count: int) -> list[float]:
    """Milliseconds that each took."""
    taken = []
    for _ in range(count):
        taken.append(1e3 * client.load([f"{path}/ping/"], requests=1).each)
        time.sleep(_PING_PAUSE)
    return taken


def _late(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[int(0.99 * len(milliseconds))]


if __name__ == "__main__":
    main()

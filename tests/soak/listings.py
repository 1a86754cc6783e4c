"""Two hundred listings of all jobs at once: each whole or refused, within a gigabyte of memory.

    lab/lab load 10000; python tests/soak/listings.py [LISTINGS]; lab/lab unload

A daemon of its own is asked by as many connections at the same time, half of alice's and half of
bob's; some of them read slowly. Ends with 1 if an answer was neither whole nor an error that says
what is the matter, or if all processes together had more than a gigabyte (PSS).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

from laboratory import Lab
from processes import MOST_MEMORY, Samples
from rest_daemon import daemons

JOBS = "/slurm/v0.0.45/jobs/"
PARSED = 5
"""Answers that are parsed, and their jobs counted; of the others the end is looked at."""


class Listings:
    """:ivar wrong: what came of them that may not be."""

    def __init__(self, port: int, tokens: list[str], jobs: int) -> None:
        self.counts: Counter[str] = Counter()
        self.bytes = 0
        self.wrong: list[str] = []
        self._port, self._tokens, self._jobs = port, tokens, jobs
        self._start = threading.Event()

    def go(self) -> None:
        self._start.set()

    def one(self, number: int) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=300)
        try:
            connection.connect()
            self._start.wait()
            token = self._tokens[number % len(self._tokens)]
            connection.request("GET", JOBS, headers={"X-SLURM-USER-TOKEN": token})
            self._read(connection, number)
        except (OSError, HTTPException, ValueError) as error:
            self.wrong.append(f"listing {number}: {error!r}")
        finally:
            connection.close()

    def _read(self, connection: HTTPConnection, number: int) -> None:
        response = connection.getresponse()
        parts, tail = [], b""
        keep = number < PARSED or response.status != 200
        while piece := response.read(1 << 18):
            self.bytes += len(piece)
            tail = piece
            if keep:
                parts.append(piece)
            if number % 10 == 9:
                time.sleep(0.02)
        self.counts[str(response.status)] += 1
        told = json.loads(b"".join(parts)) if keep else None
        if response.status == 200:
            if not tail.endswith(b"}\n") and not tail.endswith(b"}"):
                self.wrong.append(f"listing {number} ends with {tail[-50:]!r}")
            if told is not None and len(told["jobs"]) < self._jobs:
                self.wrong.append(f"listing {number} has {len(told['jobs'])} jobs")
        elif response.status != 503 or not told or not told["errors"]:
            self.wrong.append(f"listing {number}: {response.status} {told}")


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    lab = Lab()
    jobs = len(lab.run("squeue -h -o %i").split())
    with daemons() as start:
        daemon = start("127.0.0.1:0", "--access-log", "off")
        listings = Listings(daemon.port, [lab.token("alice"), lab.token("bob")], jobs)
        samples, over = Samples(daemon), threading.Event()

        def sample() -> None:
            while not over.wait(0.3):
                samples.take()

        sampler = threading.Thread(target=sample)
        sampler.start()
        begun = time.monotonic()
        with ThreadPoolExecutor(count) as threads:
            asked = [threads.submit(listings.one, number) for number in range(count)]
            time.sleep(1)
            listings.go()
            for one in asked:
                one.result()
        end = time.monotonic()
        over.set()
        sampler.join()
        status = lab.get(JOBS, url=daemon.url).status
    most = samples.between(begun, end)[2]
    told = ", ".join(f"{count} times {status}" for status, count in sorted(listings.counts.items()))
    print(f"{count} listings of {jobs} jobs in {end - begun:.0f} s: {told}")
    print(f"{listings.bytes / 1e6:.0f} MB; all processes had {most:.0f} MiB at the most")
    if most > MOST_MEMORY:
        listings.wrong.append(f"{most:.0f} MiB of memory")
    if status != 200:
        listings.wrong.append(f"afterwards {status}")
    for line in listings.wrong[:10]:
        print("BROKEN:", line[:500])
    return 1 if listings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

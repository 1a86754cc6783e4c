"""What calls and dump take without any server: one request answered in this very process.

Prints seconds (of the fastest of several) and the peak of its memory as JSON. Run by curves.py, as
the daemon's user, with a token on standard input.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pyslurmrestd.application.answer import start
from pyslurmrestd.application.protocol import Head, Request
from pyslurmrestd.auth.credential import Credential, Peer


def main() -> None:
    operation, query, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    token = sys.stdin.readline().strip()
    _, answerer = start("token", {})
    request = Request(
        operation,
        {},
        query,
        None,
        "application/json",
        b"",
        Credential("token", token),
        Peer("tcp", "127.0.0.1:0(fd:0)"),
    )
    taken = []
    for _ in range(times):
        begun, size = time.perf_counter(), 0
        for item in answerer(request):
            if isinstance(item, Head):
                assert item.status == 200, item
            else:
                size += len(item)
        taken.append(time.perf_counter() - begun)
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    print(json.dumps({"seconds": min(taken), "memory": peak, "bytes": size}))


if __name__ == "__main__":
    main()

"""Several daemons on one port."""

from __future__ import annotations

import signal

from laboratory import Kept, Lab
from rest_daemon import Daemon, StartDaemon

PING = "/slurm/v0.0.45/ping/"


def test_daemons_share_a_port_and_one_serves_on_when_the_other_ends(
    lab: Lab, start_daemon: StartDaemon
) -> None:
    first = start_daemon("127.0.0.1:0", "--share-port")
    second = start_daemon(f"127.0.0.1:{first.port}", "--share-port")

    def served(daemon: Daemon) -> bool:
        return any(PING in line for line in daemon.lines)

    def ask() -> None:
        with Kept(first.url, lab.token("alice")) as connection:
            assert connection.get(PING).status == 200

    # The kernel chooses by the client's port: with every try it is as likely the one as the other.
    for _ in range(200):
        ask()
        if served(first) and served(second):
            break
    assert served(first)
    assert served(second)
    assert first.end(signal.SIGTERM) == 0
    for _ in range(20):
        ask()

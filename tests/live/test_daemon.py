"""A daemon process of our own on the lab's Slurm: start, identity, signals, standard input."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from laboratory import Lab
from rest_daemon import DAEMON, StartDaemon

PING = "/slurm/v0.0.45/ping/"

ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "pyslurmrestd"])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(
    start_daemon: StartDaemon, lab: Lab, run_dir: Path, number: int
) -> None:
    path = run_dir / "rest.sock"
    daemon = start_daemon("127.0.0.1:0", f"unix:{path}", count=2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o777
    assert daemon.get(PING, lab.token("alice"))[0] == 200
    workers = daemon.workers()
    idle = socket.create_connection(("127.0.0.1", daemon.port))
    assert daemon.end(number) == 0
    assert not path.exists()
    assert idle.recv(1) == b""
    idle.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_a_log_that_nobody_reads_stops_nothing(lab: Lab) -> None:
    source, sink = os.pipe()
    fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, 4096)
    address = f"127.0.0.1:{free_port()}"
    user = {"user": "restd", "group": "restd", "extra_groups": ()}
    process = subprocess.Popen([*DAEMON, "-vv", address], stderr=sink, **user)
    os.close(sink)
    try:
        url = f"http://{address}"
        lab.wait_for(lambda: answers(address))
        for _ in range(300):  # some 25 KB of lines
            assert lab.get(PING, url=url).status == 200
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(source)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answers(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port))).close()
    except ConnectionRefusedError:
        return False
    return True


def test_requests_in_flight_are_answered_before_it_ends(
    start_daemon: StartDaemon, lab: Lab
) -> None:
    daemon = start_daemon("127.0.0.1:0")
    token = lab.token("alice")
    answers: list[int] = []

    def ask() -> None:
        with suppress(ConnectionError):  # who comes too late is not let in any more
            answers.append(daemon.get("/slurm/v0.0.45/jobs/", token)[0])

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    Lab.wait_for(lambda: answers)
    assert daemon.end() == 0
    for asker in askers:
        asker.join()
    # Nobody got half an answer or an error.
    assert set(answers) == {200}


def test_sighup_replaces_the_workers_and_loses_nothing(start_daemon: StartDaemon, lab: Lab) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_WORKERS="1")
    token = lab.token("alice")
    before = daemon.workers()
    statuses = set()
    daemon.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 30
    while set(daemon.workers()) & set(before):
        assert time.monotonic() < end
        statuses.add(daemon.get(PING, token)[0])
    statuses.add(daemon.get(PING, token)[0])
    assert statuses == {200}


def test_systemd_may_listen_for_it(start_daemon: StartDaemon, lab: Lab, run_dir: Path) -> None:
    address = str(run_dir / "notify")
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.bind(address)
        os.chmod(address, 0o777)
        manager.settimeout(30)
        daemon = start_daemon(
            str(listening.fileno()),
            command=(sys.executable, "-c", ACTIVATE),
            pass_fds=[listening.fileno()],
            NOTIFY_SOCKET=address,
        )
        assert daemon.port == listening.getsockname()[1]
        assert manager.recv(100) == b"READY=1"
        assert daemon.get(PING, lab.token("alice"))[0] == 200
        assert re.fullmatch(rb"STATUS=\d workers, \d requests so far, 0 waiting", manager.recv(100))
        assert daemon.end() == 0
        assert manager.recv(100) == b"STOPPING=1"


def test_the_watchdog_hears_of_it_only_while_a_worker_answers(
    start_daemon: StartDaemon, run_dir: Path
) -> None:
    address = str(run_dir / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        os.chmod(address, 0o777)
        manager.settimeout(30)

        def hear(count: int) -> list[bool]:
            """Whether each of the next messages says that the daemon is alive."""
            heard = []
            while len(heard) < count:
                told = manager.recv(200).decode().splitlines()
                if told[0].startswith("STATUS="):
                    heard.append("WATCHDOG=1" in told)
            return heard

        daemon = start_daemon(
            "127.0.0.1:0", NOTIFY_SOCKET=address, WATCHDOG_USEC="1000000", PYSLURMRESTD_WORKERS="1"
        )
        assert hear(2) == [True, True]
        (worker,) = daemon.serving()
        os.kill(worker, signal.SIGSTOP)
        hear(1)  # it may have answered for this one
        assert hear(3) == [False, False, False]
        os.kill(worker, signal.SIGCONT)
        hear(1)
        assert hear(2) == [True, True]


@pytest.mark.parametrize(
    ("user", "argv", "text"),
    [
        ("root", (), "must not run as root"),
        ("slurm", (), "must not run as SlurmUser"),
        ("restd", ("-u", "nobody"), "Not permitted to change user or group"),
        ("root", ("-u", "no-such-user"), "Unable to resolve user: no-such-user"),
        ("root", ("-g", "no-such-group"), "Unable to resolve gid: no-such-group"),
        ("root", ("-u", "restd", "-g", "root"), "must not run with root's group"),
        ("root", ("-u", "restd", "-g", "slurm"), "must not run with SlurmUser's group"),
        ("restd", ("-f", "/nonexistent"), "cannot read /nonexistent"),
    ],
)
def test_who_may_not_run_it_is_told(user: str, argv: Sequence[str], text: str) -> None:
    ran = subprocess.run(
        [*DAEMON, *argv, "127.0.0.1:0"],
        capture_output=True,
        text=True,
        user=user,
        group=user,
        extra_groups=(),
        check=False,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "fatal: " in ran.stderr
    assert text in ran.stderr
    assert "listening" not in ran.stderr


def test_root_may_give_its_rights_away(start_daemon: StartDaemon, lab: Lab, run_dir: Path) -> None:
    path = run_dir / "rest.sock"
    daemon = start_daemon("-u", "restd", "127.0.0.1:0", f"unix:{path}", count=2, user="root")
    restd = pwd.getpwnam("restd")
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    assert f"Uid:\t{restd.pw_uid}\t{restd.pw_uid}\t{restd.pw_uid}\t{restd.pw_uid}\n" in status
    assert f"Gid:\t{restd.pw_gid}\t{restd.pw_gid}\t{restd.pw_gid}\t{restd.pw_gid}\n" in status
    assert "Groups:\t \n" in status
    assert daemon.get(PING, lab.token("alice"))[0] == 200


def test_a_token_works_over_another_users_unix_socket(
    start_daemon: StartDaemon, lab: Lab, run_dir: Path
) -> None:
    path = run_dir / "rest.sock"
    start_daemon("127.0.0.1:0", f"unix:{path}", count=2)
    curl = f"curl -s -o /dev/null -w '%{{http_code}}' --unix-socket {path} http://x{PING}"
    assert lab.run(curl, user="alice") == "401"
    token = lab.token("alice")
    assert lab.run(f"{curl} -H 'X-SLURM-USER-TOKEN: {token}'", user="bob") == "200"
    assert lab.run(curl, user="restd") == "200"


def test_root_over_the_unix_socket_acts_as_the_daemons_user(
    start_daemon: StartDaemon, run_dir: Path
) -> None:
    path = run_dir / "rest.sock"
    daemon = start_daemon("127.0.0.1:0", f"unix:{path}", count=2)
    status, body = daemon.get(PING, unix=str(path))
    assert (status, json.loads(body)["meta"]["client"]["user"]) == (200, "restd")


def converse(requests: str, *argv: str, **how: Any) -> tuple[int, str]:
    """Exit status and output of a daemon on a pipe of its own user."""
    script = 'printf "%b" "$REQUESTS" | "$@"; exit ${PIPESTATUS[1]}'
    ran = subprocess.run(
        ["bash", "-c", script, "bash", *DAEMON, *argv],
        capture_output=True,
        text=True,
        env={**os.environ, "REQUESTS": requests},
        user="restd",
        group="restd",
        extra_groups=(),
        check=False,
        timeout=60,
        **how,
    )
    return ran.returncode, ran.stdout.replace("\r\n", "\n")


def test_pipelined_requests_are_answered_until_the_end() -> None:
    request = "GET /healthz HTTP/1.1\\r\\n\\r\\n"
    assert converse(request * 2) == (0, "HTTP/1.1 204 NO CONTENT\n\n" * 2)


def test_the_owner_of_a_pipe_is_the_caller() -> None:
    status, told = converse(f"GET {PING} HTTP/1.1\\r\\n\\r\\n")
    assert status == 0
    assert told.startswith("HTTP/1.1 200 OK\nContent-Length: ")
    assert json.loads(told.partition("\n\n")[2])["meta"]["client"]["user"] == "restd"


def test_a_token_works_on_standard_input(lab: Lab) -> None:
    headers = f"X-SLURM-USER-TOKEN: {lab.token('alice')}\\r\\nConnection: close\\r\\n"
    status, told = converse(f"GET {PING} HTTP/1.1\\r\\n{headers}\\r\\nGET / X", "-a", "jwt")
    assert status == 0
    assert told.startswith("HTTP/1.1 200 OK\nConnection: Close\nContent-Length: ")
    assert json.loads(told.partition("\n\n")[2])["meta"]["client"]["user"] == "alice"


@pytest.mark.parametrize(
    ("request_text", "argv", "status", "line", "body"),
    [
        ("\\001\\002\\r\\n\\r\\n", (), 228, "405 NOT ALLOWED", "Invalid HTTP method"),
        ("GET /healthz HTTP/1.1\\r\\n\\r\\n", ("-a", "jwt"), 48, "401 UNAUTHORIZED",
         "Authentication failure"),
        ("GET / HTTP/1.1\\r\\n\\r\\n", (), 46, "404 NOT FOUND", None),
        ("PUT /healthz HTTP/1.1\\r\\n\\r\\n", (), 9007 % 256, "405 NOT ALLOWED", None),
    ],
)  # fmt: skip
def test_a_refusal_ends_it_with_its_number(
    request_text: str, argv: Sequence[str], status: int, line: str, body: str | None
) -> None:
    ended, told = converse(request_text + "GET /healthz HTTP/1.1\\r\\n\\r\\n", *argv)
    assert ended == status
    assert told.startswith(f"HTTP/1.1 {line}\nConnection: Close\n")
    assert told.count("HTTP/1.1") == 1
    if body is not None:
        assert told.endswith(f"Content-Type: text/plain\n\n{body}")


def test_a_failed_request_ends_it_with_slurms_number() -> None:
    request = "GET /slurm/v0.0.45/partitions HTTP/1.1\\r\\nX-SLURM-USER-TOKEN: bad\\r\\n\\r\\n"
    status, told = converse(request, "-a", "jwt")
    assert told.startswith("HTTP/1.1 511 Network Authentication Required\nConnection: Close\n")
    assert status == 1007 % 256


@pytest.mark.parametrize("requests", ["", "GET /healthz HT", "GET /healthz HTTP/1.1\\r\\nA: b"])
def test_no_whole_request_is_no_error(requests: str) -> None:
    assert converse(requests) == (0, "")


@pytest.mark.parametrize(("mode", "status"), [(0o600, 0), (0o644, 48)])
def test_a_file_speaks_for_its_owner_if_it_is_closed_to_others(mode: int, status: int) -> None:
    user = pwd.getpwnam("restd")
    with tempfile.TemporaryFile() as file:
        file.write(b"GET /healthz HTTP/1.1\r\n\r\n")
        file.seek(0)
        os.fchown(file.fileno(), user.pw_uid, user.pw_gid)
        os.fchmod(file.fileno(), mode)
        ran = subprocess.run(
            DAEMON,
            stdin=file,
            capture_output=True,
            user="restd",
            group="restd",
            extra_groups=(),
            check=False,
        )
    assert ran.returncode == status, ran.stderr


def test_a_connection_is_served_as_one(lab: Lab) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        daemon = subprocess.Popen(
            DAEMON,
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            user="restd",
            group="restd",
            extra_groups=(),
        )
        theirs.close()
        ours.settimeout(30)
        for _ in range(2):  # the answer comes although the connection stays open
            ours.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
            assert ours.recv(1000) == b"HTTP/1.1 204 NO CONTENT\r\n\r\n"
        ours.close()
        assert daemon.wait(30) == 0


def test_standard_input_must_be_there() -> None:
    ran = subprocess.run(
        ["bash", "-c", '"$@" <&-', "bash", *DAEMON],
        capture_output=True,
        text=True,
        user="restd",
        group="restd",
        extra_groups=(),
        check=False,
    )
    assert ran.returncode == 1
    assert "fatal: unable to stat STDIN or STDOUT: Bad file descriptor" in ran.stderr


def test_two_sockets_are_no_connection() -> None:
    one, two = socket.socketpair()
    with one, two:
        ran = subprocess.run(
            DAEMON,
            stdin=one,
            stdout=two,
            stderr=subprocess.PIPE,
            text=True,
            user="restd",
            group="restd",
            extra_groups=(),
            check=False,
        )
    assert ran.returncode == 1
    assert "fatal: STDIN and STDOUT must be same socket" in ran.stderr

"""``pyslurmrestd check`` on the lab's Slurm: what is in order, and what is to be mended."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from laboratory import Lab
from rest_daemon import DAEMON, StartDaemon


def check(*argv: str, user: str = "root", **environment: str) -> tuple[int, list[str]]:
    """Exit status, and the lines that it printed."""
    ran = subprocess.run(
        [*DAEMON, "check", *argv],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        user=user,
        group=user,
        extra_groups=(),
        check=False,
        timeout=120,
    )
    return ran.returncode, ran.stdout.splitlines()


def test_where_all_is_well_it_says_so() -> None:
    status, lines = check("-u", "restd", "127.0.0.1:0")
    assert status == 0, lines
    timeless = [re.sub(r"within \d+ ", "within N ", line) for line in lines]
    assert timeless == [
        "ok    127.0.0.1:0 can be listened on",
        "ok    the cluster's key /etc/slurm/slurm.key has mode 0600, of slurm",
        "ok    runs as restd",
        "ok    /etc/slurm/slurm.conf: cluster lab, libslurm 26.05.5",
        f"ok    the controller {socket.gethostname().partition('.')[0]} answers the daemon's own "
        "user within N microseconds",
        "ok    the controller takes tokens (auth/jwt)",
        "ok    slurm.conf's jwt_key /etc/slurm/jwt_hs256.key has mode 0600, of slurm",
        "ok    slurm.conf's jwks /etc/slurm/jwks.json has mode 0644, of slurm",
        "ok    slurmdbd answers",
    ]


def test_slurm_is_asked_with_a_token_where_there_is_one(lab: Lab) -> None:
    status, lines = check(user="restd", SLURM_JWT=lab.token("alice"))
    assert status == 0, lines
    assert any("answers the token of SLURM_JWT" in line for line in lines)
    status, lines = check(user="restd", SLURM_JWT="a.b.c")
    assert status == 1
    assert any(re.match("mend  the controller .* does not answer the token", one) for one in lines)


def test_daemons_that_do_not_answer_are_named(conf: Path) -> None:
    with socket.socket() as nobody:  # bound, and nobody listens
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        text = conf.read_text()
        for name in ("SlurmctldPort", "AccountingStoragePort"):
            text = re.sub(rf"(?m)^{name}=.*", f"{name}={port}", text)
        conf.write_text(text)
        status, lines = check("-f", str(conf), user="restd")
    assert status == 1
    controller, database = lines[-2:]
    assert re.fullmatch(
        "mend  the controller .* does not answer the daemon's own user: .*connect.*", controller
    )
    assert database == "mend  slurmdbd: Failed to open slurmdbd connection"


def test_an_unknown_plugin_is_told_first() -> None:
    assert check("-a", "bogus") == (
        1,
        ["mend  Unable to find plugin: rest_auth/bogus (there are: jwt, local)"],
    )


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (0o600, "ok    --jwt-key {} has mode 0600, of restd"),
        (0o640, "ok    --jwt-key {} has mode 0640, of restd"),
        (0o644, "mend  --jwt-key {} has mode 0644: others may use it; chmod 0600 or 0640"),
        (0o660, "mend  --jwt-key {} has mode 0660: others may use it; chmod 0600 or 0640"),
    ],
)
def test_the_mode_of_a_secret_is_judged(run_dir: Path, mode: int, verdict: str) -> None:
    key = run_dir / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(mode)
    shutil.chown(key, "restd", "restd")
    status, lines = check("--jwt-key", str(key), user="restd")
    assert verdict.format(key) in lines
    assert status == verdict.startswith("mend")


def test_a_key_set_may_be_read_by_all_and_written_by_its_owner(run_dir: Path) -> None:
    keys = run_dir / "jwks.json"
    shutil.copyfile("/etc/slurm/jwks.json", keys)
    for mode, verdict in (0o644, "ok    "), (0o664, "mend  "):
        keys.chmod(mode)
        status, lines = check("--jwks", str(keys), user="restd")
        assert [line[:6] for line in lines if "--jwks" in line] == [verdict]
        assert status == verdict.startswith("mend")


def test_a_key_that_the_daemons_user_cannot_read_is_told() -> None:
    status, lines = check("-u", "restd", "--jwt-key", "/etc/slurm/jwt_hs256.key")
    assert status == 1
    told = "mend  Unable to read the secret from /etc/slurm/jwt_hs256.key: Permission denied"
    assert told in lines


def test_sockets_in_use_are_told_with_who_has_them(
    start_daemon: StartDaemon, run_dir: Path
) -> None:
    path = run_dir / "rest.sock"
    daemon = start_daemon("127.0.0.1:0", f"unix:{path}", count=2)
    address = f"127.0.0.1:{daemon.port}"
    status, lines = check(address, f"unix:{path}", user="restd")
    assert status == 1
    name = Path(f"/proc/{daemon.process.pid}/comm").read_text().strip()
    by = f"{name} (pid {daemon.process.pid})"
    assert lines[:2] == [
        f"mend  [{address}] Unable to bind socket: Address already in use by {by}",
        f"mend  [unix:{path}] Unable to bind UNIX socket: {by} listens there",
    ]
    assert daemon.get("/healthz", unix=str(path))[0] == 204  # it still listens


@pytest.mark.parametrize(
    ("user", "argv", "line"),
    [
        ("root", (), "mend  Unable to resolve user: slurmrestd; name another with -u, or make it: "
         "useradd --system slurmrestd"),
        ("root", ("-u", "root"),
         "mend  pyslurmrestd must not run as root: name another user with -u"),
        ("slurm", (), "mend  pyslurmrestd must not run as SlurmUser"),
        ("restd", ("-f", "/nowhere"),
         "mend  a worker does not start: cannot read /nowhere: No such file or directory"),
    ],
)  # fmt: skip
def test_what_the_daemon_would_refuse_is_told(user: str, argv: tuple[str, ...], line: str) -> None:
    status, lines = check(*argv, user=user)
    assert status == 1
    assert line in lines

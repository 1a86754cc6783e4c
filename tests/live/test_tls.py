"""TLS on TCP: strong or not at all, certificates of both sides, replaced while the daemon runs."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from laboratory import Lab
from rest_daemon import DAEMON, Daemon, StartDaemon, daemons

PING = "/slurm/v0.0.45/ping/"
NODES = "/slurm/v0.0.45/nodes/"


def openssl(*words: str, cwd: Path) -> None:
    subprocess.run(["openssl", *words], cwd=cwd, check=True, capture_output=True)


def certify(directory: Path, name: str, *kind: str) -> None:
    """NAME.pem and NAME.key for localhost, signed by the authority in the directory."""
    kind = kind or ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    names = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    names += ("-addext", "basicConstraints=critical,CA:FALSE")
    subject = ("-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    authority = ("-CA", "authority.pem", "-CAkey", "authority.key")
    openssl("req", "-x509", *kind, *subject, *names, *authority, "-days", "2", cwd=directory)
    for file in (directory / f"{name}.pem", directory / f"{name}.key"):
        shutil.chown(file, "restd")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pki = tmp_path_factory.mktemp("pki")
    for directory in (pki, *pki.parents[:2]):
        directory.chmod(0o755)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    subject = ("-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=authority")
    signs = ("-addext", "keyUsage=critical,keyCertSign")
    openssl("req", "-x509", *curve, *subject, *signs, "-days", "2", cwd=pki)
    certify(pki, "server")
    certify(pki, "client")
    certify(pki, "short", "-newkey", "rsa:1024")
    openssl(
        "ec", "-aes128", "-in", "server.key", "-out", "locked.key", "-passout", "pass:x", cwd=pki
    )
    (pki / "garbage").write_text("no certificate")
    (pki / "garbage").chmod(0o600)
    for file in (pki / "locked.key", pki / "garbage"):
        shutil.chown(file, "restd")
    return pki


def options(pki: Path, name: str = "server") -> tuple[str, ...]:
    return "--tls-cert", str(pki / f"{name}.pem"), "--tls-key", str(pki / f"{name}.key")


@pytest.fixture(scope="module")
def start_daemon() -> Iterator[StartDaemon]:
    with daemons() as start:
        yield start


@pytest.fixture(scope="module")
def encrypting(start_daemon: StartDaemon, pki: Path) -> Daemon:
    return start_daemon("https://127.0.0.1:0", *options(pki), "--max-connections", "20")


def trusting(pki: Path, client: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(pki / "authority.pem"))
    if client is not None:
        context.load_cert_chain(pki / f"{client}.pem", pki / f"{client}.key")
    return context


def connect(daemon: Daemon, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("localhost", daemon.port, context=context, timeout=20)


def ask(connection: http.client.HTTPConnection, path: str, token: str) -> tuple[int, Any]:
    connection.request("GET", path, headers={"X-SLURM-USER-TOKEN": token})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_requests_are_answered_over_one_connection(lab: Lab, pki: Path, encrypting: Daemon) -> None:
    connection = connect(encrypting, trusting(pki))
    try:
        for _ in range(3):
            status, told = ask(connection, PING, lab.token("alice"))
            assert (status, told["errors"]) == (200, [])
        port = connection.sock.getsockname()[1]
        assert told["meta"]["client"]["source"].startswith(f"127.0.0.1:{port}(fd:")
        told_here = lab.get(NODES).json()["nodes"]  # long enough to come in many blocks
        assert len(ask(connection, NODES, lab.token("alice"))[1]["nodes"]) == len(told_here)
    finally:
        connection.close()


def test_curl_asks_as_any_client(lab: Lab, pki: Path, encrypting: Daemon) -> None:
    header = f"X-SLURM-USER-TOKEN: {lab.token('alice')}"
    url = f"https://localhost:{encrypting.port}{PING}"
    assert '"pings"' in lab.run(f"curl -sS --cacert {pki}/authority.pem -H '{header}' {url}")


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        (("-tls1_3",), True),
        (("-tls1_2",), True),
        (("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"), True),
        (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), False),
        (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"), False),  # CBC, SHA-1
    ],
)
def test_weak_settings_are_refused(
    encrypting: Daemon, words: tuple[str, ...], spoken: bool
) -> None:
    line = ["openssl", "s_client", "-connect", f"127.0.0.1:{encrypting.port}", *words]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode == 0) is spoken


def test_tls_1_2_with_forward_secrecy_is_spoken(lab: Lab, pki: Path, encrypting: Daemon) -> None:
    context = trusting(pki)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = connect(encrypting, context)
    assert ask(connection, PING, lab.token("alice"))[0] == 200
    connection.close()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--tls-cert", "none.pem"), "No such file"),
        (("--tls-cert", "garbage"), "no PEM"),
        (("--tls-cert", "server.pem"), "is open to others"),
        (("--tls-cert", "server.pem", "--tls-key", "client.key"), "key values mismatch"),
        (("--tls-cert", "server.pem", "--tls-key", "locked.key"), "a key with a password"),
        (("--tls-cert", "short.pem", "--tls-key", "short.key"), "key too small"),
        (("--tls-cert", "server.pem", "--tls-key", "open.key"), "is open to others"),
        (("--tls-key", "server.key"), "--tls-key needs --tls-cert"),
        (("--tls-client-ca", "authority.pem"), "--tls-client-ca needs --tls-cert"),
        ((), "it needs --tls-cert"),
    ],
)
def test_what_cannot_be_used_is_told_at_the_start(
    pki: Path, given: tuple[str, ...], told: str
) -> None:
    shutil.copy(pki / "server.key", pki / "open.key")
    (pki / "open.key").chmod(0o644)
    address = "https://127.0.0.1:0" if not given or "--tls-cert" in given else "127.0.0.1:0"
    ran = subprocess.run(
        [*DAEMON, address, *given],
        capture_output=True,
        text=True,
        cwd=pki,
        user="restd",
        group="restd",
        extra_groups=(),
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert ran.returncode == 1
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_standard_input_is_not_encrypted(pki: Path) -> None:
    ran = subprocess.run(
        [*DAEMON, *options(pki)], input="", capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "--tls-cert needs an address" in ran.stderr) == (1, True)


def test_clients_show_a_certificate_where_that_is_asked(
    lab: Lab, pki: Path, start_daemon: StartDaemon
) -> None:
    authority = ("--tls-client-ca", str(pki / "authority.pem"))
    daemon = start_daemon("127.0.0.1:0", *options(pki), *authority)
    with pytest.raises(OSError, match=r"(?i)certificate required|reset|closed|broken pipe"):
        ask(connect(daemon, trusting(pki)), PING, lab.token("alice"))
    connection = connect(daemon, trusting(pki, "client"))
    assert ask(connection, PING, lab.token("alice"))[0] == 200
    connection.close()


def test_a_plain_address_stays_plain_and_says_so(
    lab: Lab, pki: Path, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("http://127.0.0.1:0", *options(pki))
    assert daemon.get(PING, lab.token("alice"))[0] == 200


def shown(daemon: Daemon, pki: Path) -> Any:
    """The serial number of the certificate that a new client is shown."""
    connection = connect(daemon, trusting(pki))
    connection.connect()
    told = connection.sock.getpeercert()
    connection.close()
    return told["serialNumber"]


def test_a_replaced_certificate_is_shown_to_new_clients(
    lab: Lab, pki: Path, start_daemon: StartDaemon
) -> None:
    certify(pki, "changing")
    daemon = start_daemon("127.0.0.1:0", *options(pki, "changing"))
    old = shown(daemon, pki)
    staying = connect(daemon, trusting(pki))
    assert ask(staying, PING, lab.token("alice"))[0] == 200
    (pki / "changing.pem").write_text("half")
    time.sleep(1.1)
    assert shown(daemon, pki) == old
    certify(pki, "changing")
    Lab.wait_for(lambda: shown(daemon, pki) != old)
    assert ask(staying, PING, lab.token("alice"))[0] == 200
    staying.close()


def sockets(daemon: Daemon) -> int:
    links = Path(f"/proc/{daemon.process.pid}/fd").iterdir()
    return sum(1 for link in links if os.path.islink(link) and "socket" in os.readlink(link))


def test_who_never_greets_takes_no_room(lab: Lab, pki: Path, encrypting: Daemon) -> None:
    """More silent connections than the daemon serves at all; it is asked beside them."""
    Lab.wait_for(lambda: sockets(encrypting) <= sockets(encrypting))
    silent = [socket.create_connection(("127.0.0.1", encrypting.port)) for _ in range(40)]
    try:
        for part in (b"\x16", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff"):
            rude = socket.create_connection(("127.0.0.1", encrypting.port))
            silent.append(rude)
            rude.sendall(part)
        connection = connect(encrypting, trusting(pki))
        assert ask(connection, PING, lab.token("alice"))[0] == 200
        connection.close()
    finally:
        for client in silent:
            client.close()
    Lab.wait_for(lambda: sockets(encrypting) < 20)
    connection = connect(encrypting, trusting(pki))
    assert ask(connection, PING, lab.token("alice"))[0] == 200
    connection.close()


def test_the_end_waits_for_no_greeting(pki: Path, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", *options(pki))
    with socket.create_connection(("127.0.0.1", daemon.port)):
        time.sleep(0.2)
        begun = time.monotonic()
        assert daemon.end() == 0
        assert time.monotonic() - begun < 9  # far less than a greeting may take
    assert not [line for line in daemon.lines if "Traceback" in line]

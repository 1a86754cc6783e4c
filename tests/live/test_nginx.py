"""docs/nginx/pyslurmrestd.conf, as it stands, before a daemon."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from job_bodies import SCRIPT, description
from laboratory import Lab
from rest_daemon import daemons

from pyslurmrestd.errors import ErrorCode

EXAMPLE = Path(__file__).parents[2] / "docs/nginx/pyslurmrestd.conf"
JOBS = "/slurm/v0.0.45/jobs/"
PING = "/slurm/v0.0.45/ping/"


class Proxy:
    """nginx on a port of its own, before a daemon of its own."""

    def __init__(self, port: int, certificate: Path) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=str(certificate))

    def ask(
        self, method: str, path: str, token: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPSConnection(
            "localhost", self._port, context=self._context, timeout=30
        )
        sent = {"X-SLURM-USER-TOKEN": token, "Content-Type": "application/json", **headers}
        try:
            connection.request(method, path, body and json.dumps(body), sent)
            response = connection.getresponse()
            return response.status, dict(response.headers), json.loads(response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    here = tmp_path_factory.mktemp("nginx")
    for directory in (here, *here.parents[:2]):
        directory.chmod(0o755)
    sockets = here / "run"
    sockets.mkdir()
    shutil.chown(sockets, "restd")
    words = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    signs = ("-addext", "keyUsage=critical,digitalSignature,keyCertSign")
    files = ("-keyout", str(here / "slurm.key"), "-out", str(here / "slurm.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", *words, *names, *signs, *files], check=True, capture_output=True
    )
    port = Lab.free_port()
    example = EXAMPLE.read_text()
    for said, here_said in (
        ("/run/pyslurmrestd/rest.sock", f"{sockets}/rest.sock"),
        ("/run/nginx-pyslurmrestd", f"{here}/cache"),
        ("/etc/nginx/slurm", f"{here}/slurm"),
        ("listen 8443 ssl", f"listen 127.0.0.1:{port} ssl"),
    ):
        assert said in example
        example = example.replace(said, here_said)
    (here / "site.conf").write_text(example)
    (here / "nginx.conf").write_text(
        f"daemon off; pid {here}/pid; error_log {here}/error.log; user restd restd;\n"
        f"events {{ }}\nhttp {{ access_log off; include {here}/site.conf; }}\n"
    )
    with daemons() as start:
        start(f"unix:{sockets}/rest.sock", "-a", "jwt")
        nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", str(here / "nginx.conf")])
        try:
            Lab.wait_for(lambda: (here / "pid").exists() or nginx.poll() is not None)
            yield Proxy(port, here / "slurm.pem")
        finally:
            nginx.terminate()
            nginx.wait(30)


def test_users_are_told_apart_behind_it(lab: Lab, proxy: Proxy) -> None:
    """At the same time, over the few connections that nginx keeps to the daemon."""
    jobs = {}
    try:
        for user in ("alice", "bob"):
            body = {"script": SCRIPT, "job": description(name=f"nginx-{user}")}
            status, _, told = proxy.ask("POST", "/slurm/v0.0.45/job/submit", lab.token(user), body)
            assert (status, told["errors"]) == (200, [])
            jobs[user] = told["job_id"]
            assert lab.run(f"squeue -h -j {told['job_id']} -o %u").strip() == user

        def cancel_anothers(user: str) -> int:
            other = jobs["bob" if user == "alice" else "alice"]
            told = proxy.ask("DELETE", f"/slurm/v0.0.45/job/{other}", lab.token(user))[2]
            return int(told["status"][0]["error"]["code"])

        with ThreadPoolExecutor(8) as threads:
            answers = set(threads.map(cancel_anothers, ["alice", "bob"] * 20))
        assert answers == {ErrorCode.ACCESS_DENIED}
    finally:
        lab.cancel(*jobs.values())


def test_a_list_is_kept_for_its_caller_alone(lab: Lab, proxy: Proxy) -> None:
    time.sleep(2.1)  # for which an answer of another test is kept

    def cached(user: str) -> str:
        status, headers, _ = proxy.ask("GET", JOBS, lab.token(user))
        assert status == 200
        return headers["X-Cache"]

    assert [cached("alice"), cached("alice"), cached("bob")] == ["MISS", "HIT", "MISS"]
    assert proxy.ask("GET", JOBS, "a.b.c")[0] == 511
    assert "X-Cache" not in proxy.ask("GET", PING, lab.token("alice"))[1]


def test_errors_and_long_answers_come_through_as_they_are(lab: Lab, proxy: Proxy) -> None:
    assert proxy.ask("GET", "/slurm/v0.0.45/job/4000000000", lab.token("alice"))[0] == 404
    nodes = proxy.ask("GET", "/slurm/v0.0.45/nodes/", lab.token("alice"))[2]["nodes"]
    assert len(nodes) == len(lab.get("/slurm/v0.0.45/nodes/").json()["nodes"]) > 500

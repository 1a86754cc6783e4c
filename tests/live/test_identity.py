"""Whose request it is: every way to say so, never another's, and closed to all that fail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import jwt
import pytest
from job_bodies import SCRIPT, description
from laboratory import Lab
from rest_daemon import Daemon, StartDaemon, speak

JOBS = "/slurm/v0.0.45/jobs/"
SUBMIT = "/slurm/v0.0.45/job/submit"
HS256_KEY = Path(os.environ["LAB_JWT_KEY"])
RS256_KEY = Path(os.environ["LAB_JWKS_KEY"])


@pytest.fixture(scope="module", autouse=True)
def no_job_is_left(lab: Lab) -> Iterator[None]:
    yield
    for user in ("alice", "bob", "restd", "root"):
        lab.run(f"scancel --user={user} --name=identity", check=False)


def body() -> str:
    return json.dumps({"script": SCRIPT, "job": description(name="identity")})


def queue(lab: Lab) -> set[str]:
    return set(lab.run("squeue -h -a -o %i").split())


def owner(lab: Lab, job_id: int) -> str:
    return lab.run(f"squeue -h -j {job_id} -o %u").strip()


def claims(user: str, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"exp": now + 600, "iat": now, "sun": user, **changes}


def hs256(user: str, **changes: Any) -> str:
    return jwt.encode(claims(user, **changes), HS256_KEY.read_bytes(), "HS256")


def rs256(user: str, **headers: Any) -> str:
    return jwt.encode(claims(user), RS256_KEY.read_bytes(), "RS256", {"kid": "lab", **headers})


def submit_with(url: str, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Status and data of a submission over TCP with just these headers."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("POST", SUBMIT, body(), {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data[:1] == b"{" else data.decode()
    finally:
        connection.close()


HEADERS: dict[str, Callable[[Lab], dict[str, str]]] = {
    "X-SLURM-USER-TOKEN": lambda lab: {"X-SLURM-USER-TOKEN": lab.token("alice")},
    "any case": lambda lab: {"x-slurm-user-token": lab.token("alice")},
    "with the user's name": lambda lab: {
        "X-SLURM-USER-TOKEN": lab.token("alice"),
        "X-SLURM-USER-NAME": "alice",
    },
    "Bearer": lambda lab: {"Authorization": f"Bearer {lab.token('alice')}"},
    "Bearer with the user's name": lambda lab: {
        "Authorization": f"Bearer {lab.token('alice')}",
        "X-SLURM-USER-NAME": "alice",
    },
    "HS256 made elsewhere": lambda lab: {"X-SLURM-USER-TOKEN": hs256("alice")},
    "username claim": lambda lab: {"X-SLURM-USER-TOKEN": hs256("", sun=None, username="alice")},
    "uid as text": lambda lab: {"X-SLURM-USER-TOKEN": hs256("1001")},
    "RS256": lambda lab: {"X-SLURM-USER-TOKEN": rs256("alice")},
    "RS256 Bearer": lambda lab: {"Authorization": f"Bearer {rs256('alice')}"},
    "root as alice": lambda lab: {
        "X-SLURM-USER-TOKEN": lab.token("root"),
        "X-SLURM-USER-NAME": "alice",
    },
    "SlurmUser as alice": lambda lab: {
        "X-SLURM-USER-TOKEN": hs256("slurm"),
        "X-SLURM-USER-NAME": "alice",
    },
}


@pytest.mark.parametrize("way", HEADERS)
def test_a_token_over_tcp_acts_as_its_user(lab: Lab, way: str) -> None:
    status, told = submit_with(lab.ours, HEADERS[way](lab))
    assert (status, told["errors"]) == (200, [])
    assert owner(lab, told["job_id"]) == "alice"


def curl(lab: Lab, user: str, *headers: str) -> Any:
    """What a user gets who submits over the daemon's unix socket."""
    given = " ".join(f"-H '{header}'" for header in ("Content-Type: application/json", *headers))
    told = lab.run(
        f"curl -s --unix-socket {os.environ['LAB_SOCKET']} {given} -d '{body()}' http://x{SUBMIT}",
        user=user,
    )
    return json.loads(told) if told[:1] == "{" else told


@pytest.mark.parametrize("peer", ["alice", "bob", "restd"])
def test_a_token_over_the_unix_socket_acts_as_its_user(lab: Lab, peer: str) -> None:
    told = curl(lab, peer, f"X-SLURM-USER-TOKEN: {lab.token('alice')}")
    assert told["errors"] == []
    assert owner(lab, told["job_id"]) == "alice"


def test_the_daemons_user_over_the_unix_socket_acts_as_itself(lab: Lab) -> None:
    told = curl(lab, "restd")
    assert told["errors"] == []
    assert owner(lab, told["job_id"]) == "restd"
    # Nobody else can be meant.
    told = curl(lab, "restd", "X-SLURM-USER-NAME: alice")
    assert owner(lab, told["job_id"]) == "restd"


@pytest.mark.parametrize("peer", ["alice", "bob"])
def test_another_user_over_the_unix_socket_needs_a_token(lab: Lab, peer: str) -> None:
    assert curl(lab, peer) == "Authentication failure"
    assert curl(lab, peer, "X-SLURM-USER-NAME: restd") == "Authentication failure"


def test_root_over_the_unix_socket_acts_for_nobody_but_the_daemons_user(lab: Lab) -> None:
    assert owner(lab, curl(lab, "root")["job_id"]) == "restd"
    assert owner(lab, curl(lab, "root", "X-SLURM-USER-NAME: restd")["job_id"]) == "restd"
    assert curl(lab, "root", "X-SLURM-USER-NAME: alice") == "Authentication failure"
    told = curl(lab, "root", f"X-SLURM-USER-TOKEN: {lab.token('alice')}")
    assert owner(lab, told["job_id"]) == "alice"


def post(text: str, *headers: str) -> bytes:
    lines = [
        f"POST {SUBMIT} HTTP/1.1",
        "Content-Type: application/json",
        f"Content-Length: {len(text)}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


@pytest.mark.parametrize("as_file", [False, True])
def test_standard_input_acts_as_its_owner(lab: Lab, as_file: bool) -> None:
    get = f"GET {JOBS} HTTP/1.1\r\n\r\n".encode()
    status, answers = speak(post(body()) + get + post(body()), as_file=as_file)
    assert (status, [answer.status for answer in answers]) == (0, [200] * 3)
    ids = [answers[place].json()["job_id"] for place in (0, 2)]
    assert [owner(lab, job_id) for job_id in ids] == ["restd"] * 2
    listed = {job["job_id"]: job["user_name"] for job in answers[1].json()["jobs"]}
    assert listed[ids[0]] == "restd"
    assert ids[1] not in listed


@pytest.mark.parametrize("as_file", [False, True])
def test_tokens_on_standard_input_act_as_their_users(lab: Lab, as_file: bool) -> None:
    requests = b"".join(
        post(body(), f"X-SLURM-USER-TOKEN: {lab.token(user)}") for user in ("alice", "bob", "alice")
    )
    status, answers = speak(requests, as_file=as_file)
    assert (status, [answer.status for answer in answers]) == (0, [200] * 3)
    found = [owner(lab, answer.json()["job_id"]) for answer in answers]
    assert found == ["alice", "bob", "alice"]


def test_a_bad_token_on_standard_input_ends_the_conversation(lab: Lab) -> None:
    good = post(body(), f"X-SLURM-USER-TOKEN: {lab.token('alice')}")
    status, answers = speak(good + post(body(), "X-SLURM-USER-TOKEN: x") + good, "-a", "jwt")
    assert [answer.status for answer in answers] == [200, 511]
    assert status == 1007 % 256


def test_parallel_requests_never_act_as_one_another(
    lab: Lab, start_daemon: StartDaemon, run_dir: Path
) -> None:
    path = run_dir / "rest.sock"
    address = f"unix:{path}"
    daemon = start_daemon("127.0.0.1:0", address, "-t", "4", PYSLURMRESTD_WORKERS="2", count=2)
    tokens = {"alice": lab.token("alice"), "bob": lab.token("bob"), "restd": None}
    found: list[tuple[str, int, int]] = []

    def ask(user: str) -> None:
        connection = HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        token = tokens[user]
        if token is None:  # root on the unix socket acts as the daemon's user
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(path))
        else:
            headers["X-SLURM-USER-TOKEN"] = token
        for turn in range(12):
            sent = dict(headers)
            if turn % 4 == 3 and token is not None:
                # A refused one between the others, on the same lanes.
                sent["X-SLURM-USER-TOKEN"] = token[:-3] + "xxx"
            connection.request("POST", SUBMIT, body(), sent)
            response = connection.getresponse()
            told = json.loads(response.read())
            found.append((user, response.status, told.get("job_id", 0)))
        connection.close()

    threads = [threading.Thread(target=ask, args=(user,)) for user in tokens for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 15 * 12
    assert {status for _, status, job_id in found if not job_id} == {511}
    submitted = {job_id: user for user, status, job_id in found if status == 200}
    assert len(submitted) == 10 * 9 + 5 * 12
    lines = lab.run("squeue -h --name=identity -o '%i %u'").splitlines()
    owners = {int(job_id): user for job_id, user in (line.split() for line in lines)}
    assert {job_id: owners[job_id] for job_id in submitted} == submitted


def one_lane(start_daemon: StartDaemon) -> Daemon:
    """A daemon in which one worker thread serves everybody."""
    return start_daemon("127.0.0.1:0", "-t", "1", PYSLURMRESTD_WORKERS="1")


def test_a_bad_token_is_nobody_right_after_a_good_one(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = one_lane(start_daemon)
    before = queue(lab)
    for user in ("alice", "root", "bob"):
        connection = HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.request("GET", JOBS, headers={"X-SLURM-USER-TOKEN": lab.token(user)})
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)
        headers = {"X-SLURM-USER-TOKEN": "garbage", "Content-Type": "application/json"}
        connection.request("POST", SUBMIT, body(), headers)
        response = connection.getresponse()
        told = json.loads(response.read())
        connection.close()
        assert response.status == 511
        assert [error["error_number"] for error in told["errors"]] == [1007]
    assert queue(lab) <= before


def signed(header: dict[str, Any], payload: Any, key: bytes = b"") -> str:
    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    text = part(json.dumps(header).encode()) + b"." + part(json.dumps(payload).encode())
    digest = hmac.new(key, text, hashlib.sha256).digest() if key else b""
    return (text + b"." + part(digest)).decode()


BAD_TOKENS: dict[str, Callable[[Lab], str]] = {
    "empty": lambda lab: "",
    "garbage": lambda lab: "garbage",
    "dots": lambda lab: "a.b.c",
    "expired": lambda lab: hs256("alice", exp=int(time.time()) - 5),
    "no exp": lambda lab: hs256("alice", exp=None),
    "text for exp": lambda lab: hs256("alice", exp="tomorrow"),
    "no user": lambda lab: hs256("", sun=None),
    "number for user": lambda lab: hs256("", sun=1001),
    "another key": lambda lab: jwt.encode(claims("alice"), b"k" * 32, "HS256"),
    "HS512": lambda lab: jwt.encode(claims("alice"), HS256_KEY.read_bytes() * 2, "HS512"),
    "no algorithm": lambda lab: signed({"alg": "none", "typ": "JWT"}, claims("root")),
    "other claims": lambda lab: other_claims(lab.token("alice")),
    "RS256 without key id": lambda lab: jwt.encode(
        claims("alice"), RS256_KEY.read_bytes(), "RS256"
    ),
    "RS256 with another key id": lambda lab: rs256("alice", kid="other"),
    "blank before": lambda lab: f" {lab.token('alice')}x",
    "long": lambda lab: "x" * 60000,
    "8 bit": lambda lab: "\xe9\xff",
}


def other_claims(token: str) -> str:
    """A token whose payload was changed after it was signed."""
    header, _, signature = token.split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims("root")).encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_bad_token_is_nobody(lab: Lab, name: str) -> None:
    before = queue(lab)
    status, told = submit_with(lab.ours, {"X-SLURM-USER-TOKEN": BAD_TOKENS[name](lab)})
    assert status == 511
    assert [error["error_number"] for error in told["errors"]] == [1007]
    assert told["errors"][0]["error"] == "Protocol authentication error"
    assert queue(lab) <= before


def test_a_bad_token_reads_nothing_and_pings_nobody(lab: Lab) -> None:
    headers = {"X-SLURM-USER-TOKEN": "garbage"}
    for path in ("jobs/", "jobs/state", "job/1", "nodes/", "node/c1", "partitions/"):
        answer = lab.get(f"/slurm/v0.0.45/{path}", headers=headers)
        assert (path, answer.status) == (path, 511)
        told = answer.json()
        assert [error["error_number"] for error in told["errors"]] == [1007]
        assert not any(told.get(key) for key in ("jobs", "nodes", "partitions"))
    ping = lab.get("/slurm/v0.0.45/ping/", headers=headers)
    assert ping.status == 200
    assert [entry["responding"] for entry in ping.json()["pings"]] == [False]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-SLURM-USER-NAME": "alice"},
        {"Authorization": "Basic YWxpY2U6eA=="},
        {"Authorization": "bearer x"},
        {"Authorization": "Bearer"},
        {"X-SLURM-USER-TOKEN": "x", "Authorization": "Bearer x"},
        {"Cookie": "X-SLURM-USER-TOKEN=x"},
    ],
)
def test_who_does_not_say_who_he_is(lab: Lab, headers: dict[str, str]) -> None:
    assert submit_with(lab.ours, headers) == (401, "Authentication failure")


@pytest.mark.parametrize("name", ["bob", "root", "1001", "", "no-such-user", "Alice"])
def test_a_user_may_not_name_another(lab: Lab, name: str) -> None:
    headers = {"X-SLURM-USER-TOKEN": lab.token("alice"), "X-SLURM-USER-NAME": name}
    status, told = submit_with(lab.ours, headers)
    assert (status, told["errors"][0]["error_number"]) == (511, 1007)


def test_root_may_name_another(lab: Lab) -> None:
    for name, expected in (("bob", "bob"), ("alice", "alice"), ("root", "root")):
        headers = {"X-SLURM-USER-TOKEN": lab.token("root"), "X-SLURM-USER-NAME": name}
        status, told = submit_with(lab.ours, headers)
        assert status == 200, told
        assert owner(lab, told["job_id"]) == expected
        assert told["meta"]["client"]["user"] == expected


@pytest.mark.parametrize("way", ["named by root", "in a token"])
def test_whom_the_controller_does_not_know_may_not_submit(lab: Lab, way: str) -> None:
    if way == "in a token":
        headers = {"X-SLURM-USER-TOKEN": hs256("no-such-user")}
    else:
        headers = {"X-SLURM-USER-TOKEN": lab.token("root"), "X-SLURM-USER-NAME": "no-such-user"}
    status, told = submit_with(lab.ours, headers)
    assert (status, told["errors"][0]["error_number"]) == (401, 6010)


@pytest.mark.parametrize(
    ("chosen", "own", "own_with_token", "other", "other_with_token", "tcp_with_token"),
    [
        ("local", "restd", None, None, None, None),
        ("jwt", None, "alice", None, "alice", "alice"),
        ("local,jwt", "restd", "alice", None, "alice", "alice"),
        ("rest_auth/jwt,rest_auth/local", "restd", "alice", None, "alice", "alice"),
    ],
)
def test_plugins_are_asked_in_the_order_chosen(
    lab: Lab,
    start_daemon: StartDaemon,
    run_dir: Path,
    chosen: str,
    own: str | None,
    own_with_token: str | None,
    other: str | None,
    other_with_token: str | None,
    tcp_with_token: str | None,
) -> None:
    path = run_dir / "rest.sock"
    daemon = start_daemon("-a", chosen, f"unix:{path}", "127.0.0.1:0", count=2)
    header = f"-H 'X-SLURM-USER-TOKEN: {lab.token('alice')}'"
    unix = f"curl -s --unix-socket {path} http://x{JOBS}"
    tcp = f"curl -s {daemon.url}{JOBS}"

    def caller(command: str, user: str) -> str | None:
        told = lab.run(command, user=user)
        if told == "Authentication failure":
            return None
        data = json.loads(told)
        assert data["errors"] == []
        user_name: str = data["meta"]["client"]["user"]
        return user_name

    assert caller(unix, "restd") == own
    assert caller(f"{unix} {header}", "restd") == own_with_token
    assert caller(unix, "bob") == other
    assert caller(f"{unix} {header}", "bob") == other_with_token
    assert caller(f"{tcp} {header}", "bob") == tcp_with_token
    assert caller(tcp, "restd") is None

"""rest_auth/jwt and rest_auth/local: accept (a Credential), skip (None) or refuse."""

from __future__ import annotations

import os
import pwd

import pytest
from multidict import CIMultiDict

from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.errors import AuthFailed
from pyslurmrestd.plugins.rest_auth.jwt import PLUGIN as JWT
from pyslurmrestd.plugins.rest_auth.local import PLUGIN as LOCAL

TCP = Peer("tcp", "127.0.0.1:40000(fd:9)")
OWN = os.getuid()
OTHER = OWN + 1234


def unix(uid: int) -> Peer:
    return Peer("unix", "unix:/run/rest.sock(fd:9)", uid, uid)


def file(uid: int, mode: int) -> Peer:
    return Peer("file", "pipe:[1](fd:0)->pipe:[2](fd:1)", uid, uid, mode)


def token(text: str, user_name: str | None = None) -> Credential:
    return Credential("token", token=text, user_name=user_name)


@pytest.mark.parametrize(
    ("headers", "credential"),
    [
        ({}, None),
        ({"Cookie": "X-SLURM-USER-TOKEN=a"}, None),
        ({"X-SLURM-USER-TOKEN": "a.b"}, token("a.b")),
        ({"x-slurm-user-token": "a.b"}, token("a.b")),
        ({"X-SLURM-USER-TOKEN": ""}, token("")),
        ({"X-SLURM-USER-TOKEN": "a", "X-SLURM-USER-NAME": "bob"}, token("a", "bob")),
        ({"X-SLURM-USER-TOKEN": "a", "X-SLURM-USER-NAME": ""}, token("a", "")),
        ({"Authorization": "Bearer a.b"}, token("a.b")),
        ({"Authorization": "Bearer  a.b"}, token(" a.b")),
        ({"Authorization": "Bearer a", "X-SLURM-USER-NAME": "bob"}, token("a", "bob")),
    ],
)
@pytest.mark.parametrize("peer", [TCP, unix(OTHER)])
def test_jwt_passes_tokens_on_unchecked(
    headers: dict[str, str], credential: Credential | None, peer: Peer
) -> None:
    assert JWT.authenticate(CIMultiDict(headers), peer) == credential


def test_jwt_takes_the_first_of_two_tokens() -> None:
    headers = CIMultiDict([("X-SLURM-USER-TOKEN", "a"), ("X-SLURM-USER-TOKEN", "b")])
    assert JWT.authenticate(headers, TCP) == token("a")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-SLURM-USER-NAME": "alice"},
        {"X-SLURM-USER-TOKEN": "a", "Authorization": "Bearer a"},
        {"Authorization": "bearer a"},
        {"Authorization": "Basic a"},
        {"Authorization": "Token a"},
        {"Authorization": "Bearer"},
        {"Authorization": ""},
    ],
)
def test_jwt_refuses_what_is_not_its_form(headers: dict[str, str]) -> None:
    with pytest.raises(AuthFailed):
        JWT.authenticate(CIMultiDict(headers), TCP)


def test_a_credential_does_not_show_its_token() -> None:
    assert "secret" not in repr(token("secret", "bob"))


@pytest.mark.parametrize("headers", [{}, {"X-SLURM-USER-TOKEN": "a"}])
def test_local_has_nothing_to_say_of_tcp(headers: dict[str, str]) -> None:
    assert LOCAL.authenticate(CIMultiDict(headers), TCP) is None


@pytest.mark.parametrize("headers", [{}, {"X-SLURM-USER-NAME": "somebody"}])
def test_local_vouches_for_the_daemons_own_user(headers: dict[str, str]) -> None:
    own = Credential("local", uid=OWN)
    assert LOCAL.authenticate(CIMultiDict(headers), unix(OWN)) == own


@pytest.mark.parametrize("headers", [{}, {"X-SLURM-USER-NAME": pwd.getpwuid(OWN).pw_name}])
def test_local_refuses_other_users(headers: dict[str, str]) -> None:
    with pytest.raises(AuthFailed):
        LOCAL.authenticate(CIMultiDict(headers), unix(OTHER))


@pytest.mark.parametrize("name", ["X-SLURM-USER-TOKEN", "Authorization"])
@pytest.mark.parametrize(
    "peer", [unix(OWN), unix(OTHER), unix(0), file(OWN, 0o600), file(OTHER, 0o644)], ids=str
)
def test_a_token_wins_over_local_identity(name: str, peer: Peer) -> None:
    assert LOCAL.authenticate(CIMultiDict({name: "Bearer a"}), peer) is None


ROOT_ASKS = [
    ({}, True),
    ({"X-SLURM-USER-NAME": "nobody"}, True),
    ({"X-SLURM-USER-NAME": "root"}, False),
    ({"X-SLURM-USER-NAME": "no-such-user"}, False),
    ({"X-SLURM-USER-NAME": ""}, False),
]


@pytest.mark.parametrize(("headers", "accepted"), ROOT_ASKS)
def test_root_may_act_as_the_daemons_user_alone(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], accepted: bool
) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    monkeypatch.setattr(os, "getuid", lambda: nobody)
    if accepted:
        own = Credential("local", uid=nobody)
        assert LOCAL.authenticate(CIMultiDict(headers), unix(0)) == own
    else:
        with pytest.raises(AuthFailed):
            LOCAL.authenticate(CIMultiDict(headers), unix(0))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o700])
def test_local_takes_a_file_of_its_own_user(mode: int) -> None:
    assert LOCAL.authenticate(CIMultiDict(), file(OWN, mode)) == Credential("local", uid=OWN)


@pytest.mark.parametrize(
    ("uid", "mode"),
    [(OTHER, 0o600), (OWN, 0o644), (OWN, 0o602), (OWN, 0o601), (OWN, 0o4600), (OWN, 0o2600)],
)
def test_local_refuses_a_file_that_others_may_have_written(uid: int, mode: int) -> None:
    with pytest.raises(AuthFailed):
        LOCAL.authenticate(CIMultiDict(), file(uid, mode))

"""Tokens judged by keys: what Slurm would take passes, everything else is refused with a reason."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from pyslurmrestd.auth import judge as judging
from pyslurmrestd.auth.judge import TokenJudge, UnknownKey
from pyslurmrestd.auth.keys import key_set, secret
from pyslurmrestd.errors import AuthFailed, ErrorCode
from pyslurmrestd.log import Fatal
from pyslurmrestd.watched import Watched, contents

SECRET = b"0123456789abcdef0123456789abcdef"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def public(kid: str, key: Any, **changes: Any) -> dict[str, Any]:
    for algorithm, kinds in (
        (RSAAlgorithm, rsa.RSAPublicKey),
        (ECAlgorithm, ec.EllipticCurvePublicKey),
        (OKPAlgorithm, ed25519.Ed25519PublicKey),
    ):
        if isinstance(key.public_key(), kinds):
            return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **changes}
    raise TypeError(key)


def document(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


ALL = document(public("r", RSA), public("e", EC, use="sig"), public("d", ED, alg="EdDSA"))


def watched(path: Path, read: Callable[[bytes], Any]) -> Watched[Any]:
    return Watched("keys", [str(path)], lambda: read(contents(str(path))))


MakeJudge = Callable[..., TokenJudge]


@pytest.fixture
def make_judge(tmp_path: Path) -> MakeJudge:
    def make(*, life: float | None = None, public: bytes | None = ALL, own: bool = True) -> Any:
        (tmp_path / "secret").write_bytes(SECRET)
        (tmp_path / "keys.json").write_bytes(public or b"")
        return TokenJudge(
            watched(tmp_path / "secret", secret) if own else None,
            watched(tmp_path / "keys.json", key_set) if public else None,
            ("sun", "username", "name"),
            life,
        )

    return make


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {"exp": now + 600, "iat": now, "sun": "alice", **changes}
    return {name: value for name, value in told.items() if value is not None}


def hs256(key: bytes = SECRET, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, "HS256")


def signed(key: Any, algorithm: str, kid: str | None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm, {"kid": kid} if kid else None)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


GOOD = {
    "HS256": lambda: hs256(),
    "RS256": lambda: signed(RSA, "RS256", "r"),
    "ES256": lambda: signed(EC, "ES256", "e"),
    "EdDSA": lambda: signed(ED, "EdDSA", "d"),
    "username": lambda: hs256(sun=None, username="alice"),
    "the claim of the site": lambda: hs256(sun=None, name="alice"),
    "made in the future": lambda: hs256(iat=int(time.time()) + 100),
    "without iat": lambda: hs256(iat=None),
    "for an audience": lambda: hs256(aud="somebody", iss="x", sub=5, jti=7),
    "valid since": lambda: hs256(nbf=int(time.time()) - 1),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_token_passes(make_judge: MakeJudge, kind: str) -> None:
    token, judge = GOOD[kind](), make_judge(life=1000)
    for _ in range(2):
        judge.check(token)


def spoilt() -> str:
    head, body, signature = hs256().split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


BAD: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", "no JSON Web Token"),
    "no token": (lambda: "a.b.c", "no JSON Web Token"),
    "bytes": (lambda: "\udcff.\udcff.\udcff", "no JSON Web Token"),
    "other text": (lambda: "é" * 50, "no JSON Web Token"),
    "long": (lambda: hs256() + "A" * 20_000, "longer than"),
    "none": (lambda: f"{part({'alg': 'none'})}.{part(claims())}.", "'none' are not taken"),
    "None": (lambda: f"{part({'alg': 'None'})}.{part(claims())}.", "'None' are not taken"),
    "a list": (lambda: f"{part({'alg': ['HS256']})}.{part(claims())}.x", ""),
    "no header": (lambda: f"{part([])}.{part(claims())}.x", "no JSON Web Token"),
    "HS512": (lambda: jwt.encode(claims(), SECRET * 2, "HS512"), "'HS512' are not taken"),
    "PS256": (lambda: signed(RSA, "PS256", "r"), "'PS256' are not taken"),
    "other secret": (lambda: hs256(SECRET[::-1]), "signature is wrong"),
    "spoilt": (spoilt, "signature is wrong"),
    "other key": (lambda: signed(OTHER_RSA, "RS256", "r"), "signature is wrong"),
    "no kid": (lambda: signed(RSA, "RS256", None), "names no key"),
    "unknown kid": (lambda: signed(RSA, "RS256", "s"), "no key has the id 's'"),
    "kid of another kind": (lambda: signed(RSA, "RS256", "e"), "is not for RS256"),
    "expired": (lambda: hs256(exp=int(time.time()) - 1), "has expired"),
    "no exp": (lambda: hs256(exp=None), '"exp"'),
    "exp as text": (lambda: hs256(exp="tomorrow"), "(exp)"),
    "broken exp": (lambda: hs256(exp=time.time() + 0.5 + 60), "not a whole number"),
    "not yet": (lambda: hs256(nbf=int(time.time()) + 100), "not valid yet"),
    "long life": (lambda: hs256(exp=int(time.time()) + 10_000), "more than 1000 seconds"),
    "long life without iat": (lambda: hs256(exp=int(time.time()) + 10_000, iat=None), "more than"),
    "no user": (lambda: hs256(sun=None), "names no user"),
    "a number as user": (lambda: hs256(sun=1001), "names no user"),
    "a secret of public bytes": (lambda: hs256(ALL[:64]), "signature is wrong"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_is_refused_with_the_reason(make_judge: MakeJudge, kind: str) -> None:
    make, reason = BAD[kind]
    with pytest.raises(AuthFailed) as refused:
        make_judge(life=1000).check(make())
    assert refused.value.errno == ErrorCode.AUTH_MISSING
    assert refused.value.text.startswith("Authentication failure: ")
    assert reason in refused.value.text


def test_an_unknown_key_is_told_apart(make_judge: MakeJudge) -> None:
    with pytest.raises(UnknownKey):
        make_judge().check(signed(RSA, "RS256", "new"))


def test_without_a_secret_its_tokens_are_not_taken(make_judge: MakeJudge) -> None:
    with pytest.raises(AuthFailed, match="'HS256' are not taken"):
        make_judge(own=False).check(hs256())


def test_without_public_keys_their_tokens_are_not_taken(make_judge: MakeJudge) -> None:
    with pytest.raises(AuthFailed, match="'RS256' are not taken"):
        make_judge(public=None).check(signed(RSA, "RS256", "r"))


def test_a_known_token_still_ends(make_judge: MakeJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    token, judge = hs256(), make_judge()
    judge.check(token)
    now = time.time()
    monkeypatch.setattr(judging.time, "time", lambda: now + 601)
    with pytest.raises(AuthFailed, match="has expired"):
        judge.check(token)


def test_known_tokens_are_bounded(make_judge: MakeJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_MOST_KNOWN", 3)
    judge = make_judge()
    for number in range(5):
        judge.check(hs256(jti=str(number)))
    assert len(judge._known) == 3


def replace(path: Path, data: bytes) -> None:
    """As an administrator does, and a second later as far as the file can tell."""
    path.write_bytes(data)
    changed = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(changed, changed))


def test_keys_that_are_replaced_count_at_once(
    make_judge: MakeJudge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyslurmrestd.watched._LOOK_SECONDS", 0.0)
    judge, old, new = make_judge(), signed(RSA, "RS256", "r"), signed(OTHER_RSA, "RS256", "r")
    judge.check(old)
    replace(tmp_path / "keys.json", document(public("r", OTHER_RSA)))
    judge.check(new)
    with pytest.raises(AuthFailed, match="signature is wrong"):
        judge.check(old)


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"keys": 5}', b'{"keys": []}', b"\xff"])
def test_keys_stay_where_the_file_is_broken(
    make_judge: MakeJudge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bytes
) -> None:
    monkeypatch.setattr("pyslurmrestd.watched._LOOK_SECONDS", 0.0)
    judge, token = make_judge(), signed(RSA, "RS256", "r")
    replace(tmp_path / "keys.json", broken)
    judge.check(token)
    (tmp_path / "keys.json").unlink()
    judge.check(signed(RSA, "RS256", "r", jti="another"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"keys": {}}',
        document(),
        document({"kty": "oct", "kid": "a", "k": "AAAA"}),
        document(public("r", RSA, use="enc")),
        document(public("r", RSA, alg="RS512")),
        document(public("", RSA)),
        document({"kty": "RSA", "kid": "r", "n": "AQAB"}),
        document({"kty": ["RSA"], "kid": "r"}),
        document({**public("r", RSA), "kid": 7}),
    ],
)
def test_a_file_without_a_key_to_judge_by_is_no_key_set(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(data)
    with pytest.raises(Fatal, match="Unable to read keys from"):
        watched(path, key_set)


def test_a_short_secret_and_a_missing_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"short")
    with pytest.raises(Fatal, match="at least 32 bytes"):
        watched(tmp_path / "short", secret)
    with pytest.raises(Fatal, match="No such file"):
        watched(tmp_path / "none", secret)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 34)
    with pytest.raises(Fatal, match="longer than"):
        watched(tmp_path / "huge", key_set)

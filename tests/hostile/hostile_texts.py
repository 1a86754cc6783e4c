"""What is fuzzed: texts of clients, read by what reads them in the daemon, without Slurm behind it.

Each target takes bytes and raises AssertionError, or whatever the daemon's code raised, where that
did not do with them as it should.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from known_operations import OPERATIONS, Known, Operated, constants

from pyslurmrestd import plugin
from pyslurmrestd.auth.judge import TokenJudge
from pyslurmrestd.auth.keys import key_set
from pyslurmrestd.data_parser.context import MOST_ERRORS, MOST_WARNINGS
from pyslurmrestd.data_parser.model import Parser, Struct
from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import AuthFailed, ParseError, SlurmError
from pyslurmrestd.serializer import Limits, MalformedText

__all__ = ["TARGETS"]

LIMITS: Final = Limits(values=2000, lenient=8192, seconds=5.0)
"""Small, so that texts of a few kilobytes reach them."""

READERS: Final = tuple(plugin.serializers())

FLAGS: Final = (frozenset[str](), frozenset(("complex",)), frozenset(("fast",)))

DEEPEST: Final = 64


def body(data: bytes) -> None:
    """A body of one of the formats: data of JSON's types, within the limits, or MalformedText."""
    if not data:
        return
    reader = READERS[data[0] % len(READERS)]
    try:
        read = reader.parse(data[1:], LIMITS)
    except MalformedText as error:
        assert error.text.isprintable()
        return
    assert _values(read, 0) <= LIMITS.values


def _values(data: Any, level: int) -> int:
    """How many values there are; each of a type, a depth and a size that parsers can take."""
    assert level <= DEEPEST
    if isinstance(data, dict):
        for key in data:
            _text(key)
        return 1 + sum(_values(value, level + 1) for value in data.values())
    if isinstance(data, list):
        return 1 + sum(_values(value, level + 1) for value in data)
    if isinstance(data, str):
        _text(data)
    elif isinstance(data, int):
        assert -(1 << 63) <= data < 1 << 64
    else:
        assert data is None or isinstance(data, float)
    return 1


def _text(text: Any) -> None:
    """A text that C can hold."""
    assert isinstance(text, str)
    assert "\0" not in text
    text.encode()


def given(data: bytes) -> None:
    """The body of an operation in a version, with flags: parsed by its tables into C records."""
    if len(data) < 3:
        return
    chosen = OPERATIONS[int.from_bytes(data[:2], "big") % len(OPERATIONS)]
    reader = READERS[data[2] >> 4 & 1]
    try:
        read = reader.parse(data[3:], Limits())
    except MalformedText:
        return
    if chosen.operation.body is not None:
        _parsed(chosen.operation.body, read, chosen, FLAGS[data[2] % len(FLAGS)])


def asked(data: bytes) -> None:
    """The query of an operation, and what stands in its path."""
    if len(data) < 3:
        return
    chosen = OPERATIONS[int.from_bytes(data[:2], "big") % len(OPERATIONS)]
    flags = FLAGS[data[2] % len(FLAGS)]
    text, _, rest = data[3:].partition(b"\n")
    if chosen.operation.question is not None:
        try:
            read = READERS_BY_NAME["serializer/url_encoded"].parse(text)
        except MalformedText:
            read = {}
        _parsed(chosen.operation.question, read, chosen, flags)
    params = chosen.operation.params
    if params is not None:
        told = rest.decode(errors="replace")
        _parsed(params, {row.key: told for row in params.fields}, chosen, flags)


READERS_BY_NAME: Final = {reader.name: reader for reader in READERS}


def _parsed(parser: Parser, data: Any, chosen: Operated, flags: frozenset[str]) -> None:
    context = ParseContext(chosen.version, flags, constants(), Known)
    try:
        value = parse_value(parser, data, context)
    except ParseError as error:
        assert error.text
        value = None
    assert len(context.errors) <= MOST_ERRORS + 1
    assert len(context.warnings) <= MOST_WARNINGS + 1
    json.dumps([error.text for error in context.errors] + context.warnings)
    if value is not None and not context.errors:
        _written(parser, value)


def _written(parser: Parser, value: Any) -> None:
    """Each record that libslurm is to get is made, and freed."""
    from pyslurmrestd.slurm.written import new_record

    if isinstance(value, list):
        inner = next(iter(parser.parts()), None)
        for item in value:
            if inner is not None:
                _written(inner, item)
        return
    while not isinstance(parser, Struct) and isinstance(value, Parsed):
        parser = next(iter(parser.parts()))
    if not isinstance(value, Parsed) or not isinstance(parser, Struct):
        return
    if parser.free is not None:
        try:
            assert new_record(parser, value).address
        except SlurmError as error:
            assert error.text
        return
    for row in parser.fields:
        if isinstance(row.source, str) and row.source in value:
            _written(row.parser, value[row.source])


SECRET: Final = hashlib.sha256(b"hostile").digest()


class Keys:
    """Keys that never change."""

    generation = 1

    def __init__(self, now: Any) -> None:
        self.now = now


@cache
def public_keys() -> Mapping[str, Any]:
    """One of each kind."""
    # The same every time, so that what was found can be found again.
    modulus = int.from_bytes(b"\xc3" * 255 + b"\x01")
    made = {
        "rsa": RSAAlgorithm.to_jwk(rsa.RSAPublicNumbers(65537, modulus).public_key()),
        "ec": ECAlgorithm.to_jwk(ec.derive_private_key(7, ec.SECP256R1()).public_key()),
        "okp": OKPAlgorithm.to_jwk(
            ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
        ),
    }
    return {name: {**json.loads(text), "kid": name} for name, text in made.items()}


@cache
def judge() -> TokenJudge:
    keys = key_set(json.dumps({"keys": list(public_keys().values())}).encode())
    return TokenJudge(Keys(SECRET), Keys(keys), ("sun", "username"), 1e6)


def signed(data: bytes) -> str:
    """A token of our own key: the first line is its header, the rest its claims."""
    header, _, claims = data.partition(b"\n")
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, claims))
    mark = hmac.new(SECRET, text, hashlib.sha256).digest()
    return b".".join((text, base64.urlsafe_b64encode(mark).rstrip(b"="))).decode()


def token(data: bytes) -> None:
    """A token, as it came or signed by our key: good, or refused with a reason."""
    if not data:
        return
    text = signed(data[1:]) if data[0] & 1 else data[1:].decode("utf-8", "surrogateescape")
    try:
        judge().check(text)
    except AuthFailed as error:
        assert error.text
        assert len(error.text) < 400
        json.dumps(error.text).encode()
    else:
        header, _, mark = text.rpartition(".")
        claimed = base64.urlsafe_b64decode(mark + "==")
        assert claimed == hmac.new(SECRET, header.encode(), hashlib.sha256).digest()


def keys(data: bytes) -> None:
    """The document of a key set: keys, or ValueError."""
    try:
        found = key_set(data)
    except ValueError:
        return
    assert found
    assert all(isinstance(name, str) for name in found)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "asked": asked,
    "body": body,
    "given": given,
    "keys": keys,
    "token": token,
}

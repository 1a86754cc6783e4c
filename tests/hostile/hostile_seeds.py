"""Seeds to begin from, made by our own definitions: bodies, queries, requests, frames, tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from hostile_texts import READERS, public_keys, signed
from known_operations import OPERATIONS, Operated

from pyslurmrestd.application.protocol import Head, Hello
from pyslurmrestd.data_parser.model import Codec, Flags, List, Parser, Pointer, Struct
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.worker.frames import BLOCK, END_FRAME, FRAME, abort_frame, head_frame, hello_frame

__all__ = ["SEEDS", "choice"]

_NUMBER: Final = {"set": True, "infinite": False, "number": 1}

_VALUES: Final[dict[str | None, Any]] = {
    "string": "1",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "array": ["a", "b"],
    "object": _NUMBER,
    None: "1",
}


def sample(parser: Parser, version: ApiVersion, depth: int = 0) -> Any:
    """A value of the type that a parser takes; all of its rows, as deep as need be."""
    parser = resolve(parser, version)
    if isinstance(parser, Pointer):
        return sample(parser.to, version, depth)
    if isinstance(parser, List):
        return [sample(parser.items, version, depth + 1)] if depth < 6 else []
    if isinstance(parser, Flags):
        return [flag.word for flag in parser.values[:2]]
    if isinstance(parser, Struct):
        body: dict[str, Any] = {}
        for row in parser.fields:
            if row.removed or depth > 5 or row.key in ("meta", "errors", "warnings"):
                continue
            place = body
            *above, last = row.key.split("/")
            for part in above:
                place = place.setdefault(part, {})
            place[last] = sample(row.parser, version, depth + 1)
        return body
    if isinstance(parser, Codec):
        if parser.words:
            return parser.words[0]
        if parser.items is not None:
            return [sample(parser.items, version, depth + 1)] if depth < 6 else []
        if parser.type is None and parser.shown_as is not None:
            return sample(parser.shown_as, version, depth + 1) if depth < 6 else {}
        return _VALUES[parser.type]
    return "1"


def choice(number: int, reader: int = 0, flags: int = 0) -> bytes:
    """What a target reads first: which operation, in which format, with which flags."""
    return number.to_bytes(2, "big") + bytes([reader << 4 | flags])


def _every(operations: Sequence[Operated], has: Callable[[Operated], Any]) -> Iterator[int]:
    return (number for number, chosen in enumerate(operations) if has(chosen))


def given() -> Iterator[bytes]:
    """A body that says something of each of its fields."""
    for number in _every(OPERATIONS, lambda chosen: chosen.operation.body):
        chosen = OPERATIONS[number]
        assert chosen.operation.body is not None
        body = sample(chosen.operation.body, chosen.version)
        yield choice(number) + json.dumps(body).encode()


_QUERIES: Final = (
    b"a=b&c=d;e&f=&g=%41+",
    b"%00=1",
    b"update_time=now-1hour&flags=detail,show_all",
    b"a=1&a=2&a=3",
    b"job_id=1_%5B1-3%5D",
)


def asked() -> Iterator[bytes]:
    """Each parameter of each query, and something in the path."""
    for number in _every(OPERATIONS, lambda chosen: chosen.operation.question):
        chosen = OPERATIONS[number]
        assert chosen.operation.question is not None
        fields = sample(chosen.operation.question, chosen.version)
        told = "&".join(f"{key}={_told(value)}" for key, value in fields.items())
        yield choice(number) + told.encode() + b"\n1_[1-3]+2"
        # Each key twice, once without a value: a list with a null in it.
        twice = "&".join(f"{key}=&{key}={_told(value)}" for key, value in fields.items())
        yield choice(number) + twice.encode()
    for number in _every(OPERATIONS, lambda chosen: chosen.operation.params):
        yield choice(number) + b"\n1.batch"
    for query in _QUERIES:
        yield choice(0) + query


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or "1"
    return "1" if isinstance(value, dict) else str(value)


_BODIES: Final = (
    b'{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00\\n"], "b": {"c": {}}}',
    b'{\'a\': [1,], // comment\n/* another */ "b": NaN, "c": -Infinity, "d": 01.e}',
    b'{"a": "line\nend", "b": 18446744073709551616, "c": 1' + b"0" * 400 + b"}",
    b"[" * 33 + b"]" * 33,
    b'{"a":' * 31 + b"1" + b"}" * 31,
    b'"\\ud800 \\u0000 \xff"',
    b"a: &x [1]\nb: *x\n",
    b"%YAML 1.1\n--- !!map\n!!str a: !!seq\n- !!int 1\n- !!float .inf\n"
    b"- !!bool yes\n- !!null ~\n...\n",
    b"a: |\n  text\nb: >-\n  more\nc: {d: [e, 'f', \"\\x41\"]}\n? g\n: h\n",
    b"%TAG ! tag:x,1:\n---\n- !a b\n",
    b"\xff\xfea\x00:\x00 \x001\x00",
    b"- - - - - - - - - - a\n",
    b"a=b&c=d;e&f=&g=%41+%e9&a=x",
    b"<<: {a: b}\n'': !!int 0x1F\n",
)


def body() -> Iterator[bytes]:
    for reader in range(len(READERS)):
        for text in _BODIES:
            yield bytes([reader]) + text


_TOKEN: Final = b"X-SLURM-USER-TOKEN: a.b.c\r\n"

REQUESTS: Final = (
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r\n" + _TOKEN + b"\r\n",
    b"HEAD /slurm/v0.0.45/jobs/?update_time=1 HTTP/1.1\r\nHost: x\r\n" + _TOKEN + b"\r\n",
    b"GET http://x/slurm/v0.0.40/job/1%5F%5B1-3%5D?a=b#c HTTP/1.0\r\n" + _TOKEN + b"\r\n",
    b"POST /slurm/v0.0.45/job/submit HTTP/1.1\r\nHost: x\r\n"
    + _TOKEN
    + b"Content-Type: application/json\r\nContent-Length: 4\r\n\r\n{}\r\n",
    b"POST /slurm/v0.0.45/job/submit HTTP/1.1\r\nHost: x\r\n"
    + _TOKEN
    + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\nHost: x\r\n"
    + _TOKEN
    + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    # smuggling shapes
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\nHost: x\r\n"
    + _TOKEN
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\n"
    + _TOKEN
    + b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}  GET / HTTP/1.1\r\n\r\n",
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\n"
    + _TOKEN
    + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\n"
    + _TOKEN
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\n"
    + _TOKEN
    + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"POST /slurm/v0.0.45/jobs/ HTTP/1.1\r\n"
    + _TOKEN
    + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n0\r\n\r\n",
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r\n folded: y\r\n" + _TOKEN + b"\r\n",
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\nHost: x\n" + _TOKEN + b"\n",
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r" + _TOKEN + b"\r\n",
    b"GET /slurm/v0.0.45/../../etc/passwd HTTP/1.1\r\n" + _TOKEN + b"\r\n",
    b"GET /slurm/v0.0.45/%2e%2e/%252e/job/%00 HTTP/1.1\r\n" + _TOKEN + b"\r\n",
    b"GET /slurm/v0.0.45/node/\xff\xe2\x80\xa8 HTTP/1.1\r\n" + _TOKEN + b"\r\n",
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nX-Request-Id: a\r\nX-Server-Timing: 1\r\n"
    + _TOKEN
    + b'Accept: application/yaml;q=nan, */*;q=0.1\r\nIf-None-Match: W/"1-0123456789abcdef"\r\n\r\n',
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nAuthorization: Bearer a.b.c\r\nX-SLURM-USER-NAME: \xff"
    b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n\r\n",
    b"GET /openapi/v3 HTTP/1.1\r\nAccept: application/json\r\n" + _TOKEN + b"\r\n",
)


FOUND: Final = (
    # An error that comes right behind the beginning of a chunk: who reads the body waited on.
    b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nHost: x\r\nX-SLN: a.b.c\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"2;a=b\r\n{}\r\n0\r.b.c\r\nTransfer-Encoding: chunked\r\n\r\n2;",
    # A broken body behind an answer that was not for it: its traceback was in the log.
    b"POST /slurm/v0.0.45/job/submit HTTP/1.1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2;a=b\rjob/submit",
)
"""What has once been wrong."""


def stdin() -> Iterator[bytes]:
    yield from REQUESTS
    yield REQUESTS[0] + REQUESTS[4] + REQUESTS[1]


def sockets() -> Iterator[bytes]:
    for text in (*stdin(), *FOUND):
        yield b"\0" + text
        yield b"\7" + text


def from_worker() -> Iterator[bytes]:
    hello = Hello("26.05.5", "lab", "accounting_storage/none", False, 1, 1, {}, 1)
    block = FRAME.pack(BLOCK, 3) + b"abc"
    answers = (
        head_frame(Head(200, "text/plain", 5, True, 0, 1, {"Allow": "GET"})) + b"abcde",
        head_frame(Head(200, "text/plain", None)) + block + block + END_FRAME,
        head_frame(Head(304, None, 0)),
        head_frame(Head(200, "text/plain", None)) + block + abort_frame("late"),
        abort_frame("KeyError in get /slurm/v0.0.45/ping/"),
        hello_frame(hello),
        FRAME.pack(ord("H"), 0xFFFFFFFF) + b"[200]",
        head_frame(Head(200, None, -1)),
    )
    for step in (0, 1, 7):
        yield bytes([step]) + b"".join(answers)
        for answer in answers:
            yield bytes([step]) + answer


def to_worker() -> Iterator[bytes]:
    yield b"get /slurm/v0.0.45/job/{job_id}\nflags=detail\na.b.c\nalice\njob_id\n{}"
    yield b'\xff\xed\xa0\x80\n\x00\n\xe2\x80\xa8\n"\\\n\n\x00\x00\x00\x00'


def token() -> Iterator[bytes]:
    claims = (
        {"exp": 4102444800, "iat": 4102400000, "sun": "alice"},
        {"exp": 1, "nbf": 2, "username": "bob"},
        {"exp": 1e300, "sun": ["alice"]},
        {"exp": "4102444800"},
    )
    for algorithm, name in (("HS256", None), ("none", None), ("RS256", "rsa"), ("ES256", "ec"),
                            ("EdDSA", "okp"), ("ES256", "rsa"), ("RS256", "gone")):  # fmt: skip
        header = {"alg": algorithm, "typ": "JWT", **({"kid": name} if name else {})}
        for told in claims:
            text = json.dumps(header).encode() + b"\n" + json.dumps(told).encode()
            yield b"\1" + text
            yield b"\2" + signed(text).encode()
    yield b"\1" + b'{"alg": "HS256", "crit": ["b64"], "b64": false}\n{"exp": 4102444800}'
    yield b"\2a.b.c"


def keys() -> Iterator[bytes]:
    yield json.dumps({"keys": list(public_keys().values())}).encode()
    for key in public_keys().values():
        yield json.dumps({"keys": [key]}).encode()
    yield b'{"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB", "use": "sig"}]}'
    yield b'{"keys": [{"kty": "RSA", "kid": ["a"], "n": "AA", "e": 1}, 1, null]}'


SEEDS: Final[dict[str, Callable[[], Iterator[bytes]]]] = {
    "asked": asked,
    "body": body,
    "from_worker": from_worker,
    "given": given,
    "keys": keys,
    "sockets": sockets,
    "stdin": stdin,
    "to_worker": to_worker,
    "token": token,
}

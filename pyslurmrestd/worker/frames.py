"""The frames on a lane: what front end and worker say to each other, one request at a time.

A lane is a stream socket. The front end sends a request: the lengths of header and body, a JSON
header, the body as the client sent it. The worker answers with frames of a type byte, a length
and a payload: a head; behind one that tells the body's length just that body, behind another blocks
of it and an end; or an abort with a text. A worker's first word on its first lane is its Hello. A
request of no length is a probe, answered with an empty head.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import astuple
from http import HTTPStatus
from typing import Final

import orjson

from ..application.protocol import Block, Head, Hello, Request
from ..auth.credential import Credential, Peer

__all__ = [
    "ABORT",
    "BLOCK",
    "END",
    "FRAME",
    "HEAD",
    "HELLO",
    "PROBE",
    "abort_frame",
    "decode_head",
    "decode_hello",
    "encode_request",
    "head_frame",
    "hello_frame",
    "receive_request",
    "send_all",
]

REQUEST: Final = struct.Struct("!II")
"""Lengths of a request's header and body."""

FRAME: Final = struct.Struct("!BI")
"""Type and payload length of a worker's frame."""

HELLO: Final = ord("W")
HEAD: Final = ord("H")
BLOCK: Final = ord("B")
END: Final = ord("E")
ABORT: Final = ord("X")

END_FRAME: Final = FRAME.pack(END, 0)

PROBE: Final = REQUEST.pack(0, 0)
"""A request for nothing: is somebody at the other end?"""

_RECEIVE: Final = 64 << 10
"""Most requests come whole with one read of this size."""


def encode_request(request: Request, timeout: float) -> bytes:
    """The request without its body, which follows on the lane."""
    credential, peer = request.credential, request.peer
    fields = (
        request.operation,
        request.params,
        request.query,
        request.content_type,
        request.media,
        (credential.kind, credential.token, credential.user_name, credential.uid),
        (peer.family, peer.source, peer.uid, peer.gid, peer.mode),
        timeout,
        request.id,
        request.has,
        request.keeps,
    )
    try:
        header = orjson.dumps(fields)
    except TypeError:
        # Bytes of a client's header that are not UTF-8 are lone surrogates here.
        import json

        header = json.dumps(fields, default=dict).encode()
    return REQUEST.pack(len(header), len(request.body)) + header


def _decode_request(header: Block, body: Block) -> Request:
    try:
        fields = orjson.loads(header)
    except orjson.JSONDecodeError:
        import json

        fields = json.loads(bytes(header))
    operation, params, query, content_type, media, credential, peer, *others = fields
    return Request(
        operation,
        params,
        query,
        content_type,
        media,
        body,
        Credential(*credential),
        Peer(*peer),
        *others,
    )


def receive_request(lane: socket.socket) -> Request | None:
    """The next request; None when the front end has closed the lane. Probes are answered here.

    Raises ConnectionError when the lane ends within a request.
    """
    data = lane.recv(_RECEIVE)
    while data == PROBE:
        lane.sendall(head_frame(Head(HTTPStatus.NO_CONTENT, None, 0)))
        data = lane.recv(_RECEIVE)
    if not data:
        return None
    while len(data) < REQUEST.size:
        data += _received(lane.recv(_RECEIVE))
    header_length, body_length = REQUEST.unpack_from(data)
    begin = REQUEST.size + header_length
    size = begin + body_length
    whole = data if len(data) == size else _receive_rest(lane, data, size)
    return _decode_request(whole[REQUEST.size : begin], whole[begin:])


def _receive_rest(lane: socket.socket, data: bytes, size: int) -> memoryview:
    if len(data) > size:
        raise ConnectionError("a second request before the answer to the first")
    whole = memoryview(bytearray(size))
    filled = len(data)
    whole[:filled] = data
    while filled < size:
        got = lane.recv_into(whole[filled:])
        if got == 0:
            raise ConnectionError("the lane ended within a request")
        filled += got
    return whole


def _received(data: bytes) -> bytes:
    if not data:
        raise ConnectionError("the lane ended within a request")
    return data


def head_frame(head: Head) -> bytes:
    payload = orjson.dumps(tuple(head))
    return FRAME.pack(HEAD, len(payload)) + payload


def decode_head(payload: Block) -> Head:
    return Head(*orjson.loads(payload))


def hello_frame(hello: Hello) -> bytes:
    payload = orjson.dumps(astuple(hello))
    return FRAME.pack(HELLO, len(payload)) + payload


def decode_hello(payload: Block) -> Hello:
    return Hello(*orjson.loads(payload))


def abort_frame(text: str) -> bytes:
    payload = text.encode(errors="replace")
    return FRAME.pack(ABORT, len(payload)) + payload


def send_all(lane: socket.socket, parts: list[Block]) -> None:
    """Send all parts, with one system call where the socket takes them at once."""
    sent = lane.sendmsg(parts)
    for part in parts:
        if sent >= len(part):
            sent -= len(part)
        else:
            lane.sendall(part[sent:] if sent else part)
            sent = 0
